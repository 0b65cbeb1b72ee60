// a detail of another error code, and an error code that does not exist
import { isWorkspaceError } from 'tenantry';

const error: unknown = undefined;

if (isWorkspaceError(error, 'USERNAME_TAKEN')) void error.details.name;
// Property 'name' does not exist on type '{ readonly username: string; }'.

if (isWorkspaceError(error, 'USERNAME_TAKE')) void error;
// Argument of type '"USERNAME_TAKE"' is not assignable to parameter of type 'keyof ErrorDetails | undefined'.

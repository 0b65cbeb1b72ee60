// The errors of SCIM (RFC 7644, section 3.12).
import { isWorkspaceError } from 'tenantry';

export class ScimError extends Error {
  constructor(
    readonly status: 400 | 401 | 404 | 409 | 500 | 503,
    detail: string,
    readonly scimType?: 'uniqueness' | 'invalidFilter' | 'invalidPath' | 'invalidSyntax' | 'invalidValue',
  ) {
    super(detail);
  }
}

/** Any error as one that the directory understands. A directory repeats a request after 409 and 503. */
export function scimErrorOf(error: unknown): ScimError {
  if (error instanceof ScimError) return error;
  if (!isWorkspaceError(error)) return new ScimError(500, 'internal error');
  switch (error.code) {
    case 'USERNAME_TAKEN':
      return new ScimError(409, error.message, 'uniqueness');
    case 'INVALID_INPUT':
      return new ScimError(400, error.message, 'invalidValue');
    case 'CONFLICT':
    case 'UNAVAILABLE':
      return new ScimError(503, error.message);
    case 'ACCOUNT_NOT_FOUND':
      return new ScimError(404, error.message);
    default:
      return new ScimError(409, error.message);
  }
}

export function errorBody({ status, message, scimType }: ScimError) {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  return { schemas, status: String(status), detail: message, ...(scimType && { scimType }) };
}

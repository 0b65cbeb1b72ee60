// an option of the service that is missing or misspelled
import { WorkspaceService } from 'tenantry';
import { memoryStorage } from 'tenantry/memory';
import { testTokens } from 'tenantry/testing';

const [storage, tokens] = [memoryStorage(), testTokens];

new WorkspaceService({ storage });
// Type '{ storage: MemoryStorage; }' is missing the following properties from type 'WorkspaceServiceOptions<"owner" | "manager" | "developer", CorePermission>': tokens, permissions

new WorkspaceService({ storage, tokens });
// Property 'permissions' is missing in type '{ storage: MemoryStorage; tokens: TokenOptions; }' but required in type 'WorkspaceServiceOptions<"owner" | "manager" | "developer", CorePermission>'.

new WorkspaceService<'owner' | 'editor', 'workspace:view'>({ storage, tokens });
// Property 'permissions' is missing in type '{ storage: MemoryStorage; tokens: TokenOptions; }' but required in type 'WorkspaceServiceOptions<"owner" | "editor", "workspace:view">'.

new WorkspaceService({ storage, token: testTokens });
// Object literal may only specify known properties, but 'token' does not exist in type 'WorkspaceServiceOptions<"owner" | "manager" | "developer", CorePermission>'. Did you mean to write 'tokens'?

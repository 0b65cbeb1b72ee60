// no mistake: code for services of every matrix
import {
  corePermissions,
  defaultMatrix,
  definePermissionMatrix,
  WorkspaceService,
  type AnyWorkspaceService,
  type PermissionMatrix,
  type StorageAdapter,
  type WorkspaceServiceOptions,
} from 'tenantry';
import { memoryStorage } from 'tenantry/memory';
import { testTokens } from 'tenantry/testing';

type Factory = <Role extends string, Permission extends string>(
  permissions: PermissionMatrix<Role, Permission>,
  storage: StorageAdapter,
) => WorkspaceService<Role, Permission>;
const create: Factory = (permissions, storage) =>
  new WorkspaceService({ storage, tokens: testTokens, permissions });

/** A factory that passes its options on. */
function pass<Role extends string, Permission extends string>(
  options: WorkspaceServiceOptions<Role, Permission>,
): WorkspaceService<Role, Permission> {
  return new WorkspaceService(options);
}

class Subclass extends WorkspaceService {}

const [storage, tokens] = [memoryStorage(), testTokens];
const permissions = definePermissionMatrix({
  permissions: ['db:create'],
  roles: {
    owner: { permissions: [...corePermissions, 'db:create'], grants: ['editor'] },
    editor: { permissions: ['workspace:view'], grants: [] },
  },
});

const greet = (service: AnyWorkspaceService): readonly string[] => service.permissions.roles;
greet(new Subclass({ storage, tokens, permissions: defaultMatrix }));
greet(create(defaultMatrix, storage));
greet(pass({ storage, tokens, permissions }));

// the roles are those of the matrix
pass({ storage, tokens, permissions }).permissions.roles satisfies readonly ('owner' | 'editor')[];

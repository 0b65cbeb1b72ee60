// a matrix without an owner, or with names that it does not define
import { corePermissions, defaultMatrix, definePermissionMatrix, extendMatrix } from 'tenantry';

definePermissionMatrix({ roles: { editor: { permissions: ['workspace:view'], grants: [] } } });
// Property 'owner' is missing in type '{ editor: { permissions: ["workspace:view"]; grants: []; }; }' but required in type '{ readonly owner: ValidRole<unknown, "editor", CorePermission>; readonly editor: ValidRole<{ readonly permissions: readonly ["workspace:view"]; readonly grants: readonly []; }, "editor", CorePermission>; }'.

definePermissionMatrix({
  roles: {
    owner: { permissions: ['workspace:view'], grants: [] },
  },
});
// Type '"workspace:view"' is not assignable to type '"the owner must hold all corePermissions"'.

definePermissionMatrix({
  roles: {
    owner: { permissions: corePermissions, grants: ['viewer'] },
    editor: { permissions: ['db:create'], grants: ['owner'] },
  },
});
// Type '"viewer"' is not assignable to type '"'viewer' is not in the grantable roles of the matrix"'.
// Type '"db:create"' is not assignable to type '"'db:create' is not in the permissions of the matrix"'.
// Type '"owner"' is not assignable to type '"'owner' is not in the grantable roles of the matrix"'.

extendMatrix(defaultMatrix, { roles: { manager: { permissions: ['workspace:veiw'] } } });
// Type '"workspace:veiw"' is not assignable to type '"'workspace:veiw' is not in the permissions of the matrix"'.

extendMatrix(defaultMatrix, { roles: { managr: { permissions: ['workspace:view'] } } });
// Property 'grants' is missing in type '{ permissions: ["workspace:view"]; }' but required in type 'ValidRole<{ readonly permissions: readonly ["workspace:view"]; }, "owner" | "manager" | "developer" | "managr", CorePermission>'.

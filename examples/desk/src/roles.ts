// Names and descriptions of the roles.
import type { CorePermission, PermissionMatrix, DefaultRole } from 'tenantry';

export type Role = DefaultRole;
export type Permissions = PermissionMatrix<DefaultRole, CorePermission>;

interface Description {
  readonly title: string;
  /** Completes "A developer …". */
  readonly can: string;
}

export const roles: Readonly<Record<Role, Description>> = {
  owner: {
    title: 'Owner',
    can: 'can do everything, and can invite managers and developers',
  },
  manager: {
    title: 'Manager',
    can: 'can view, create and change everything in the workspace, and invite developers',
  },
  developer: {
    title: 'Developer',
    can: 'can view members and resources',
  },
};

// What the roles are called and may do.
import type { CorePermission, PermissionMatrix, SealosRole } from 'tenantry';

export type Role = SealosRole;
export type Permissions = PermissionMatrix<SealosRole, CorePermission>;

interface Description {
  readonly title: string;
  readonly may: string;
}

export const roles: Readonly<Record<Role, Description>> = {
  owner: {
    title: 'Owner',
    may: 'may do everything, and invites managers and developers',
  },
  manager: {
    title: 'Manager',
    may: 'may see, create and change everything in it, and invite developers',
  },
  developer: {
    title: 'Developer',
    may: 'may see who is in it and how its resources are, and change nothing',
  },
};

// What the roles are called and may do, and which of them somebody may give.
import type { CorePermission, GrantableRole, PermissionMatrix, SealosRole } from 'tenantry';

export type Role = SealosRole;
export type GivenRole = GrantableRole<SealosRole>;
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

/** The roles that a member of `role` may give, take back and remove members of. */
export function grantableBy(permissions: Permissions, role: Role): readonly GivenRole[] {
  return permissions.grantsOf(role).filter(isGiven);
}

/** A role that stands in a form, where it is one that can be given at all. */
export function givenRole(permissions: Permissions, text: string): GivenRole | null {
  return permissions.hasRole(text) && isGiven(text) ? text : null;
}

function isGiven(role: Role): role is GivenRole {
  return role !== 'owner';
}

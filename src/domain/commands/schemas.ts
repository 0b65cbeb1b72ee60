// The input schema of every method, by its name: the one source that hosts validate HTTP bodies and make OpenAPI from.
import * as z from 'zod/mini';
import type { PermissionMatrix } from '../permissions.js';
import { openAccountInput, renameAccountInput, switchWorkspaceInput } from './account.js';
import { inviteMemberInput, inviteMemberInputOf, namedInvitationInput } from './invitation.js';
import { changeRoleInput, changeRoleInputOf, leaveWorkspaceInput, removeMemberInput } from './member.js';
import {
  listAccountEventsInput,
  listEventsInput,
  listInvitationsInput,
  pageInput,
  permissionInput,
  permissionInputOf,
  tokenInput,
  verifySessionInput,
  workspaceInput,
  workspacePageInput,
} from './queries.js';
import { reservationInput, reserveQuotaInput, setQuotaInput } from './quota.js';
import {
  createWorkspaceInput,
  deleteWorkspaceInput,
  renameWorkspaceInput,
  transferOwnershipInput,
  transferOwnershipInputOf,
} from './workspace.js';

/**
 * The zod schema of every method's input object, by the method's name.
 *
 * @example
 * ```ts
 * import { commandSchemas } from 'tenantry';
 *
 * commandSchemas.createWorkspace.safeParse({ name: 'hello', ownerId: 'me' }).success; // false: an unknown key
 * ```
 */
export const commandSchemas = Object.freeze({
  openAccount: openAccountInput,
  renameAccount: renameAccountInput,
  createWorkspace: createWorkspaceInput,
  renameWorkspace: renameWorkspaceInput,
  deleteWorkspace: deleteWorkspaceInput,
  transferOwnership: transferOwnershipInput,
  inviteMember: inviteMemberInput,
  reissueInvitation: namedInvitationInput,
  revokeInvitation: namedInvitationInput,
  previewInvitation: tokenInput,
  acceptInvitation: tokenInput,
  declineInvitation: tokenInput,
  changeRole: changeRoleInput,
  removeMember: removeMemberInput,
  leaveWorkspace: leaveWorkspaceInput,
  switchWorkspace: switchWorkspaceInput,
  verifySession: verifySessionInput,
  getWorkspace: workspaceInput,
  getMembership: workspaceInput,
  listWorkspaces: pageInput,
  listMembers: workspacePageInput,
  listInvitations: listInvitationsInput,
  listEvents: listEventsInput,
  listAccountEvents: listAccountEventsInput,
  can: permissionInput,
  authorize: permissionInput,
  explain: permissionInput,
  setQuota: setQuotaInput,
  getQuota: workspaceInput,
  reserveQuota: reserveQuotaInput,
  commitQuota: reservationInput,
  releaseQuota: reservationInput,
  withQuota: reserveQuotaInput,
});

/** The name of a method that takes an input object. */
export type MethodName = keyof typeof commandSchemas;

/**
 * {@link commandSchemas} for one matrix: a role is one of those that can be given, a permission one of those that there
 * are, as types and in JSON Schema. So a host that checks its HTTP bodies first has typed input for the methods, and
 * tells a typo from a "no".
 *
 * @example
 * ```ts
 * import { schemasFor, sealosMatrix } from 'tenantry';
 *
 * const { changeRole } = schemasFor(sealosMatrix);
 * const body = { workspaceId: 'ws-1', userId: 'u2', role: 'manger' };
 * changeRole.safeParse(body).success; // false: 'manager' or 'developer'
 * ```
 */
export function schemasFor<Role extends string, Permission extends string>(
  matrix: PermissionMatrix<Role, Permission>,
) {
  const grantable = oneOf(matrix.roles.filter((role) => matrix.isGrantable(role)));
  const permission = permissionInputOf(oneOf(matrix.permissions));
  return Object.freeze({
    ...commandSchemas,
    inviteMember: inviteMemberInputOf(grantable),
    changeRole: changeRoleInputOf(grantable),
    transferOwnership: transferOwnershipInputOf(grantable),
    can: permission,
    authorize: permission,
    explain: permission,
  });
}

/** What {@link schemasFor} makes. */
export type MatrixSchemas<Role extends string, Permission extends string> = ReturnType<
  typeof schemasFor<Role, Permission>
>;

function oneOf<Name extends string>(names: readonly Name[]): z.ZodMiniType<Name, Name> {
  // an owner alone has nobody to give a role to
  return names.length === 0 ? z.never() : z.literal([...names]);
}

// The input schema of every method, by its name: the one source that hosts validate HTTP bodies and make OpenAPI from.
import { openAccountInput, renameAccountInput, switchWorkspaceInput } from './account.js';
import { inviteMemberInput, reissueInvitationInput, revokeInvitationInput } from './invitation.js';
import { changeRoleInput, leaveWorkspaceInput, removeMemberInput } from './member.js';
import {
  accountPageInput,
  listInvitationsInput,
  pageInput,
  permissionInput,
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
  reissueInvitation: reissueInvitationInput,
  revokeInvitation: revokeInvitationInput,
  previewInvitation: tokenInput,
  acceptInvitation: tokenInput,
  declineInvitation: tokenInput,
  changeRole: changeRoleInput,
  removeMember: removeMemberInput,
  leaveWorkspace: leaveWorkspaceInput,
  switchWorkspace: switchWorkspaceInput,
  verifySession: verifySessionInput,
  getWorkspace: workspaceInput,
  listWorkspaces: pageInput,
  listMembers: workspacePageInput,
  listInvitations: listInvitationsInput,
  listEvents: workspacePageInput,
  listAccountEvents: accountPageInput,
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

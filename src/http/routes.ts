// One route for every method: its verb and path, what it takes, who may ask, what it answers and refuses. Requests are
// served from this table, and OpenAPI is printed from it.
import * as z from 'zod/mini';
import { isOperator } from '../domain/actor.js';
import { schemasFor } from '../domain/commands/schemas.js';
import { WorkspaceError } from '../errors.js';
import type { WorkspaceService } from '../service/workspace-service.js';
import { byActor, byAnyone, byOperator, byUser, type Routes } from './route.js';

const nothing = z.strictObject({});

const reading = ['UNAVAILABLE'] as const;
const writing = ['CONFLICT', 'UNAVAILABLE', 'VETOED'] as const;
const inWorkspace = ['WORKSPACE_NOT_FOUND', 'PERMISSION_DENIED'] as const;
const inTeam = [...inWorkspace, 'PERSONAL_WORKSPACE'] as const;
const answeringInvitation = [
  'INVITATION_INVALID',
  'INVITATION_USED',
  'INVITATION_REVOKED',
  'INVITATION_EXPIRED',
  'INVITATION_RECIPIENT_MISMATCH',
  'RECIPIENT_NOT_VERIFIED',
  'ACCOUNT_NOT_FOUND',
  'ALREADY_MEMBER',
  'PERSONAL_WORKSPACE',
] as const;

export function routesOf<Role extends string, Permission extends string>(
  workspaces: WorkspaceService<Role, Permission>,
): Routes {
  const schemas = schemasFor(workspaces.permissions);
  return {
    openAccount: byActor(
      schemas.openAccount,
      async (actor, input) => {
        // As `renameAccount` has it: to anyone else the account does not exist.
        if (!isOperator(actor) && actor.userId !== input.userId) {
          throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId: input.userId });
        }
        return workspaces.openAccount(input);
      },
      {
        verb: 'PUT',
        path: '/accounts/{userId}',
        summary: 'Open an account with its personal workspace; one that is open stays as it is',
        answer: 'OpenedAccount',
        refusals: [...writing, 'ACCOUNT_NOT_FOUND', 'ACCOUNT_EXISTS', 'USERNAME_TAKEN'],
      },
    ),
    renameAccount: byActor(schemas.renameAccount, (actor, input) => workspaces.renameAccount(actor, input), {
      verb: 'PATCH',
      path: '/accounts/{userId}',
      summary: 'Rename an account, and with it the personal workspace',
      answer: 'Account',
      refusals: [...writing, 'ACCOUNT_NOT_FOUND', 'USERNAME_TAKEN', 'NAME_TAKEN'],
    }),
    listAccountEvents: byActor(
      schemas.listAccountEvents,
      (actor, input) => workspaces.listAccountEvents(actor, input),
      {
        verb: 'GET',
        path: '/accounts/{userId}/events',
        summary: 'What happened to an account, in either order',
        answer: 'AccountEventPage',
        refusals: [...reading, 'ACCOUNT_NOT_FOUND'],
      },
    ),

    listWorkspaces: byUser(
      schemas.listWorkspaces,
      (actor, input) => workspaces.listWorkspaces(actor, input),
      {
        verb: 'GET',
        path: '/workspaces',
        summary: 'The workspaces of the caller, with the role in each',
        answer: 'MembershipPage',
        refusals: [...reading, 'ACCOUNT_NOT_FOUND'],
      },
    ),
    createWorkspace: byUser(
      schemas.createWorkspace,
      (actor, input) => workspaces.createWorkspace(actor, input),
      {
        verb: 'POST',
        path: '/workspaces',
        summary: 'Create a team workspace; with an id of the caller’s own, trying again is safe',
        answer: 'Workspace',
        status: 201,
        refusals: [...writing, 'ACCOUNT_NOT_FOUND', 'NAME_TAKEN', 'ID_TAKEN', 'LIMIT_EXCEEDED'],
      },
    ),
    activeWorkspace: byUser(nothing, (actor) => workspaces.activeWorkspace(actor), {
      verb: 'GET',
      path: '/active-workspace',
      summary: 'The workspace last switched to, or the personal one where that is gone',
      answer: 'ActiveWorkspace',
      refusals: [...reading, 'ACCOUNT_NOT_FOUND'],
    }),
    getWorkspace: byActor(schemas.getWorkspace, (actor, input) => workspaces.getWorkspace(actor, input), {
      verb: 'GET',
      path: '/workspaces/{workspaceId}',
      summary: 'One workspace',
      answer: 'Workspace',
      refusals: [...reading, ...inWorkspace],
    }),
    getMembership: byUser(schemas.getMembership, (actor, input) => workspaces.getMembership(actor, input), {
      verb: 'GET',
      path: '/workspaces/{workspaceId}/membership',
      summary: 'One workspace with the caller’s role in it',
      answer: 'Membership',
      refusals: [...reading, ...inWorkspace],
    }),
    renameWorkspace: byActor(
      schemas.renameWorkspace,
      (actor, input) => workspaces.renameWorkspace(actor, input),
      {
        verb: 'PATCH',
        path: '/workspaces/{workspaceId}',
        summary: 'Rename a team workspace',
        answer: 'Workspace',
        refusals: [...writing, ...inTeam, 'NAME_TAKEN'],
      },
    ),
    deleteWorkspace: byActor(
      schemas.deleteWorkspace,
      (actor, input) => workspaces.deleteWorkspace(actor, input),
      {
        verb: 'DELETE',
        path: '/workspaces/{workspaceId}',
        summary: 'Delete a team workspace with its members, invitations and quota',
        answer: null,
        refusals: [...writing, ...inTeam, 'CONFIRMATION_MISMATCH'],
      },
    ),
    transferOwnership: byActor(
      schemas.transferOwnership,
      (actor, input) => workspaces.transferOwnership(actor, input),
      {
        verb: 'POST',
        path: '/workspaces/{workspaceId}/transfer',
        summary: 'Make another member the owner',
        answer: 'Workspace',
        refusals: [...writing, ...inTeam, 'MEMBER_NOT_FOUND', 'LIMIT_EXCEEDED', 'NAME_TAKEN'],
      },
    ),
    switchWorkspace: byUser(
      schemas.switchWorkspace,
      (actor, input) => workspaces.switchWorkspace(actor, input),
      {
        verb: 'POST',
        path: '/workspaces/{workspaceId}/switch',
        summary: 'Make a workspace the active one, and get a session token',
        answer: 'Session',
        refusals: [...writing, 'WORKSPACE_NOT_FOUND'],
      },
    ),
    listEvents: byActor(schemas.listEvents, (actor, input) => workspaces.listEvents(actor, input), {
      verb: 'GET',
      path: '/workspaces/{workspaceId}/events',
      summary: 'What happened in a workspace, in either order',
      answer: 'WorkspaceEventPage',
      refusals: [...reading, ...inWorkspace],
    }),

    listMembers: byActor(schemas.listMembers, (actor, input) => workspaces.listMembers(actor, input), {
      verb: 'GET',
      path: '/workspaces/{workspaceId}/members',
      summary: 'The members, in the order of joining',
      answer: 'MemberPage',
      refusals: [...reading, ...inWorkspace],
    }),
    changeRole: byActor(schemas.changeRole, (actor, input) => workspaces.changeRole(actor, input), {
      verb: 'PATCH',
      path: '/workspaces/{workspaceId}/members/{userId}',
      summary: 'Give a member another role',
      answer: 'Member',
      refusals: [...writing, ...inTeam, 'MEMBER_NOT_FOUND', 'OWNER_REQUIRED'],
    }),
    removeMember: byActor(schemas.removeMember, (actor, input) => workspaces.removeMember(actor, input), {
      verb: 'DELETE',
      path: '/workspaces/{workspaceId}/members/{userId}',
      summary: 'Remove a member, at once and everywhere',
      answer: null,
      refusals: [...writing, ...inTeam, 'MEMBER_NOT_FOUND', 'OWNER_REQUIRED'],
    }),
    leaveWorkspace: byUser(
      schemas.leaveWorkspace,
      (actor, input) => workspaces.leaveWorkspace(actor, input),
      {
        verb: 'POST',
        path: '/workspaces/{workspaceId}/leave',
        summary: 'Leave a workspace',
        answer: null,
        refusals: [...writing, 'WORKSPACE_NOT_FOUND', 'PERSONAL_WORKSPACE', 'OWNER_REQUIRED'],
      },
    ),

    listInvitations: byActor(
      schemas.listInvitations,
      (actor, input) => workspaces.listInvitations(actor, input),
      {
        verb: 'GET',
        path: '/workspaces/{workspaceId}/invitations',
        summary: 'The invitations, without anything that could open them',
        answer: 'InvitationPage',
        refusals: [...reading, ...inWorkspace],
      },
    ),
    inviteMember: byActor(schemas.inviteMember, (actor, input) => workspaces.inviteMember(actor, input), {
      verb: 'POST',
      path: '/workspaces/{workspaceId}/invitations',
      summary: 'Make an invitation and its link: the only time that its token is shown',
      answer: 'IssuedInvitation',
      status: 201,
      refusals: [...writing, ...inTeam, 'ALREADY_MEMBER', 'ALREADY_INVITED', 'LIMIT_EXCEEDED'],
    }),
    reissueInvitation: byActor(
      schemas.reissueInvitation,
      (actor, input) => workspaces.reissueInvitation(actor, input),
      {
        verb: 'POST',
        path: '/workspaces/{workspaceId}/invitations/{invitationId}/reissue',
        summary: 'Make a new token for an open invitation; the old one is dead at once',
        answer: 'IssuedInvitation',
        refusals: [
          ...writing,
          ...inTeam,
          'INVITATION_NOT_FOUND',
          'INVITATION_USED',
          'INVITATION_REVOKED',
          'INVITATION_DECLINED',
          'INVITATION_EXPIRED',
        ],
      },
    ),
    revokeInvitation: byActor(
      schemas.revokeInvitation,
      (actor, input) => workspaces.revokeInvitation(actor, input),
      {
        verb: 'POST',
        path: '/workspaces/{workspaceId}/invitations/{invitationId}/revoke',
        summary: 'End an open invitation and free its seats',
        answer: 'Invitation',
        refusals: [...writing, ...inTeam, 'INVITATION_NOT_FOUND', 'INVITATION_USED'],
      },
    ),
    // Tokens stand in bodies: paths and queries land in logs and histories.
    previewInvitation: byAnyone(
      schemas.previewInvitation,
      (_, input) => workspaces.previewInvitation(input),
      {
        verb: 'POST',
        path: '/invitations/preview',
        summary: 'What anyone with an invitation’s token may see; changes nothing',
        answer: 'InvitationPreview',
        refusals: [...reading, 'INVITATION_INVALID'],
      },
    ),
    acceptInvitation: byUser(
      schemas.acceptInvitation,
      (actor, input) => workspaces.acceptInvitation(actor, input),
      {
        verb: 'POST',
        path: '/invitations/accept',
        summary: 'Join the workspace of an invitation',
        answer: 'Membership',
        refusals: [...writing, ...answeringInvitation, 'INVITATION_DECLINED', 'LIMIT_EXCEEDED'],
      },
    ),
    declineInvitation: byUser(
      schemas.declineInvitation,
      (actor, input) => workspaces.declineInvitation(actor, input),
      {
        verb: 'POST',
        path: '/invitations/decline',
        summary: 'Say no to an invitation, which ends it where it is for one person',
        answer: null,
        refusals: [...writing, ...answeringInvitation],
      },
    ),

    verifySession: byAnyone(schemas.verifySession, (_, input) => workspaces.verifySession(input), {
      verb: 'POST',
      path: '/sessions/verify',
      summary: 'What a session token proves',
      answer: 'VerifiedSession',
      refusals: [...reading, 'SESSION_INVALID', 'SESSION_EXPIRED', 'SESSION_STALE'],
    }),
    can: byActor(schemas.can, async (actor, input) => ({ allowed: await workspaces.can(actor, input) }), {
      verb: 'GET',
      path: '/workspaces/{workspaceId}/can',
      summary: 'Whether the caller may',
      answer: 'Answer',
      refusals: reading,
    }),
    authorize: byActor(
      schemas.authorize,
      async (actor, input) => ({ member: await workspaces.authorize(actor, input) }),
      {
        verb: 'GET',
        path: '/workspaces/{workspaceId}/authorize',
        summary: 'The caller’s membership, when the caller may; null for an operator, who has none',
        answer: 'Authorization',
        refusals: [...reading, ...inWorkspace],
      },
    ),
    explain: byActor(schemas.explain, (actor, input) => workspaces.explain(actor, input), {
      verb: 'GET',
      path: '/workspaces/{workspaceId}/explain',
      summary: 'Whether the caller may, with the reason that decided',
      answer: 'Explanation',
      refusals: reading,
    }),

    getQuota: byActor(schemas.getQuota, (actor, input) => workspaces.getQuota(actor, input), {
      verb: 'GET',
      path: '/workspaces/{workspaceId}/quota',
      summary: 'What a workspace is limited to, uses and has reserved',
      answer: 'QuotaReport',
      refusals: [...reading, ...inWorkspace],
    }),
    setQuota: byOperator(schemas.setQuota, (actor, input) => workspaces.setQuota(actor, input), {
      verb: 'PATCH',
      path: '/workspaces/{workspaceId}/quota',
      summary: 'Set what a workspace is limited to; resources not named keep their limits',
      answer: 'QuotaReport',
      refusals: [...writing, 'WORKSPACE_NOT_FOUND'],
    }),
    // A charge belongs to a thing that the host makes and takes down: who could release it by a request of their own would
    // have the thing for nothing.
    reserveQuota: byOperator(schemas.reserveQuota, (actor, input) => workspaces.reserveQuota(actor, input), {
      verb: 'PUT',
      path: '/workspaces/{workspaceId}/reservations/{reservationId}',
      summary: 'Hold amounts until they are committed, released or expire',
      answer: 'Reservation',
      refusals: [...writing, 'WORKSPACE_NOT_FOUND', 'QUOTA_EXCEEDED', 'RESERVATION_MISMATCH'],
    }),
    commitQuota: byOperator(schemas.commitQuota, (actor, input) => workspaces.commitQuota(actor, input), {
      verb: 'POST',
      path: '/workspaces/{workspaceId}/reservations/{reservationId}/commit',
      summary: 'Make what is held used',
      answer: 'Reservation',
      refusals: [...writing, 'WORKSPACE_NOT_FOUND', 'RESERVATION_NOT_FOUND', 'RESERVATION_EXPIRED'],
    }),
    releaseQuota: byOperator(schemas.releaseQuota, (actor, input) => workspaces.releaseQuota(actor, input), {
      verb: 'DELETE',
      path: '/workspaces/{workspaceId}/reservations/{reservationId}',
      summary: 'Give back what is held or used',
      answer: null,
      refusals: [...writing, 'WORKSPACE_NOT_FOUND'],
    }),
  };
}

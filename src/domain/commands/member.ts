// Changing a role, removing a member, leaving.
import * as z from 'zod/mini';
import { isOperator, type UserActor } from '../actor.js';
import {
  admitMember,
  admitToTeam,
  mayActOn,
  mayGrant,
  nothingToDo,
  selfOf,
  type CommandSpec,
} from '../decision.js';
import { cellNameSchema, opaqueIdSchema, workspaceIdSchema } from '../ids.js';
import { refuse } from '../refusals.js';
import { revocations } from './invitation.js';

/** With the roles that the schema of a role takes. */
export function changeRoleInputOf<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z.strictObject({ workspaceId: workspaceIdSchema, userId: opaqueIdSchema, role });
}

export const changeRoleInput = changeRoleInputOf(cellNameSchema);

export type ChangeRole = z.output<typeof changeRoleInput>;

export const changeRole: CommandSpec<ChangeRole> = {
  slice: ({ workspaceId, userId }, { actor }) => ({
    workspaceId,
    members: [...selfOf(actor), userId],
    issuedBy: userId,
  }),
  decide(snapshot, { workspaceId, userId, role }, facts) {
    const permission = 'member:change-role';
    const admitted = admitToTeam(snapshot, workspaceId, facts, permission, 'change-role');
    if (!admitted.ok) return admitted;
    const member = snapshot.members.get(userId);
    if (member === undefined) return refuse('MEMBER_NOT_FOUND', { workspaceId, userId });
    const denied = (grant: string) => refuse('PERMISSION_DENIED', { permission, role: admitted.role, grant });
    if (!mayGrant(facts.matrix, admitted.role, role)) return denied(role);
    if (userId === admitted.workspace.ownerId) return refuse('OWNER_REQUIRED', { workspaceId, userId });
    if (!mayActOn(facts.matrix, admitted.role, member.role)) return denied(member.role);
    if (member.role === role) return nothingToDo;
    return {
      ok: true,
      events: [
        { type: 'member.role-changed', workspaceId, data: { userId, from: member.role, to: role } },
        ...revocations(snapshot, facts, userId, { role, reason: 'issuer-lost-right' }),
      ],
    };
  },
};

export const removeMemberInput = z.strictObject({ workspaceId: workspaceIdSchema, userId: opaqueIdSchema });

export type RemoveMember = z.output<typeof removeMemberInput>;

export const removeMember: CommandSpec<RemoveMember> = {
  slice: ({ workspaceId, userId }, { actor }) => ({
    workspaceId,
    members: [...selfOf(actor), userId],
    issuedBy: userId,
  }),
  decide(snapshot, { workspaceId, userId }, facts) {
    const { actor, matrix } = facts;
    if (!isOperator(actor) && actor.userId === userId) {
      return leaveWorkspace.decide(snapshot, { workspaceId }, { ...facts, actor });
    }
    const permission = 'member:remove';
    const admitted = admitToTeam(snapshot, workspaceId, facts, permission, 'remove-member');
    if (!admitted.ok) return admitted;
    const member = snapshot.members.get(userId);
    if (member === undefined) return refuse('MEMBER_NOT_FOUND', { workspaceId, userId });
    if (userId === admitted.workspace.ownerId) return refuse('OWNER_REQUIRED', { workspaceId, userId });
    if (!mayActOn(matrix, admitted.role, member.role)) {
      return refuse('PERMISSION_DENIED', { permission, role: admitted.role, grant: member.role });
    }
    return {
      ok: true,
      events: [
        { type: 'member.removed', workspaceId, data: { userId, role: member.role } },
        ...revocations(snapshot, facts, userId, { role: null, reason: 'issuer-removed' }),
      ],
    };
  },
};

export const leaveWorkspaceInput = z.strictObject({ workspaceId: workspaceIdSchema });

export type LeaveWorkspace = z.output<typeof leaveWorkspaceInput>;

export const leaveWorkspace: CommandSpec<LeaveWorkspace, UserActor> = {
  slice: ({ workspaceId }, { actor }) => ({
    workspaceId,
    members: [actor.userId],
    issuedBy: actor.userId,
  }),
  decide(snapshot, { workspaceId }, facts) {
    const { userId } = facts.actor;
    const admitted = admitMember(snapshot, workspaceId, facts.actor);
    if (!admitted.ok) return admitted;
    if (admitted.workspace.kind === 'personal') {
      return refuse('PERSONAL_WORKSPACE', { workspaceId, operation: 'leave' });
    }
    if (userId === admitted.workspace.ownerId) return refuse('OWNER_REQUIRED', { workspaceId, userId });
    return {
      ok: true,
      events: [
        { type: 'member.left', workspaceId, data: { userId, role: admitted.role } },
        ...revocations(snapshot, facts, userId, { role: null, reason: 'issuer-left' }),
      ],
    };
  },
};

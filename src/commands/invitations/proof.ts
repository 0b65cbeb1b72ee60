// Which invitation a caller answers: what a verified token proves, or an id names, compared with the record.
import * as z from 'zod/mini';
import type { UserActor } from '../../core/actor.js';
import type { DecisionContext } from '../../core/decision.js';
import {
  isFor,
  type AnsweredInvitation,
  type InvitationProof,
  type InvitationRecord,
} from '../../core/invitation.js';
import { invitationIdSchema, workspaceIdSchema } from '../../core/ids.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse, type Refused } from '../../core/refusals.js';
import type { WorkspaceRecord } from '../../core/workspace.js';

/** Tokens have about 400 characters. Longer strings are rejected without being decoded. */
export const tokenSchema = z.string().check(z.maxLength(4096));

export const tokenInput = z.strictObject({ token: tokenSchema });

/** A token, or the ids of an invitation for the caller. One object, not a union, so that every field has its own message. */
export const answerInput = z
  .strictObject({
    token: z.optional(tokenSchema),
    workspaceId: z.optional(workspaceIdSchema),
    invitationId: z.optional(invitationIdSchema),
  })
  .check(({ value: { token, ...ids }, issues }) => {
    const { workspaceId, invitationId } = ids;
    const report = (field: string, message: string): void => {
      issues.push({ code: 'custom', input: ids, path: [field], message });
    };
    if (issues.length > 0) return;
    if (token !== undefined) {
      if (workspaceId !== undefined) report('workspaceId', 'must be left out next to a token');
      if (invitationId !== undefined) report('invitationId', 'must be left out next to a token');
    } else if (workspaceId === undefined && invitationId === undefined) {
      report('token', 'must be given, or a workspaceId and an invitationId');
    } else if (workspaceId === undefined) {
      report('workspaceId', 'must be given with an invitationId');
    } else if (invitationId === undefined) {
      report('invitationId', 'must be given with a workspaceId');
    }
  });

/**
 * The workspace and the invitation, if the token matches the record, or the named invitation is for the user, and the user
 * has an account. Of an invitation that is not for the user, an id reveals nothing.
 */
export function matchInvitation(
  { workspace, invitation, accounts }: Snapshot,
  answered: AnsweredInvitation,
  { actor }: DecisionContext<UserActor>,
):
  | { readonly ok: true; readonly workspace: WorkspaceRecord; readonly invitation: InvitationRecord }
  | Refused {
  if (workspace === null) return refuse('INVITATION_INVALID', {});
  const proof = 'secretHash' in answered ? answered : null;
  if (workspace.kind === 'personal' && proof !== null) {
    return refuse('PERSONAL_WORKSPACE', { workspaceId: workspace.id, operation: 'join' });
  }
  if (invitation === null) return refuse('INVITATION_INVALID', {});
  const isMatch = proof === null ? isFor(invitation.recipient, actor) : proves(proof, invitation);
  if (!isMatch) return refuse('INVITATION_INVALID', {});
  if (!accounts.has(actor.userId)) return refuse('ACCOUNT_NOT_FOUND', { userId: actor.userId });
  return { ok: true, workspace, invitation };
}

/** Whether the token is the last one issued for the record. */
export function proves(proof: InvitationProof, invitation: InvitationRecord): boolean {
  return (
    equalInConstantTime(proof.secretHash, invitation.secretHash) &&
    proof.workspaceId === invitation.workspaceId &&
    proof.expiresAt === invitation.expiresAt
  );
}

function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}

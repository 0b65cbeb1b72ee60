// What a verified invitation token proves, compared with the record.
import * as z from 'zod/mini';
import type { UserActor } from '../../core/actor.js';
import type { DecisionContext } from '../../core/decision.js';
import type { InvitationProof, InvitationRecord } from '../../core/invitation.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse, type Refused } from '../../core/refusals.js';
import type { WorkspaceRecord } from '../../core/workspace.js';

/** Tokens have about 400 characters. Longer strings are rejected without being decoded. */
export const tokenSchema = z.string().check(z.maxLength(4096));

export const tokenInput = z.strictObject({ token: tokenSchema });

/** The workspace and the invitation, if the token matches the record and the user has an account. */
export function matchProof(
  { workspace, invitation, accounts }: Snapshot,
  proof: InvitationProof,
  { actor }: DecisionContext<UserActor>,
):
  | { readonly ok: true; readonly workspace: WorkspaceRecord; readonly invitation: InvitationRecord }
  | Refused {
  if (workspace === null) return refuse('INVITATION_INVALID', {});
  if (workspace.kind === 'personal') {
    return refuse('PERSONAL_WORKSPACE', { workspaceId: workspace.id, operation: 'join' });
  }
  if (invitation === null || !proves(proof, invitation)) return refuse('INVITATION_INVALID', {});
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

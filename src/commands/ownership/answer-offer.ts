// The answers to an offer of the ownership: accept, decline, or withdraw by the owner.
import * as z from 'zod/mini';
import {
  authorizeHolder,
  authorizeMember,
  isInside,
  refusedSuspended,
  selfOf,
} from '../../core/authorization.js';
import { nothingToDo } from '../../core/decision.js';
import { workspaceIdSchema } from '../../core/ids.js';
import { refuse } from '../../core/refusals.js';
import { openOffer } from '../../core/workspace.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { workspaceErrors } from '../error-codes.js';
import { transferTo } from './transfer-ownership.js';

const input = z.strictObject({ workspaceId: workspaceIdSchema });

export const acceptOwnership = defineCommand({
  name: 'acceptOwnership',
  isNotOnBehalf: true,
  input,
  caller: 'user',
  errors: [
    'WORKSPACE_NOT_FOUND',
    'WORKSPACE_SUSPENDED',
    'OFFER_NOT_FOUND',
    'LIMIT_EXCEEDED',
    'NAME_TAKEN',
    'NOT_ON_BEHALF',
  ],
  read: ({ workspaceId }, { actor: { userId }, now }) => ({
    workspaceId,
    members: [userId],
    accounts: [userId],
    owner: true,
    issuedByOwner: true,
    issuedBy: [userId],
    expiredAt: now,
  }),
  queueKey: workspaceQueue,
  limitedBy: (snapshot, { workspaceId }, actor) =>
    isInside(snapshot, actor) ? { ownerId: actor.userId, workspaceId } : null,
  decide(snapshot, { workspaceId }, context) {
    const { userId } = context.actor;
    const authorized = authorizeMember(snapshot, workspaceId, context.actor);
    if (!authorized.ok) return authorized;
    const { workspace } = authorized;
    // A retry.
    if (workspace.ownerId === userId) return nothingToDo;
    const offer = openOffer(workspace, context.now);
    if (offer?.userId !== userId) return refuse('OFFER_NOT_FOUND', { workspaceId });
    return (
      refusedSuspended(workspace, context.matrix, 'workspace:transfer') ??
      transferTo(snapshot, context, { workspace, userId, role: offer.formerOwnerRole })
    );
  },
});

export const declineOwnership = defineCommand({
  name: 'declineOwnership',
  input,
  caller: 'user',
  errors: ['WORKSPACE_NOT_FOUND', 'OFFER_NOT_FOUND'],
  read: ({ workspaceId }, { actor: { userId } }) => ({ workspaceId, members: [userId] }),
  queueKey: workspaceQueue,
  decide(snapshot, { workspaceId }, { actor, now }) {
    const authorized = authorizeMember(snapshot, workspaceId, actor);
    if (!authorized.ok) return authorized;
    const offer = openOffer(authorized.workspace, now);
    if (offer === null) return nothingToDo;
    const { userId } = actor;
    if (offer.userId !== userId) return refuse('OFFER_NOT_FOUND', { workspaceId });
    return { ok: true, events: [{ type: 'ownership.declined', workspaceId, data: { userId } }] };
  },
});

export const withdrawOwnershipOffer = defineCommand({
  name: 'withdrawOwnershipOffer',
  input,
  caller: 'actor',
  errors: workspaceErrors,
  read: ({ workspaceId }, { actor }) => ({ workspaceId, members: selfOf(actor) }),
  queueKey: workspaceQueue,
  decide(snapshot, { workspaceId }, context) {
    const authorized = authorizeHolder(snapshot, workspaceId, context, 'workspace:transfer');
    if (!authorized.ok) return authorized;
    const offer = openOffer(authorized.workspace, context.now);
    if (offer === null) return nothingToDo;
    const { userId } = offer;
    return { ok: true, events: [{ type: 'ownership.withdrawn', workspaceId, data: { userId } }] };
  },
});

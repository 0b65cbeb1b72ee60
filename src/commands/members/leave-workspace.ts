// Ends the actor's own membership, and revokes the open invitations that the actor issued.
import * as z from 'zod/mini';
import type { UserActor } from '../../core/actor.js';
import { authorizeMember } from '../../core/authorization.js';
import type { Decision, DecisionContext } from '../../core/decision.js';
import { workspaceIdSchema, type WorkspaceId } from '../../core/ids.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { linksToClose } from '../invitations/open-links.js';
import { revocations } from '../invitations/revocations.js';
import { refusedManaged } from './managed.js';

export const leaveWorkspace = defineCommand({
  name: 'leaveWorkspace',
  input: z.strictObject({ workspaceId: workspaceIdSchema }),
  caller: 'user',
  errors: ['WORKSPACE_NOT_FOUND', 'PERSONAL_WORKSPACE', 'OWNER_REQUIRED', 'MEMBER_MANAGED'],
  read: ({ workspaceId }, { actor }) => ({
    workspaceId,
    members: [actor.userId],
    issuedBy: [actor.userId],
    departuresOf: [actor.userId],
  }),
  queueKey: workspaceQueue,
  decide: (snapshot, { workspaceId }, context) => leave(snapshot, context, { workspaceId }),
});

/** Also for a member who removes the own membership. */
export function leave(
  snapshot: Snapshot,
  context: DecisionContext<UserActor>,
  {
    workspaceId,
    closeLinks,
  }: { readonly workspaceId: WorkspaceId; readonly closeLinks?: boolean | undefined },
): Decision {
  const { userId } = context.actor;
  const authorized = authorizeMember(snapshot, workspaceId, context.actor);
  if (!authorized.ok) return authorized;
  const { workspace, member, role } = authorized;
  if (workspace.kind === 'personal') {
    return refuse('PERSONAL_WORKSPACE', { workspaceId, operation: 'leave' });
  }
  if (userId === workspace.ownerId) return refuse('OWNER_REQUIRED', { workspaceId, userId });
  const managed = refusedManaged(member, context.actor);
  if (managed) return managed;
  const closing = linksToClose(snapshot, context, { closeLinks, role, kept: null });
  if (!closing.ok) return closing;
  const { links } = closing;
  return {
    ok: true,
    events: [
      { type: 'member.left', workspaceId, data: { userId, role } },
      ...revocations(snapshot, context, userId, { role: null, reason: 'issuer-left', links }),
    ],
  };
}

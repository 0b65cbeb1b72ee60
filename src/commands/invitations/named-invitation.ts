// The input of the commands that name an invitation by its id, and what they read.
import * as z from 'zod/mini';
import type { Actor } from '../../core/actor.js';
import { selfOf } from '../../core/authorization.js';
import { invitationIdSchema, workspaceIdSchema } from '../../core/ids.js';
import type { ReadSet } from '../../core/read-set.js';

export const namedInvitationInput = z.strictObject({
  workspaceId: workspaceIdSchema,
  invitationId: invitationIdSchema,
});

export function readNamedInvitation(
  { workspaceId, invitationId }: z.output<typeof namedInvitationInput>,
  { actor }: { readonly actor: Actor },
): ReadSet {
  return { workspaceId, members: selfOf(actor), invitationId };
}

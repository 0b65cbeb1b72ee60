// Reissuing an invitation. One that has expired is read first: by its recipient is decided whether it can be opened again.
import type * as z from 'zod/mini';
import { commands } from '../commands/index.js';
import type { Actor } from '../core/actor.js';
import type { InvitationRecord, Recipient } from '../core/invitation.js';
import type { Snapshot } from '../core/read-set.js';
import { required } from '../core/values.js';
import { isWorkspaceError } from '../errors.js';
import type { ServiceContext } from './context.js';
import { enqueue, runHooks } from './execute.js';
import { prepareReissue, type InvitationLink } from './invitation-links.js';

export async function reissueInvitation(
  context: ServiceContext,
  caller: Actor,
  input: z.output<typeof commands.reissueInvitation.input>,
): Promise<{ readonly invitation: InvitationRecord; readonly link: InvitationLink }> {
  const { secretHash, createLink } = await prepareReissue(context, input);
  await runHooks(context, 'reissueInvitation', caller, input);
  const invitation = required((await reissue(context, caller, { ...input, secretHash })).invitation);
  return { invitation, link: await createLink(invitation) };
}

/** The first decision refuses an expired invitation, and so answers its recipient, which changes only by being erased. */
async function reissue(
  context: ServiceContext,
  caller: Actor,
  command: z.output<typeof commands.reissueInvitation.input> & { readonly secretHash: string },
): Promise<Snapshot> {
  let recipient: Recipient | null = null;
  try {
    return await enqueue(context, commands.reissueInvitation, caller, command, {
      onRefusal(snapshot) {
        recipient = snapshot.invitation?.recipient ?? null;
        return Promise.resolve();
      },
    });
  } catch (error) {
    if (!isWorkspaceError(error, 'INVITATION_EXPIRED')) throw error;
    return enqueue(context, commands.reissueInvitation, caller, { ...command, reopenedFor: recipient });
  }
}

// The links of invitations: token, URL, and the hash that the record keeps.
import { expiryOf, type InvitationProof, type InvitationRecord } from '../core/invitation.js';
import { WorkspaceError } from '../errors.js';
import { hashSecret, type InvitationGrant } from '../tokens/tokens.js';
import type { ServiceContext } from './context.js';
import type { IssuedInvitation } from './invitation-views.js';

/** A token and the URL that contains it. */
export type InvitationLink = Pick<IssuedInvitation, 'token' | 'url'>;

async function createLink({ tokens }: ServiceContext, grant: InvitationGrant): Promise<InvitationLink> {
  const token = await tokens.issueInvitation(grant);
  return { token, url: tokens.invitationUrl(token) };
}

/** The link of a new invitation, and what its record keeps of it. */
export async function createInvitationLink(
  context: ServiceContext,
  {
    workspaceId,
    expiresInSeconds,
    invitationId: ownId,
  }: {
    readonly workspaceId: string;
    readonly expiresInSeconds: number;
    readonly invitationId?: string | undefined;
  },
) {
  const { ids, clock } = context;
  const [invitationId, secret, issuedAt] = [ownId ?? ids.invitationId(), ids.secret(), clock.now()];
  const expiresAt = expiryOf(issuedAt, expiresInSeconds);
  // In parallel: each switches to another thread. Before the commit: a URL function that throws must not leave an invitation.
  const [secretHash, link] = await Promise.all([
    hashSecret(secret),
    createLink(context, { workspaceId, invitationId, secret, issuedAt, expiresAt }),
  ]);
  return { link, issued: { invitationId, secretHash, issuedAt, isOwnId: ownId !== undefined } };
}

/** A secret for a reissued invitation, its hash, and the function that creates the link after the commit. */
export async function prepareReissue(
  context: ServiceContext,
  invitation: { readonly workspaceId: string; readonly invitationId: string },
) {
  const secret = context.ids.secret();
  // Create a link of the same length and discard it: if keys or the URL function fail, the old token must keep working. It
  // contains no secret, because the caller is not authorized yet.
  const trial = '0'.repeat(secret.length);
  const now = context.clock.now();
  await createLink(context, { ...invitation, secret: trial, issuedAt: now, expiresAt: expiryOf(now, 60) });
  return {
    secretHash: await hashSecret(secret),
    createLink: ({ id: invitationId, workspaceId, issuedAt, expiresAt }: InvitationRecord) =>
      createLink(context, { workspaceId, invitationId, secret, issuedAt, expiresAt }),
  };
}

/** @throws WorkspaceError `INVITATION_INVALID` */
export async function readProof({ tokens, clock }: ServiceContext, token: string): Promise<InvitationProof> {
  const proof = await tokens.readInvitation(token, clock.now());
  if (proof === null) throw new WorkspaceError('INVITATION_INVALID', {});
  return proof;
}

// Collects everything that anyone except the issuer can see of invitations, and extracts its strings.
import type { IssuedInvitation } from '../../src/index.js';
import { callUntyped, crowd, dev, ada, root, refusalOf, sam, type Team } from '../service/invitation-team.js';

export interface EverythingSeen {
  /** Records, pages, previews, events, hook contexts and errors. */
  readonly seen: readonly unknown[];
  readonly issued: readonly IssuedInvitation[];
  /** The one that is still open to every user. */
  readonly open: IssuedInvitation;
}

/** Runs invitations of every kind to every end, and collects what anyone except their issuers can see. */
export async function playEverything(team: Team): Promise<EverythingSeen> {
  const { workspaces, workspaceId, clock, storage } = team;
  const issued: IssuedInvitation[] = [];
  const seen: unknown[] = [];
  workspaces.on('*', (event) => seen.push(event));
  for (const command of [
    'inviteMember',
    'reissueInvitation',
    'acceptInvitation',
    'declineInvitation',
  ] as const) {
    workspaces.before(command, (context) => void seen.push(context));
  }
  const guests = await crowd(team, 4);
  const invite = async (input: Partial<Parameters<typeof workspaces.inviteMember>[1]> = {}) => {
    const made = await workspaces.inviteMember(ada, { workspaceId, role: 'developer', ...input });
    issued.push(made);
    return made;
  };
  const fails = async (answer: Promise<unknown>) => {
    const error = await refusalOf(answer);
    seen.push(error, error.message, error.stack, error.details, error.cause);
  };

  const short = await invite({ expiresInSeconds: 60 });
  const used = await invite();
  const revoked = await invite({ maxUses: 3 });
  const declined = await invite();
  const bound = await invite({ recipient: { email: 'sam@example.com' } });
  const forEve = await invite({ recipient: { userId: 'eve' } });
  const reissued = await invite();
  const open = await invite({ maxUses: 'unlimited', role: 'manager' });
  clock.advance(60_000);
  issued.push(await workspaces.reissueInvitation(ada, { workspaceId, invitationId: reissued.invitation.id }));
  const [guest = sam, other = sam] = guests;
  seen.push(await workspaces.acceptInvitation(guest, { token: used.token }));
  seen.push(await workspaces.acceptInvitation(other, { token: open.token }));
  seen.push(await workspaces.revokeInvitation(ada, { workspaceId, invitationId: revoked.invitation.id }));
  await workspaces.declineInvitation(sam, { token: declined.token });
  for (const { token } of issued) {
    if (token !== reissued.token) seen.push(await workspaces.previewInvitation({ token }));
    if (token !== open.token)
      await fails(workspaces.acceptInvitation(dev, { token: `${token.slice(0, -9)}AAAAAAAAA` }));
  }
  for (const { token } of [short, used, revoked, declined, bound, forEve, reissued]) {
    await fails(workspaces.acceptInvitation(sam, { token }));
  }
  await fails(workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient: { userId: 'eve' } }));
  await fails(callUntyped(workspaces, 'previewInvitation', [{ token: open.token, [open.token]: 1 }]));
  const vetoed = workspaces.before('acceptInvitation', () => Promise.reject(new Error('not today')));
  await fails(workspaces.acceptInvitation(sam, { token: open.token }));
  vetoed();
  for (const actor of [ada, root]) {
    seen.push(
      await workspaces.listInvitations(actor, { workspaceId }),
      await workspaces.listEvents(actor, { workspaceId, limit: 200 }),
      await workspaces.listMembers(actor, { workspaceId }),
    );
  }
  seen.push(storage.dump());
  return { seen, issued, open };
}

/** Every string in a value, keys included. */
export function stringsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') found.add(value);
  else if (value instanceof Date) found.add(value.toISOString());
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) stringsIn(inner, found.add(key));
  }
  return found;
}

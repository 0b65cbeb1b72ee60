// All that anybody but an issuer gets to see of invitations, in one play, and the strings in it.
import type { IssuedInvitation } from '../../src/index.js';
import {
  callUntyped,
  crowd,
  dana,
  olga,
  operator,
  refusalOf,
  xena,
  type Team,
} from '../service/invitation-team.js';

export interface EverythingSeen {
  /** Records, pages, previews, events, hook contexts and errors. */
  readonly seen: readonly unknown[];
  readonly issued: readonly IssuedInvitation[];
  /** One of them that still admits anybody. */
  readonly open: IssuedInvitation;
}

/** Invitations of every kind and end, and all that anybody but their issuers gets to see on the way. */
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
    const made = await workspaces.inviteMember(olga, { workspaceId, role: 'developer', ...input });
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
  const bound = await invite({ recipient: { email: 'ada@example.com' } });
  const forYuri = await invite({ recipient: { userId: 'yuri' } });
  const reissued = await invite();
  const open = await invite({ maxUses: 'unlimited', role: 'manager' });
  clock.advance(60_000);
  issued.push(
    await workspaces.reissueInvitation(olga, { workspaceId, invitationId: reissued.invitation.id }),
  );
  const [guest = xena, other = xena] = guests;
  seen.push(await workspaces.acceptInvitation(guest, { token: used.token }));
  seen.push(await workspaces.acceptInvitation(other, { token: open.token }));
  seen.push(await workspaces.revokeInvitation(olga, { workspaceId, invitationId: revoked.invitation.id }));
  await workspaces.declineInvitation(xena, { token: declined.token });
  for (const { token } of issued) {
    if (token !== reissued.token) seen.push(await workspaces.previewInvitation({ token }));
    if (token !== open.token)
      await fails(workspaces.acceptInvitation(dana, { token: `${token.slice(0, -9)}AAAAAAAAA` }));
  }
  for (const { token } of [short, used, revoked, declined, bound, forYuri, reissued]) {
    await fails(workspaces.acceptInvitation(xena, { token }));
  }
  await fails(
    workspaces.inviteMember(olga, { workspaceId, role: 'developer', recipient: { userId: 'yuri' } }),
  );
  await fails(callUntyped(workspaces, 'previewInvitation', [{ token: open.token, [open.token]: 1 }]));
  const vetoed = workspaces.before('acceptInvitation', () => Promise.reject(new Error('not today')));
  await fails(workspaces.acceptInvitation(xena, { token: open.token }));
  vetoed();
  for (const actor of [olga, operator]) {
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

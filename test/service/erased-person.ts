// A person with a long history, whose names and addresses are in every place that can hold one.
import type { StoredEvent, WorkspaceService } from '../../src/index.js';
import type { FixedClock, World } from '../../src/testing/index.js';
import { ada, mia, openAccounts } from './team.js';

export const zoe: { readonly userId: string } = { userId: 'u-26' };

/** Stored with the membership in a team, and in invitations. */
const joined = { email: 'Zoe.Private@Example.org', emailVerified: true } as const;
/** Known of the caller alone, and in invitations. */
export const verified = { email: 'zoe.second@example.net', emailVerified: true } as const;
/** Known to operators alone, and in invitations. */
export const former = 'zoe.former@example.com';
const addresses = [verified.email, former] as const;

const names = [
  'zoe-of-before',
  'zoe-first',
  'Zoe Displayed',
  'Zoe In Full',
  'zoe-second',
  'zoe-third',
] as const;
/** What nothing may hold afterwards. Compared without case. */
export const strings: readonly string[] = [...names, joined.email, ...addresses].map((each) =>
  each.toLowerCase(),
);

export interface Life {
  readonly workspaces: WorkspaceService;
  readonly clock: FixedClock;
}

/** Two lives: the first account was closed without erasing. Returns a workspace with an invitation that has expired. */
export async function live({ workspaces, clock }: Life) {
  const role = 'developer';
  const { userId } = zoe;
  await openAccounts(workspaces, 'ada', 'mia', 'sam');
  await workspaces.openAccount({ userId, username: names[0], displayName: names[2] });
  await workspaces.closeAccount(zoe, zoe);
  await workspaces.openAccount({ userId, username: names[1], displayName: names[2] });
  await workspaces.openAccount({ userId, username: names[1], displayName: names[3] });
  for (const username of [names[4], names[5]]) await workspaces.renameAccount(zoe, { userId, username });

  const team = async (owner: { readonly userId: string }, name: string): Promise<string> =>
    (await workspaces.createWorkspace(owner, { name })).id;
  const invited = (workspaceId: string, email: string, expiresInSeconds = 600) =>
    workspaces.inviteMember(mia, { workspaceId, role, recipient: { email }, expiresInSeconds });
  const tokenTo = async (workspaceId: string, email: string) => {
    const { token } = await invited(workspaceId, email);
    return { token };
  };
  const named = ({ invitation: { workspaceId, id } }: Awaited<ReturnType<typeof invited>>) => ({
    workspaceId,
    invitationId: id,
  });

  const byLink = await team(ada, 'by link');
  const link = await workspaces.inviteMember(ada, { workspaceId: byLink, role, maxUses: 3 });
  await workspaces.acceptInvitation({ ...zoe, ...joined }, { token: link.token });

  const byMail = await team(mia, 'by mail');
  await invited(byMail, 'sam@example.org');
  await workspaces.acceptInvitation({ ...zoe, ...joined }, await tokenTo(byMail, joined.email.toUpperCase()));

  const ended = await team(mia, 'ended');
  await workspaces.declineInvitation({ ...zoe, ...verified }, await tokenTo(ended, verified.email));
  await workspaces.revokeInvitation(mia, named(await invited(ended, verified.email)));
  const expired = named(await invited(ended, former, 60));
  clock.advance(61_000);
  await invited(ended, 'zoe.former@EXAMPLE.com');
  await invited(ended, verified.email);
  await invited(ended, 'sam@example.org');

  const left = await team(mia, 'left');
  await workspaces.acceptInvitation({ ...zoe, ...verified }, await tokenTo(left, verified.email));
  await workspaces.leaveWorkspace(zoe, { workspaceId: left });

  const deleted = await team(mia, 'deleted');
  await invited(deleted, former);
  await invited(deleted, 'sam@example.org');
  await workspaces.acceptInvitation({ ...zoe, ...joined }, await tokenTo(deleted, joined.email));
  await workspaces.deleteWorkspace(mia, { workspaceId: deleted });
  return { byLink, byMail, ended, left, deleted, expired };
}

/** Every string of a world, or of rows, that holds a name or an address of the person. */
export function heldIn(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => strings.some((each) => line.toLowerCase().includes(each)));
}

/** A world as lines, one for each record and event. */
export function linesOf(world: World): readonly string[] {
  return Object.values(world).flatMap((items: readonly unknown[]) =>
    items.map((item) => JSON.stringify(item)),
  );
}

/** What erasing must not change: where each event is, and of which type. */
export function trailOf({ events }: World): readonly string[] {
  return events.map(placeOf).sort();
}

function placeOf(event: StoredEvent): string {
  const subject = 'workspaceId' in event ? event.workspaceId : event.userId;
  return [subject, event.version, event.index, event.id, event.type, event.at].join(' ');
}

export const erasing = { userId: zoe.userId, erase: true, emails: addresses } as const;

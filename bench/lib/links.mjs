// Workspaces with a link each that any number of people may follow, and a source of people to follow them.
import { actor, fill, serviceOn, user, workspace } from './workspaces.mjs';

/** A token for each workspace, and `newcomers(count)`: so many accounts, of which it says the number of the first. */
export async function openLinks(storage, { workspaces, members }) {
  const { service } = serviceOn(storage);
  await fill(storage, workspaces, members);
  const tokens = [];
  for (let number = 0; number < workspaces; number++) {
    const input = { workspaceId: workspace(number), role: 'developer', maxUses: 'unlimited' };
    tokens.push((await service.inviteMember(actor(number), input)).token);
  }
  let people = workspaces;
  const newcomers = async (count) => {
    const first = people;
    people += count;
    await openMany(storage, first, people);
    return first;
  };
  return { tokens, newcomers };
}

/** Accounts `from` to `to - 1`, by the hundred. */
export async function openMany(storage, from, to) {
  for (let first = from; first < to; first += 100) {
    const changes = Array.from({ length: Math.min(100, to - first) }, (_, place) => ({
      kind: 'account.insert',
      account: {
        userId: user(first + place),
        username: user(first + place),
        usernameKey: user(first + place),
        displayName: null,
        personalWorkspaceId: `ws-of-${first + place}`,
        activeWorkspaceId: `ws-of-${first + place}`,
        status: 'open',
        ownedTeams: 0,
        invitedSince: 0,
        invited: 0,
        version: 1,
        openedVersion: 1,
        createdAt: Date.UTC(2026, 0, 1),
      },
    }));
    const result = await storage.commit({ expect: [], changes, events: [] });
    if (!result.ok) throw new Error(`no accounts: ${result.reason}`);
  }
}

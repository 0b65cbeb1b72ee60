// What a workspace of five members keeps on the heap.
import { bytes, figure } from '../lib/rows.mjs';
import { actor, openAccounts, openWorkspace, serviceOn, user, workspace } from '../lib/workspaces.mjs';

export const title = 'Memory of one workspace with 5 members';
export const notes = [
  'Heap after a collection, all indexes included, accounts apart; every user is in five workspaces.',
  "The limit is the same fields in nested `Map`s: workspaces, their members, and each user's workspaces.",
];

const SIZE = 5;

export const flows = {
  async records() {
    const count = 20_000;
    const { storage } = serviceOn();
    await openAccounts(storage, 0, count);
    const ours = await growth(count, async () => {
      for (let number = 0; number < count; number++)
        await openWorkspace(storage, number, usersOf(number, count));
      return storage;
    });
    const limit = await growth(count, async () => plainMaps(count));
    return [
      {
        ...figure('records and indexes', { ours: bytes(ours) }),
        other: 'limit: nested `Map`s',
        theirs: bytes(limit),
        ratio: `${(ours / limit).toFixed(2)}x`,
      },
    ];
  },
  async withHistory() {
    const count = 4000;
    const { service, storage } = serviceOn();
    await openAccounts(storage, 0, count);
    const ours = await growth(count, async () => {
      for (let number = 0; number < count; number++) {
        const [owner, ...others] = usersOf(number, count);
        const name = `Workspace ${number}`;
        const { id: workspaceId } = await service.createWorkspace(actor(owner), { name });
        const input = { workspaceId, role: 'developer', maxUses: SIZE - 1 };
        const { token } = await service.inviteMember(actor(owner), input);
        for (const other of others) await service.acceptInvitation(actor(other), { token });
      }
      return storage;
    });
    return [figure('with its link and the 10 events of its making', { ours: bytes(ours) })];
  },
};

function plainMaps(count) {
  const workspaces = new Map();
  const workspacesByUser = new Map();
  for (let number = 0; number < count; number++) {
    const id = workspace(number);
    const members = new Map();
    usersOf(number, count).forEach((member, place) => {
      const userId = user(member);
      const role = place === 0 ? 'owner' : 'developer';
      members.set(userId, { workspaceId: id, userId, role, invitationId: null, joinedAt: place, joinedVersion: 1 });
      if (!workspacesByUser.has(userId)) workspacesByUser.set(userId, new Map());
      workspacesByUser.get(userId).set(id, members.get(userId));
    });
    workspaces.set(id, {
      id,
      kind: 'team',
      name: `Workspace ${number}`,
      nameKey: `workspace ${number}`,
      ownerId: user(number),
      memberCount: SIZE,
      openInvitations: 0,
      reservedSeats: 0,
      suspendedFor: null,
      deletion: null,
      attributes: null,
      offer: null,
      version: 1,
      createdAt: number,
      members,
    });
  }
  return [workspaces, workspacesByUser];
}

function usersOf(number, count) {
  return Array.from({ length: SIZE }, (_, place) => (number + place) % count);
}

/** The bytes that `fill` leaves on the heap, by `count`. */
async function growth(count, fill) {
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const kept = await fill();
  globalThis.gc();
  const grown = process.memoryUsage().heapUsed - before;
  if (kept === undefined) throw new Error('nothing was kept');
  return grown / count;
}

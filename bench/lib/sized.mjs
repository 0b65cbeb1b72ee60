// A storage of one size in a process of its own, which runs a batch of one flow whenever the parent asks for it: so the
// sizes take turns, and each pays for the collection of its own heap alone. argv: `workspaces` or `members`, the size.
import { memoryQuota, memoryStorage } from 'tenantry/memory';
import { actor, fill, openAccounts, openWorkspace, serviceOn, user, workspace } from './workspaces.mjs';

const [scale, size] = [process.argv[2], Number(process.argv[3])];
/** How many workspaces, spread over all, the batches go round. */
const SPREAD = scale === 'workspaces' ? 200 : 1;
const step = scale === 'workspaces' ? Math.floor(size / SPREAD) : 0;

const quota = memoryQuota({ defaults: { 'limits.cpu': '1M', 'limits.memory': '1Ei' } });
const { service, storage } = serviceOn(memoryStorage(), { quota });
if (scale === 'workspaces') await fill(storage, size, 2);
else await fillOne();

// What filling left to collect is no part of what follows.
globalThis.gc();

const number = (serial) => (serial % SPREAD) * step;
const owner = (serial) => actor(number(serial));
const place = (serial) => ({ workspaceId: workspace(number(serial)) });
/** Beside the owner. */
const member = (serial) => user((number(serial) + 1) % Math.max(size, 2));
const turn = (serial) => Math.floor(serial / SPREAD);
const newcomer = { userId: 'newcomer' };
const { workspace: home } = await service.openAccount({ ...newcomer, username: 'newcomer' });
// A workspace to switch to, which is left as it is.
const guest = place(SPREAD - 1);
const { token } = await service.inviteMember(owner(SPREAD - 1), { ...guest, role: 'developer' });
await service.acceptInvitation(newcomer, { token });
// Each of the spread has a link and a page of events.
for (let serial = 0; serial < SPREAD; serial++) {
  await service.inviteMember(owner(serial), { ...place(serial), role: 'developer', maxUses: 'unlimited' });
}
const visitor = { userId: 'visitor' };
await service.openAccount({ ...visitor, username: 'visitor' });
const AMOUNTS = { 'limits.cpu': '500m', 'limits.memory': '64Mi' };

/** What the caches of this machine make of a large heap, whoever looks up. */
const plain = new Map();
if (scale === 'workspaces') {
  for (let one = 0; one < size; one++) {
    plain.set(workspace(one), new Map([[user(one), { role: 'owner', joinedAt: one }]]));
  }
} else {
  const members = Array.from({ length: size }, (_, one) => [user(one), { role: 'owner', joinedAt: one }]);
  plain.set(workspace(0), new Map(members));
}
const find = async ({ userId }, workspaceId) => plain.get(workspaceId)?.get(userId);

/** Each flow takes the serial number of its call, and leaves the sizes as they were. */
const flows = {
  plainMap: (serial) => find(owner(serial), place(serial).workspaceId),
  authorize: (serial) => service.authorize(owner(serial), { ...place(serial), permission: 'member:view' }),
  listMembers: (serial) => service.listMembers(owner(serial), { ...place(serial), limit: 2 }),
  listWorkspaces: (serial) => service.listWorkspaces(owner(serial), { limit: 1 }),
  getWorkspace: (serial) => service.getWorkspace(owner(serial), place(serial)),
  listInvitations: (serial) => service.listInvitations(owner(serial), { ...place(serial), limit: 1 }),
  listEvents: (serial) => service.listEvents(owner(serial), { ...place(serial), limit: 1 }),
  openAccount: (serial) => service.openAccount({ userId: `new-${serial}`, username: `Name ${serial}` }),
  createAndDelete: async (serial) => {
    const { id } = await service.createWorkspace(owner(serial), { name: `New ${serial}` });
    await service.deleteWorkspace(owner(serial), { workspaceId: id });
  },
  renameWorkspace: (serial) =>
    service.renameWorkspace(owner(serial), { ...place(serial), name: `Renamed ${serial}` }),
  changeRole: (serial) =>
    service.changeRole(owner(serial), {
      ...place(serial),
      userId: member(serial),
      role: turn(serial) % 2 === 0 ? 'manager' : 'developer',
    }),
  transferOwnership: async (serial) => {
    const next = member(serial);
    await service.transferOwnership(owner(serial), { ...place(serial), userId: next });
    await service.transferOwnership({ userId: next }, { ...place(serial), userId: owner(serial).userId });
  },
  switchWorkspace: (serial) =>
    service.switchWorkspace(newcomer, serial % 2 === 0 ? guest : { workspaceId: home.id }),
  comeAndGo: async (serial) => {
    const invited = await service.inviteMember(owner(serial), { ...place(serial), role: 'developer' });
    await service.acceptInvitation(visitor, { token: invited.token });
    await service.removeMember(owner(serial), { ...place(serial), userId: visitor.userId });
  },
  reserve: async (serial) => {
    const named = { ...place(serial), reservationId: `reservation-${serial}` };
    await service.reserveQuota(owner(serial), { ...named, amounts: AMOUNTS });
    await service.commitQuota(owner(serial), named);
    await service.releaseQuota(owner(serial), named);
  },
};

const serials = Object.fromEntries(Object.keys(flows).map((name) => [name, 0]));
process.on('message', async ({ flow, calls }) => {
  const run = flows[flow];
  const from = performance.now();
  for (const end = serials[flow] + calls; serials[flow] < end; serials[flow]++) await run(serials[flow]);
  process.send({ each: ((performance.now() - from) * 1e6) / calls });
});
process.send({ ready: true });

/** One workspace of so many members. */
async function fillOne() {
  const first = Math.min(size, 1000);
  await openAccounts(storage, 0, size);
  await openWorkspace(
    storage,
    0,
    Array.from({ length: first }, (_, member) => member),
  );
  for (let from = first; from < size; from += 1000) {
    const changes = Array.from({ length: Math.min(1000, size - from) }, (_, at) => ({
      kind: 'member.insert',
      member: {
        workspaceId: workspace(0),
        userId: user(from + at),
        role: 'developer',
        invitationId: null,
        joinedAt: Date.UTC(2026, 0, 1) + from + at,
        joinedVersion: 1,
      },
    }));
    const result = await storage.commit({ expect: [], changes, events: [] });
    if (!result.ok) throw new Error(result.reason);
  }
}

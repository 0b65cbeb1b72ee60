// Commands on memory, tokens apart, against the same mutations written by hand.
import { byHand } from '../lib/by-hand.mjs';
import { interleave } from '../lib/interleave.mjs';
import { againstLimit } from '../lib/rows.mjs';
import { actor, addMember, openAccounts, serviceOn, user } from '../lib/workspaces.mjs';

export const title = 'Commands on memory';
export const notes = [
  'By hand: one function each over plain `Map`s, with the same checks, ids, name index, index by user and events,',
  'changing its objects in place (`lib/by-hand.mjs`). Both spread over 100 owners.',
];
export const holds = [
  [
    /./,
    'Of `changeRole`: collecting garbage is a quarter of the time, the two schemas a fifth, the storage with its indexes a seventh, the draft of the records and events an eighth; the decision is a fiftieth. By hand nothing is validated by a schema, nothing is frozen, no version is compared, and records are changed in place.',
  ],
];

const OWNERS = 100;
const CALLS = 2000;

export const flows = {
  openAccount: () =>
    flow('openAccount', {
      open: () => ({}),
      call: (side, _state, serial) =>
        side.openAccount({ userId: `new-${serial}`, username: `Name ${serial}` }),
    }),
  createWorkspace: () =>
    flow('createWorkspace', {
      open: () => ({}),
      call: (side, _state, serial) =>
        side.createWorkspace(actor(serial % OWNERS), { name: `Workspace ${serial}` }),
    }),
  renameWorkspace: () =>
    flow('renameWorkspace', {
      open: teams,
      call: (side, { ids }, serial) =>
        side.renameWorkspace(actor(serial % OWNERS), {
          workspaceId: ids[serial % OWNERS],
          name: `Renamed ${serial}`,
        }),
    }),
  changeRole: () =>
    flow('changeRole', {
      open: teams,
      call: (side, { ids }, serial) =>
        side.changeRole(actor(serial % OWNERS), {
          workspaceId: ids[serial % OWNERS],
          userId: user(OWNERS),
          role: Math.floor(serial / OWNERS) % 2 === 0 ? 'manager' : 'developer',
        }),
    }),
  removeMember: () =>
    flow('removeMember', {
      open: (side) => teams(side, { members: false }),
      async prepare(side, { ids }, from) {
        for (let serial = from; serial < from + CALLS; serial++) {
          await side.addMember(ids[serial % OWNERS], user(OWNERS + serial));
        }
      },
      call: (side, { ids }, serial) =>
        side.removeMember(actor(serial % OWNERS), {
          workspaceId: ids[serial % OWNERS],
          userId: user(OWNERS + serial),
        }),
    }),
  deleteWorkspace: () =>
    flow('deleteWorkspace', {
      open: () => ({ ids: [] }),
      async prepare(side, { ids }, from) {
        for (let serial = from; serial < from + CALLS; serial++) {
          ids[serial] = (await side.createWorkspace(actor(serial % OWNERS), { name: `Doomed ${serial}` })).id;
        }
      },
      call: (side, { ids }, serial) =>
        side.deleteWorkspace(actor(serial % OWNERS), { workspaceId: ids[serial] }),
    }),
};

async function flow(command, steps) {
  const samples = await interleave([
    await contender('ours', await ours(), steps),
    await contender('limit', plain(), steps),
  ]);
  return [
    againstLimit(`\`${command}\``, { ours: samples.ours, limit: samples.limit, name: 'by hand', budget: 3 }),
  ];
}

async function contender(name, side, { open, prepare, call }) {
  const state = await open(side);
  let serial = 0;
  return {
    name,
    calls: CALLS,
    run: async () => {
      for (const end = serial + CALLS; serial < end; serial++) await call(side, state, serial);
    },
    ...(prepare && { prepare: () => prepare(side, state, serial) }),
  };
}

async function ours() {
  const { service, storage } = serviceOn();
  await openAccounts(storage, 0, OWNERS + 1);
  service.addMember = (workspaceId, userId) => addMember(storage, workspaceId, userId);
  return service;
}

function plain() {
  const side = byHand();
  for (let number = 0; number <= OWNERS; number++) side.addAccount(user(number));
  return side;
}

async function teams(side, { members = true } = {}) {
  const ids = [];
  for (let owner = 0; owner < OWNERS; owner++) {
    const { id } = await side.createWorkspace(actor(owner), { name: `Team ${owner}` });
    if (members) await side.addMember(id, user(OWNERS));
    ids.push(id);
  }
  return { ids };
}

// Many commands on one workspace at the same time: none may fail, and the crowd may not cost much.
import { interleave } from '../lib/interleave.mjs';
import { figure, median, ratioOf, shown, time } from '../lib/rows.mjs';
import { actor, openAccounts, openWorkspace, serviceOn, user, workspace } from '../lib/workspaces.mjs';

export const title = '64 parallel commands on one workspace, on memory';
export const notes = [
  'Against the same 64 commands one after the other. One service queues them; two services on one storage, as in two',
  'processes, meet in the storage and try again.',
];

const CROWD = 64;
const MEMBERS = CROWD + 1;

export const flows = {
  renameWorkspace: () =>
    flow('renameWorkspace', async () => {
      const { service } = await openTeam();
      return (serial) =>
        service.renameWorkspace(actor(0), { workspaceId: workspace(0), name: `Name ${serial}` });
    }),
  changeRole: () =>
    flow('changeRole', async () => {
      const { service } = await openTeam();
      return (serial) =>
        service.changeRole(actor(0), {
          workspaceId: workspace(0),
          userId: user(1 + (serial % CROWD)),
          role: Math.floor(serial / CROWD) % 2 === 0 ? 'manager' : 'developer',
        });
    }),
  inviteMember: () =>
    flow('inviteMember', async () => {
      const { service } = await openTeam();
      return () => service.inviteMember(actor(0), { workspaceId: workspace(0), role: 'developer' });
    }),
  acceptOneLink: () =>
    flow('acceptInvitation', async () => {
      const { service, storage } = await openTeam();
      await openAccounts(storage, MEMBERS, MEMBERS + 250 * CROWD);
      const input = { workspaceId: workspace(0), role: 'developer', maxUses: 'unlimited' };
      const { token } = await service.inviteMember(actor(0), input);
      return (serial) => service.acceptInvitation(actor(MEMBERS + serial), { token });
    }),
  twoServices: async () => {
    const { storage } = await openTeam();
    const services = [serviceOn(storage).service, serviceOn(storage).service];
    const rename = (serial) =>
      services[serial % 2].renameWorkspace(actor(0), { workspaceId: workspace(0), name: `Name ${serial}` });
    return compare('`renameWorkspace`, from two services', { together: rename, inTurn: rename }, null);
  },
};

async function flow(command, open) {
  return compare(`\`${command}\``, { together: await open(), inTurn: await open() });
}

async function compare(work, { together, inTurn }, atLeast = 0.5) {
  const lost = [];
  const serials = { together: counter(), inTurn: counter() };
  const samples = await interleave([
    {
      name: 'together',
      calls: CROWD,
      run: async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: CROWD }, () => together(serials.together())),
        );
        lost.push(...outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => reason));
      },
    },
    { name: 'in turn', calls: CROWD, run: queue(inTurn, serials.inTurn) },
  ]);
  const other = lost.find(({ code }) => code !== 'CONFLICT');
  if (other) throw other;
  const ratio = ratioOf(samples['in turn'], samples.together);
  return [
    figure(`${work}: failed with \`CONFLICT\``, {
      ours: String(lost.length),
      budget: 'none',
      met: lost.length === 0,
    }),
    {
      work: `${work}: throughput, time for each`,
      ours: time(median(samples.together)),
      other: 'one after the other',
      theirs: time(median(samples['in turn'])),
      ratio: `${shown(ratio)}x`,
      budget: atLeast === null ? null : `at least ${atLeast}x`,
      met: atLeast === null ? null : ratio >= atLeast,
    },
  ];
}

function queue(call, next) {
  return async () => {
    for (let place = 0; place < CROWD; place++) await call(next());
  };
}

function counter() {
  let serial = 0;
  return () => serial++;
}

async function openTeam() {
  const { service, storage } = serviceOn();
  await openAccounts(storage, 0, MEMBERS);
  await openWorkspace(
    storage,
    0,
    Array.from({ length: MEMBERS }, (_, number) => number),
  );
  return { service, storage };
}

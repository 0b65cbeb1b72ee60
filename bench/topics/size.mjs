// The same work among few and among many: an index that is missing somewhere would show as a ratio near the sizes' own.
import { fork } from 'node:child_process';
import { grown } from '../lib/growth.mjs';
import { atMost } from '../lib/interleave.mjs';

export const title = 'Cost against size, on memory';
export const notes = [
  'The largest size against the smallest; the plots have the sizes between. Each size in a process of its own; the processes take',
  'turns, 15 rounds. Flat means at most twice the small one: a larger heap misses more caches and takes longer to collect, a cost',
  'that grew with size would be 1,000 times.',
];
export const holds = [
  [
    /workspaces$/,
    'Cold records and a large heap: of `listMembers`, finding the members and their accounts grows from a twentieth of the time to a quarter, because they are in no cache of the processor, and collecting garbage from a tenth to a quarter. All else costs what it costs among few.',
  ],
];

const ROUNDS = 15;
/** A command runs at its full speed after some 10,000 calls. */
const WARM_UP_ROUNDS = 10;
const BUDGET = 2;

/** `work`, the line in the plot and its panel, and the calls of a batch. */
const FLOWS = {
  plainMap: ['a `Map` in a `Map`, for comparison', null, null, 4000],
  authorize: ['`authorize`', 'authorize', 'read', 4000],
  getWorkspace: ['`getWorkspace`', 'getWorkspace', 'read', 4000],
  listMembers: ['`listMembers`, first page', 'listMembers', 'read', 4000],
  listWorkspaces: ['`listWorkspaces`, first page', 'listWorkspaces', 'read', 4000],
  listInvitations: ['`listInvitations`, first page', 'listInvitations', 'read', 4000],
  listEvents: ['`listEvents`, first page', 'listEvents', 'read', 4000],
  openAccount: ['`openAccount`', 'openAccount', 'command', 1000],
  createAndDelete: ['`createWorkspace`, `deleteWorkspace`', 'create, delete', 'command', 500],
  renameWorkspace: ['`renameWorkspace`', 'renameWorkspace', 'command', 1000],
  changeRole: ['`changeRole`', 'changeRole', 'command', 1000],
  transferOwnership: ['`transferOwnership`, there and back', 'transfer and back', 'command', 500],
  switchWorkspace: ['`switchWorkspace`', 'switchWorkspace', 'command', 500],
  comeAndGo: ['`inviteMember`, `acceptInvitation`, `removeMember`', 'invite, accept, remove', 'command', 200],
  reserve: ['`reserveQuota`, `commitQuota`, `releaseQuota`', 'reserve to release', 'command', 500],
};

export const flows = {
  workspaces: () => compare('workspaces', [1000, 10_000, 100_000, 1_000_000], 'workspaces'),
  members: () => compare('members', [3, 100, 10_000, 1_000_000], 'members in the workspace'),
};

async function compare(scale, sizes, noun) {
  const sides = [];
  for (const size of sizes) sides.push({ size, ...(await open(scale, size)) });
  const rows = [];
  const points = [];
  for (const [flow, [work, line, panel, calls]] of Object.entries(FLOWS)) {
    const samples = Object.fromEntries(sizes.map((size) => [size, []]));
    for (let round = -atMost(WARM_UP_ROUNDS); round < atMost(ROUNDS); round++) {
      for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
        const each = await side.run(flow, calls);
        if (round >= 0) samples[side.size].push(each);
      }
    }
    const answer = grown(
      `${work}: ${sizes.at(-1).toLocaleString('en')} ${noun}`,
      { storage: 'memory', scale, panel, line },
      { sizes, samples, budget: BUDGET },
    );
    rows.push(answer.row);
    points.push(...answer.points);
  }
  for (const side of sides) side.close();
  return { rows, points };
}

async function open(scale, size) {
  const child = fork(new URL('../lib/sized.mjs', import.meta.url), [scale, String(size)], {
    execArgv: ['--expose-gc', '--max-old-space-size=12288'],
  });
  const answer = () =>
    new Promise((resolve, reject) => {
      const ended = (code) => reject(new Error(`the process of ${size} ended with ${code}`));
      child.once('exit', ended);
      child.once('message', (message) => {
        child.off('exit', ended);
        resolve(message);
      });
    });
  await answer();
  return {
    run: async (flow, calls) => {
      child.send({ flow, calls });
      return (await answer()).each;
    },
    close: () => child.kill(),
  };
}

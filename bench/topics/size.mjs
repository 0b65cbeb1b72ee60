// The same work among few and among many: an index that is missing somewhere would show as a ratio near the sizes' own.
import { fork } from 'node:child_process';
import { median, ratioOf, shown, time } from '../lib/rows.mjs';

export const title = 'Cost against size, on memory';
export const notes = [
  'Each size in a process of its own; the processes take turns, 15 rounds. Flat means at most twice the small one:',
  'a larger heap misses more caches and takes longer to collect, a cost that grew with size would be 1,000 times.',
];

const ROUNDS = 15;
/** A command runs at its full speed after some 10,000 calls. */
const WARM_UP_ROUNDS = 10;
const BUDGET = 2;
const CALLS = {
  plainMap: 4000,
  authorize: 4000,
  listMembers: 4000,
  listWorkspaces: 4000,
  createWorkspace: 1000,
  renameWorkspace: 1000,
  changeRole: 1000,
  comeAndGo: 400,
};
const WORK = {
  plainMap: 'a `Map` in a `Map`, for comparison',
  authorize: '`authorize`',
  listMembers: '`listMembers`, first page',
  listWorkspaces: '`listWorkspaces`, first page',
  createWorkspace: '`createWorkspace`',
  renameWorkspace: '`renameWorkspace`',
  changeRole: '`changeRole`',
  comeAndGo: '`inviteMember`, `acceptInvitation`, `leaveWorkspace`',
};

export const flows = {
  workspaces: () => compare('workspaces', [1000, 1_000_000], 'workspaces'),
  members: () => compare('members', [3, 1000, 1_000_000], 'members in the workspace'),
};

async function compare(scale, sizes, noun) {
  const sides = [];
  for (const size of sizes) sides.push({ size, ...(await open(scale, size)), samples: {} });
  for (const flow of Object.keys(CALLS)) {
    for (const side of sides) side.samples[flow] = [];
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
        const each = await side.run(flow, CALLS[flow]);
        if (round >= 0) side.samples[flow].push(each);
      }
    }
  }
  for (const side of sides) side.close();
  const [small, ...large] = sides;
  return large.flatMap(({ size, samples }) =>
    Object.keys(CALLS).map((flow) => {
      const ratio = ratioOf(samples[flow], small.samples[flow]);
      return {
        work: `${WORK[flow]}: ${size.toLocaleString('en')} ${noun}`,
        ours: time(median(samples[flow])),
        other: small.size.toLocaleString('en'),
        theirs: time(median(small.samples[flow])),
        ratio: `${shown(ratio)}x`,
        budget: flow === 'plainMap' ? null : `at most ${BUDGET}x`,
        met: flow === 'plainMap' ? null : ratio <= BUDGET,
      };
    }),
  );
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

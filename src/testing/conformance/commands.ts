// S-08, S-10: commands of the service on the storage, with lost acknowledgements and in every interleaving.
import assert from 'node:assert/strict';
import { actions, pairs, triples, type Action } from '../actions.js';
import { everyInterleaving } from '../interleave.js';
import {
  answerOf,
  endOf,
  outcomeOf,
  processService,
  putScenario,
  type Outcome,
  type Scenario,
} from '../scenario.js';
import { memoryStorage } from '../../adapters/memory/memory-storage.js';
import type { StorageAdapter } from '../../ports/storage.js';
import { readWorld } from '../worlds.js';
import { wrapStorage } from '../wrapped-storage.js';
import type { RegisterCase } from './suite.js';

export function commandCases(test: RegisterCase): void {
  for (const action of actions) {
    test(`S-08 a retry after a lost acknowledgement has no second effect: ${action.title}`, async ({
      storage,
    }) => {
      const once = await putScenario(storage, nextPrefix());
      const first = await play(storage, once, { action, process: 0 });

      const prefix = nextPrefix();
      const twice = await sendTwice(storage, prefix, action);
      // Whether it succeeds or is refused, the second call must change nothing.
      assert.deepEqual(twice.effect, await effectOf(storage, once));
      if (twice.second.ok && !action.answersWhatItDid) assert.equal(twice.answer, answerOf(once, first));
      // If it is refused, the error must be the same as in memory.
      assert.equal(twice.end, (await sendTwice(memoryStorage(), prefix, action)).end);
    });
  }

  for (const together of [...pairs, ...triples]) {
    const titles = together.map(({ title }) => title).join(' | ');
    test(`S-10 every interleaving ends in the state of a serial order: ${titles}`, ({ storage }) =>
      endsAsSerial(storage, together));
  }
}

/** Loses the acknowledgement of a command's commit, and sends the command again. */
async function sendTwice(storage: StorageAdapter, prefix: string, action: Action) {
  const scenario = await putScenario(storage, prefix);
  const { options } = action;
  const workspaces = processService(losingFirstAcknowledgement(storage), { prefix, process: 0, options });
  const lost = await outcomeOf(() => action.run(workspaces, scenario));
  assert.equal(lost.ok ? 'ok' : lost.code, 'UNAVAILABLE');
  const second = await outcomeOf(() => action.run(workspaces, scenario));
  return {
    second,
    answer: answerOf(scenario, second),
    effect: await effectOf(storage, scenario),
    end: await endOf(storage, scenario, [second]),
  };
}

async function endsAsSerial(storage: StorageAdapter, together: readonly Action[]): Promise<void> {
  const serial = new Set<string>();
  for (const order of permutations(together.map((action, process) => ({ action, process })))) {
    const prefix = nextPrefix();
    const end = await endOfSerial(storage, prefix, order);
    // A storage that loses a field loses it in every order, so compare with memory, not only with itself.
    assert.equal(
      end,
      await endOfSerial(memoryStorage(), prefix, order),
      'the serial order does not end as in memory',
    );
    serial.add(end);
  }
  const orders = everyInterleaving(async () => {
    const scenario = await putScenario(storage, nextPrefix());
    return {
      storage,
      processes: together.map((action, process) => (gated) => play(gated, scenario, { action, process })),
      end: (outcomes: readonly Outcome[]) => endOf(storage, scenario, outcomes),
    };
  });
  for await (const { schedule, end } of orders) {
    assert.ok(serial.has(end), `no serial order ends as the interleaving ${schedule.join('')} does:\n${end}`);
  }
}

/** An action, and the number of the process that runs it. */
interface Part {
  readonly action: Action;
  readonly process: number;
}

async function endOfSerial(storage: StorageAdapter, prefix: string, order: readonly Part[]): Promise<string> {
  const scenario = await putScenario(storage, prefix);
  const outcomes: Outcome[] = [];
  for (const part of order) outcomes[part.process] = await play(storage, scenario, part);
  return endOf(storage, scenario, outcomes);
}

function play(storage: StorageAdapter, scenario: Scenario, { action, process }: Part): Promise<Outcome> {
  const { prefix } = scenario;
  const { options } = action;
  return outcomeOf(() => action.run(processService(storage, { prefix, process, options }), scenario));
}

/** Counts that a second effect would change. */
async function effectOf(storage: StorageAdapter, { userIds: users, workspaceIds: workspaces }: Scenario) {
  const world = await readWorld(storage, { users, workspaces });
  return {
    accounts: world.accounts.length,
    workspaces: world.workspaces.length,
    members: world.members.length,
    uses: world.invitations.reduce((sum, { uses }) => sum + uses, 0),
    roles: world.members.map(({ role }) => role).sort(),
    open: world.invitations.filter(({ state }) => state === 'open').length,
    tombstones: world.tombstones.length,
    joined: world.events.filter(({ type }) => type === 'member.joined').length,
  };
}

/** Applies the first commit that succeeds, and then throws. */
function losingFirstAcknowledgement(storage: StorageAdapter): StorageAdapter {
  let lost = false;
  return {
    ...wrapStorage(storage, (call) => call()),
    commit: async (commit) => {
      const result = await storage.commit(commit);
      if (lost || !result.ok) return result;
      lost = true;
      throw new Error('the acknowledgement was lost');
    },
  };
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}

let runs = 0;

/** A prefix for ids that no other run of this process uses. */
function nextPrefix(): string {
  return `r${(runs++).toString(36).padStart(5, '0')}`;
}

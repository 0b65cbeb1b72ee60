// S-08, S-10: commands over the storage: with answers that are lost, and in every order of their steps.
import assert from 'node:assert/strict';
import { actions, pairs, triples, type Action } from '../actions.js';
import { everyInterleaving } from '../interleave.js';
import { endOf, outcomeOf, processService, putScenario, type Outcome, type Scenario } from '../scenario.js';
import type { StorageAdapter } from '../../ports/storage.js';
import { readWorld } from '../worlds.js';
import { wrapStorage } from '../wrapped-storage.js';
import type { RegisterCase } from './suite.js';

export function commandCases(test: RegisterCase): void {
  for (const action of actions) {
    test(`S-08 an answer is lost and the command is sent again: ${action.title}`, async ({ storage }) => {
      const once = await putScenario(storage, nextPrefix());
      await action.run(processService(storage, once.prefix, 0), once);

      const twice = await putScenario(storage, nextPrefix());
      const workspaces = processService(losingFirstAnswer(storage), twice.prefix, 0);
      const lost = await outcomeOf(() => action.run(workspaces, twice));
      assert.equal(lost.ok ? 'ok' : lost.code, 'UNAVAILABLE');
      // Refused or not, the second call must not do it again.
      await outcomeOf(() => action.run(workspaces, twice));
      assert.deepEqual(await effectOf(storage, twice), await effectOf(storage, once));
    });
  }

  for (const [one, other] of pairs) {
    test(`S-10 every order of steps ends as a serial one: ${one.title} | ${other.title}`, ({ storage }) =>
      endsAsSerial(storage, [one, other]));
  }
  for (const three of triples) {
    test(`S-10 every order of steps ends as a serial one: ${three.map(({ title }) => title).join(' | ')}`, ({
      storage,
    }) => endsAsSerial(storage, three));
  }
}

async function endsAsSerial(storage: StorageAdapter, together: readonly Action[]): Promise<void> {
  const serial = new Set<string>();
  for (const order of permutations(together.map((_, process) => process))) {
    const scenario = await putScenario(storage, nextPrefix());
    const outcomes: Outcome[] = [];
    for (const process of order) outcomes[process] = await play(together, process, storage, scenario);
    serial.add(await endOf(storage, scenario, outcomes));
  }
  const orders = everyInterleaving(async () => {
    const scenario = await putScenario(storage, nextPrefix());
    return {
      storage,
      processes: together.map((_, process) => (gated) => play(together, process, gated, scenario)),
      end: (outcomes: readonly Outcome[]) => endOf(storage, scenario, outcomes),
    };
  });
  for await (const { schedule, end } of orders) {
    assert.ok(
      serial.has(end),
      `with the steps in the order ${schedule.join('')} it ends as in no serial order:\n${end}`,
    );
  }
}

function play(
  together: readonly Action[],
  process: number,
  storage: StorageAdapter,
  scenario: Scenario,
): Promise<Outcome> {
  const action = together[process];
  assert.ok(action);
  return outcomeOf(() => action.run(processService(storage, scenario.prefix, process), scenario));
}

/** The counts that a second effect would change. */
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

/** The first commit that succeeds is applied, and its answer lost. */
function losingFirstAnswer(storage: StorageAdapter): StorageAdapter {
  let lost = false;
  return {
    ...wrapStorage(storage, (call) => call()),
    commit: async (commit) => {
      const result = await storage.commit(commit);
      if (lost || !result.ok) return result;
      lost = true;
      throw new Error('the answer was lost');
    },
  };
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}

let runs = 0;

/** Letters that no other run of this process has in its ids. */
function nextPrefix(): string {
  return `r${(runs++).toString(36).padStart(5, '0')}`;
}

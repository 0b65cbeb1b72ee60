import { inspect, isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryStorage, type MemoryStorage } from '../../src/adapters/memory/index.js';
import { violations } from '../../src/domain/invariants.js';
import { sealosMatrix } from '../../src/domain/permissions.js';
import { WorkspaceService } from '../../src/service/workspace-service.js';
import type { Ids } from '../../src/ports/runtime.js';
import type { StorageAdapter } from '../../src/ports/storage.js';
import { chaosStorage } from '../../src/testing/chaos.js';
import {
  playground,
  settle,
  stepArbitrary,
  type Call,
  type Playground,
  type Step,
} from '../../src/testing/histories.js';
import { countingIds } from '../../src/testing/runtime.js';
import { outcomeOf, stillClock, type Outcome } from '../../src/testing/scenario.js';
import { testTokens } from '../../src/testing/test-workspaces.js';
import { canonicalWorld } from '../../src/testing/worlds.js';
import { rounds } from '../campaign.js';
import { createTally, deaf } from './tally.js';

const ACTORS = 8;
const COMMANDS = 200;
const limits = { membersPerWorkspace: 5, openInvitationsPerWorkspace: 4, workspacesPerOwner: 3 };

/** Not fewer where mutants are run: the rarest of calls succeeds in every third history. */
const SEEDS = Math.max(30, rounds(100, 2000));
/** A quarter of what the rarest comes to: signing takes its time, so the same seed does not come to the same each time. */
const OFTEN = rounds(10, 200);

interface Played {
  readonly number: number;
  readonly step: Step;
  readonly call: Call;
  readonly outcome: Outcome;
  /** When it took effect: the place of its last call among all calls of the storage. */
  readonly point: number;
}

interface History {
  readonly played: readonly Played[];
  readonly storage: MemoryStorage;
}

test('S-09 histories of 8 concurrent actors and 200 commands are linearizable', {
  timeout: 1_200_000,
}, async () => {
  const tally = createTally();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const history = await play(seed);
    expect(history.played).toHaveLength(COMMANDS);
    for (const { step, outcome } of history.played) tally.add(step, outcome);
    expect(await flawOf(history), `seed ${String(seed)}`).toBeNull();
  }
  expect(tally.lacking(OFTEN)).toEqual([]);
});

test('the count tells these histories from those in which nobody hears of anything', async () => {
  const tally = createTally();
  const { played } = await play(1, { people: deaf(playground()) });
  for (const { step, outcome } of played) tally.add(step, outcome);
  expect(tally.lacking(1)).toEqual(
    expect.arrayContaining(['transferOwnership', 'inviteMember', 'acceptInvitation', 'LIMIT_EXCEEDED']),
  );
});

test('S-09 the check finds a storage that does not compare versions', async () => {
  const careless = (storage: StorageAdapter): StorageAdapter => ({
    ...storage,
    commit: (commit) => storage.commit({ ...commit, expect: [] }),
  });
  // Not each history has two commands that meet on one record: of those above, one has to be found.
  const flaws: string[] = [];
  for (let seed = 1; seed <= SEEDS && flaws.length === 0; seed++) {
    const history = await play(seed, { sabotage: careless });
    // Records that do not fit make a storage throw, as a mistake in this test would: neither is a find.
    if (history.played.some(({ outcome }) => !outcome.ok && outcome.code === 'UNAVAILABLE')) continue;
    const flaw = await flawOf(history);
    if (flaw !== null) flaws.push(flaw);
  }
  expect(flaws).toEqual([expect.stringMatching(/^(it breaks|it answered|it ended)/)]);
});

/** Plays the steps of a seed, as many at once as there are actors. */
async function play(
  seed: number,
  {
    sabotage = (storage) => storage,
    people = playground(),
  }: { sabotage?: (storage: StorageAdapter) => StorageAdapter; people?: Playground } = {},
): Promise<History> {
  const storage = memoryStorage();
  const steps = fc.sample(stepArbitrary(fc), { seed, numRuns: COMMANDS });
  const played: Played[] = [];
  await settle(people, service(storage, countingIds('s')));
  let calls = 0;
  let next = 0;

  const actor = async (number: number): Promise<void> => {
    let point = 0;
    const counted: StorageAdapter = recorded(sabotage(storage), () => (point = ++calls));
    const chaos = chaosStorage(counted, { seed: seed * ACTORS + number, conflicts: 0.05 });
    const ids = replaceableIds();
    const workspaces = service(chaos, ids);
    for (;;) {
      const step = steps[next++];
      const place = next;
      if (step === undefined) return;
      const call = people.callOf(step);
      ids.restart(place);
      const outcome = await outcomeOf(() => call.run(workspaces));
      people.hear(outcome);
      played.push({ number: place, step, call, outcome, point });
    }
  };
  await Promise.all(Array.from({ length: ACTORS }, (_, number) => actor(number)));
  return { played, storage };
}

/**
 * Why a history is not linearizable, or `null`. Each command takes effect at its last call of the storage: a commit that
 * succeeded, or the load or commit on which it was refused. That point lies between its call and its answer, so the order
 * of these points respects real time; if the commands, run one after the other in this order, answer the same and end the
 * same, the history is linearizable.
 */
async function flawOf({ played, storage }: History): Promise<string | null> {
  const [broken] = violations(storage.dump(), { matrix: sealosMatrix, now: stillClock.now(), limits });
  if (broken) return `it breaks ${broken.rule}: ${broken.message}`;
  const serial = memoryStorage();
  await settle(playground(), service(serial, countingIds('s')));
  const ids = replaceableIds();
  const workspaces = service(serial, ids);
  const inOrder = played
    // A command that gave up on a hot spot had no effect: it may stand anywhere, so it is left out.
    .filter(({ outcome }) => outcome.ok || outcome.code !== 'CONFLICT')
    .sort((one, other) => one.point - other.point);
  for (const { number, call, outcome } of inOrder) {
    ids.restart(number);
    const again = await outcomeOf(() => call.run(workspaces));
    if (!isDeepStrictEqual(again, outcome)) {
      return `it answered ${inspect(outcome)} to ${call.title}, and alone ${inspect(again)}`;
    }
  }
  const [alone, together] = [canonicalWorld(serial.dump()), canonicalWorld(storage.dump())];
  return alone === together ? null : `it ended in\n${together}\nand alone in\n${alone}`;
}

function service(storage: StorageAdapter, ids: Ids): WorkspaceService {
  return new WorkspaceService({ storage, ids, tokens: testTokens, clock: stillClock, limits });
}

/** The same ids for the same command, whoever runs it and whatever ran before. */
function replaceableIds(): Ids & { restart(number: number): void } {
  let ids = countingIds();
  return {
    workspaceId: () => ids.workspaceId(),
    invitationId: () => ids.invitationId(),
    eventId: () => ids.eventId(),
    secret: () => ids.secret(),
    restart: (number) => {
      ids = countingIds(`c${String(number)}x`);
    },
  };
}

/** Tells of each call that can be a command's last, at the moment at which it reads or writes. */
function recorded(storage: StorageAdapter, tell: () => void): StorageAdapter {
  return {
    ...storage,
    load: (slice) => {
      tell();
      return storage.load(slice);
    },
    commit: (commit) => {
      tell();
      return storage.commit(commit);
    },
    findMember: (workspaceId, userId) => {
      tell();
      return storage.findMember(workspaceId, userId);
    },
  };
}

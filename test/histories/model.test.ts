// Sequential random histories: every invariant holds after every step, and planted faults are found.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { memoryStorage, type MemoryStorage } from '../../src/adapters/memory/index.js';
import { OWNER } from '../../src/core/permissions.js';
import type { Change, Limits, WorkspaceKind } from '../../src/index.js';
import { createTestWorkspaces, type Violation } from '../../src/testing/index.js';
import { rounds } from '../campaign.js';
import { attributes } from '../service/team.js';
import { modelCommands } from './histories.js';
import { playground, populate, type Playground } from './playground.js';
import { counted, createTally, unobservant } from './tally.js';

const limits = { membersPerWorkspace: 4, openInvitationsPerWorkspace: 3, workspacesPerOwner: 2 };

const ROUNDS = rounds(300, 10_000);
/** Less than half of the rarest count. */
const OFTEN = rounds(10, 300);

// A fixed seed, so that whether a rare call occurs is not left to chance.
const seed = 1;

test('A-05 W-07 M-08 no random history of all commands breaks an invariant', {
  timeout: 1_200_000,
}, async () => {
  const tally = createTally();
  const histories = historiesOf({ people: () => counted(playground(), tally) });
  await fc.assert(histories, { seed, numRuns: ROUNDS });
  expect(tally.lacking(OFTEN)).toEqual([]);
});

test('the tally rejects histories in which no id or token is ever learned', async () => {
  const tally = createTally();
  await fc.assert(historiesOf({ people: () => counted(unobservant(playground()), tally) }), {
    seed,
    numRuns: 30,
  });
  expect(tally.lacking(1)).toEqual(
    expect.arrayContaining(['transferOwnership', 'inviteMember', 'acceptInvitation', 'INVITATION_USED']),
  );
});

/** The rule that breaks, the fault, and the message of the violation. */
const faults: readonly (readonly [rule: string, fault: string, message: RegExp, Partial<Histories>])[] = [
  ['A-05', 'treats personal workspaces as teams', /an invitation to a personal/, { storage: withoutKinds }],
  ['W-07', 'lets the former owner keep the role', /2 owners/, { storage: withoutDemotion }],
  ['M-08', 'allows one seat too many', /5 seats taken/, { enforced: { ...limits, membersPerWorkspace: 5 } }],
];

test.each(faults)('%s the histories find a service that %s', async (rule, _, expected, faulty) => {
  // A fault may break other rules before this one.
  const sought = (violation: Violation) => violation.rule === rule && expected.test(violation.message);
  const found = await fc.check(historiesOf({ ...faulty, sought }), {
    seed,
    numRuns: ROUNDS,
    endOnFailure: true,
  });
  const { message } = z.instanceof(Error).parse(found.errorInstance);
  expect(message.split('\n').filter((line) => line.startsWith(`${rule} `))).toContainEqual(
    expect.stringMatching(expected),
  );
});

interface Histories {
  readonly people: () => Playground;
  readonly storage: () => MemoryStorage;
  /** The limits that the service enforces; the check always uses `limits`. */
  readonly enforced: Limits;
  readonly sought: (violation: Violation) => boolean;
}

function historiesOf({
  people = playground,
  storage = memoryStorage,
  enforced = limits,
  sought = () => true,
}: Partial<Histories>) {
  const start = async () => {
    const real = createTestWorkspaces({
      storage: storage(),
      limits: enforced,
      deletion: { graceSeconds: 1800 },
      attributes,
    });
    const model = people();
    await populate(model, real.workspaces);
    return { model, real };
  };
  return fc.asyncProperty(modelCommands({ maxCommands: 80, limits, sought }), (commands) =>
    fc.asyncModelRun(start, commands),
  );
}

/** Returns every workspace as a team, and stores the kind that it really has. */
function withoutKinds(): MemoryStorage {
  const storage = memoryStorage();
  const kinds = new Map<string, WorkspaceKind>();
  const kept = (change: Change): Change => {
    if (change.kind !== 'workspace.insert' && change.kind !== 'workspace.update') return change;
    const { id, kind } = change.workspace;
    if (!kinds.has(id)) kinds.set(id, kind);
    return { ...change, workspace: { ...change.workspace, kind: kinds.get(id) ?? kind } };
  };
  return {
    ...storage,
    async load(readSet) {
      const snapshot = await storage.load(readSet);
      const { workspace } = snapshot;
      return { ...snapshot, workspace: workspace && { ...workspace, kind: 'team' } };
    },
    commit: (commit) => storage.commit({ ...commit, changes: commit.changes.map(kept) }),
  };
}

/** Drops the change that demotes the former owner of a transfer. */
function withoutDemotion(): MemoryStorage {
  const storage = memoryStorage();
  const isDemotion = (change: Change): boolean =>
    change.kind === 'member.update' && change.member.role !== OWNER;
  return {
    ...storage,
    commit: (commit) =>
      storage.commit({ ...commit, changes: commit.changes.filter((change) => !isDemotion(change)) }),
  };
}

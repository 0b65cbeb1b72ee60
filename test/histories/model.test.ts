import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { memoryStorage, type MemoryStorage } from '../../src/adapters/memory/index.js';
import { OWNER } from '../../src/domain/permissions.js';
import type { Change, Limits, WorkspaceKind } from '../../src/index.js';
import {
  createTestWorkspaces,
  modelCommands,
  playground,
  settle,
  type Playground,
} from '../../src/testing/index.js';
import { rounds } from '../campaign.js';
import { counted, createTally, deaf } from './tally.js';

const limits = { membersPerWorkspace: 4, openInvitationsPerWorkspace: 3, workspacesPerOwner: 2 };

const ROUNDS = rounds(300, 10_000);
/** Less than half of what the rarest comes to. */
const OFTEN = rounds(10, 300);

// One seed throughout: whether a rare call is met must not be left to chance.
const seed = 1;

test('A-05 W-07 M-08 no random history of all commands breaks an invariant', {
  timeout: 1_200_000,
}, async () => {
  const tally = createTally();
  const histories = historiesOf({ people: () => counted(playground(), tally) });
  await fc.assert(histories, { seed, numRuns: ROUNDS });
  expect(tally.lacking(OFTEN)).toEqual([]);
});

test('the count tells these histories from those in which nobody hears of anything', async () => {
  const tally = createTally();
  await fc.assert(historiesOf({ people: () => counted(deaf(playground()), tally) }), { seed, numRuns: 30 });
  expect(tally.lacking(1)).toEqual(
    expect.arrayContaining(['transferOwnership', 'inviteMember', 'acceptInvitation', 'LIMIT_EXCEEDED']),
  );
});

/** By the rule that it breaks: what it is that goes wrong, and what is then said of it. */
const faults: readonly (readonly [rule: string, fault: string, said: RegExp, Partial<Histories>])[] = [
  ['A-05', 'takes personal workspaces for teams', /an invitation into a personal/, { storage: withoutKinds }],
  ['W-07', 'leaves the former owner the role', /2 owners/, { storage: withoutDemotion }],
  ['M-08', 'has one seat more', /5 seats taken/, { held: { ...limits, membersPerWorkspace: 5 } }],
];

test.each(faults)('%s the histories find a service that %s', async (rule, _, said, faulty) => {
  const found = await fc.check(historiesOf(faulty), { seed, numRuns: ROUNDS, endOnFailure: true });
  const { message } = z.instanceof(Error).parse(found.errorInstance);
  expect(message.split('\n').filter((line) => line.startsWith(`${rule} `))).toContainEqual(
    expect.stringMatching(said),
  );
});

interface Histories {
  readonly people: () => Playground;
  readonly storage: () => MemoryStorage;
  /** What the service holds; `limits` is what it is judged by. */
  readonly held: Limits;
}

function historiesOf({ people = playground, storage = memoryStorage, held = limits }: Partial<Histories>) {
  const start = async () => {
    const real = createTestWorkspaces({ storage: storage(), limits: held });
    const model = people();
    await settle(model, real.workspaces);
    return { model, real };
  };
  return fc.asyncProperty(modelCommands(fc, { maxCommands: 80, limits }), (commands) =>
    fc.asyncModelRun(start, commands),
  );
}

/** Shows every workspace as a team, and keeps what it was. */
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
    async load(slice) {
      const snapshot = await storage.load(slice);
      const { workspace } = snapshot;
      return { ...snapshot, workspace: workspace && { ...workspace, kind: 'team' } };
    },
    commit: (commit) => storage.commit({ ...commit, changes: commit.changes.map(kept) }),
  };
}

/** Writes the new owner of a transfer, and not what becomes of the former one. */
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

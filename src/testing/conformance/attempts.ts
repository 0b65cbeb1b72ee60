// Commits that must fail: checks their result, and that they write nothing.
import assert from 'node:assert/strict';
import type { Commit } from '../../core/changes.js';
import type { CommitResult, StorageAdapter } from '../../ports/storage.js';
import { canonicalWorld, readWorld } from '../worlds.js';
import type { CaseContext } from './suite.js';

export const PARALLEL = 20;

/** The ids that the cases write, and some that must stay unused. */
export const SCOPE = {
  users: ['ada', 'mia', 'dev', 'user0'],
  workspaces: ['hello', 'other', 'personal-mia', 'other-0'],
};

/** Asserts that the commit has the expected result and writes nothing. */
export async function unchanged(
  storage: StorageAdapter,
  expected: CommitResult,
  what: Commit,
): Promise<void> {
  const before = canonicalWorld(await readWorld(storage, SCOPE));
  assert.deepEqual(await storage.commit(what), expected);
  assert.equal(canonicalWorld(await readWorld(storage, SCOPE)), before);
}

/** Asserts that exactly one of many parallel commits succeeds, and that the others have the expected result. */
export async function race(
  context: CaseContext,
  expected: CommitResult,
  what: (number: number) => Commit,
): Promise<void> {
  const adapters = await context.adapters(PARALLEL);
  const results = await Promise.all(adapters.map((adapter, number) => adapter.commit(what(number))));
  const winners = results.filter(({ ok }) => ok);
  assert.equal(
    winners.length,
    1,
    `${String(winners.length)} of ${String(PARALLEL)} parallel commits succeeded`,
  );
  for (const result of results) if (!result.ok) assert.deepEqual(result, expected);
}

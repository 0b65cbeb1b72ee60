// Commits that are made to fail: what they must answer, and that they leave no trace.
import assert from 'node:assert/strict';
import type { Commit } from '../../domain/changes.js';
import type { CommitResult, StorageAdapter } from '../../ports/storage.js';
import { canonicalWorld, readWorld } from '../worlds.js';
import type { CaseContext } from './suite.js';

export const PARALLEL = 20;

/** What the cases write, and more that must not appear. */
export const SCOPE = {
  users: ['olga', 'mark', 'dana', 'user0'],
  workspaces: ['hello', 'other', 'personal-mark', 'other-0'],
};

/** The commit is answered as expected, and everything stays as it was. */
export async function unchanged(
  storage: StorageAdapter,
  expected: CommitResult,
  what: Commit,
): Promise<void> {
  const before = canonicalWorld(await readWorld(storage, SCOPE));
  assert.deepEqual(await storage.commit(what), expected);
  assert.equal(canonicalWorld(await readWorld(storage, SCOPE)), before);
}

/** Exactly one of many parallel commits succeeds; all others are answered as expected. */
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

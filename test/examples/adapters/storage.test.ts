// The storage to copy passes the conformance suite, and fails it without the checks that it relies on.
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import type { ReadSet, Snapshot } from 'tenantry';
import { createTestWorkspaces, storageConformance, type StorageUnderTest } from 'tenantry/testing';
import { keyValueStorage } from '../../../examples/adapters/storage.js';
import { memoryStore, type KeyValueStore } from '../../../examples/adapters/store.js';
import { shareOfInterleavings } from '../../campaign.js';
import { intruded, late, restless, standingStill, unguarded } from './stores.js';

const isChosen = shareOfInterleavings(5);
storageConformance({
  test: (title, run) => {
    if (isChosen(title)) test(`key-value: ${title}`, run);
  },
  createStorage: () => Promise.resolve(storageOn(memoryStore())),
  capabilities: { sharedData: true, locks: false },
});

storageConformance({
  test: (title, run) => {
    if (!title.startsWith('S-10')) test(`key-value, late: ${title}`, run);
  },
  createStorage: () => Promise.resolve(storageOn(late(memoryStore()))),
  capabilities: { sharedData: true, locks: false },
});

test.each([/^S-02 of 20 parallel commits on one version/, /^S-05 of 20 parallel commits for one username/])(
  'S-02 fails the suite on a store that does not compare revisions: %s',
  async (cases) => {
    expect(await failedCases((store) => store, cases)).toEqual([]);
    expect(await failedCases(unguarded, cases)).not.toEqual([]);
  },
);

test('S-10 a read set is consistent, even with commits between its reads', async () => {
  const { mixtures, reads } = await slicesWhileHandedOver((store) => store);
  expect(reads).toBeGreaterThan(5);
  expect(mixtures).toEqual([]);
});

test('S-10 without the second version check, a read set mixes two states', async () => {
  const { mixtures } = await slicesWhileHandedOver(standingStill);
  expect(mixtures).not.toEqual([]);
});

test('S-07 a read set that keeps changing ends in a conflict', async () => {
  const { workspaces } = createTestWorkspaces({ storage: keyValueStorage(restless(memoryStore())) });
  await expect(workspaces.openAccount({ userId: 'olga', username: 'olga' })).rejects.toMatchObject({
    code: 'CONFLICT',
    retryable: true,
  });
});

function storageOn(store: KeyValueStore): StorageUnderTest {
  return {
    storage: keyValueStorage(store),
    connect: () => Promise.resolve(keyValueStorage(store)),
  };
}

async function failedCases(
  sabotage: (store: KeyValueStore) => KeyValueStore,
  cases: RegExp,
): Promise<string[]> {
  const registered: [string, () => Promise<void>][] = [];
  storageConformance({
    test: (title, run) => registered.push([title, run]),
    createStorage: () => Promise.resolve(storageOn(sabotage(memoryStore()))),
    capabilities: { sharedData: true, locks: false },
  });
  const chosen = registered.filter(([title]) => cases.test(title));
  expect(chosen).not.toEqual([]);
  const failed: string[] = [];
  for (const [title, run] of chosen) await run().catch(() => failed.push(title));
  return failed;
}

/**
 * Loads a read set while the ownership of its workspace is transferred, once before each of its reads. Returns the
 * results that match neither the state before nor the state after.
 */
async function slicesWhileHandedOver(
  sabotage: (store: KeyValueStore) => KeyValueStore,
): Promise<{ readonly mixtures: readonly Snapshot[]; readonly reads: number }> {
  const mixtures: Snapshot[] = [];
  for (let place = 0; ; place++) {
    const plain = memoryStore();
    const { readSet, handOver } = await putTeam(plain);
    const before = await keyValueStorage(plain).load(readSet);
    const { store, reads } = intruded(plain, place, handOver);
    const found = await keyValueStorage(sabotage(store)).load(readSet);
    if (reads() <= place) return { mixtures, reads: place };
    const after = await keyValueStorage(plain).load(readSet);
    if (!isDeepStrictEqual(found, before) && !isDeepStrictEqual(found, after)) mixtures.push(found);
  }
}

/** Olga owns a team, and Mark manages it and has created an invitation. */
async function putTeam(
  store: KeyValueStore,
): Promise<{ readonly readSet: ReadSet; readonly handOver: () => Promise<unknown> }> {
  const { workspaces } = createTestWorkspaces({ storage: keyValueStorage(store) });
  const [olga, mark] = [{ userId: 'olga' }, { userId: 'mark' }];
  await workspaces.openAccount({ ...olga, username: 'olga' });
  await workspaces.openAccount({ ...mark, username: 'mark' });
  const { id: workspaceId } = await workspaces.createWorkspace(olga, { name: 'team' });
  const { token } = await workspaces.inviteMember(olga, { workspaceId, role: 'manager' });
  await workspaces.acceptInvitation(mark, { token });
  const { invitation } = await workspaces.inviteMember(mark, { workspaceId, role: 'developer' });
  return {
    readSet: {
      workspaceId,
      accounts: ['olga'],
      members: ['olga', 'mark'],
      owner: true,
      invitationId: invitation.id,
      issuedByOwner: true,
    },
    handOver: () =>
      workspaces.transferOwnership(olga, { workspaceId, userId: 'mark', formerOwnerRole: 'developer' }),
  };
}

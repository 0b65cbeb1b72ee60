// Commands that lost a race on a storage that can lock: they wait in a row, and nothing of the host's holds it up.
import { describe, expect, test } from 'vitest';
import type { LimitSubject, Limits, ReadSet, StorageAdapter } from '../../src/index.js';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { defaultMatrix, defaultLimits, WorkspaceService } from '../../src/index.js';
import { fixedClock, testTokens } from '../../src/testing/index.js';
import { ada, outcome, refusal } from './team.js';

interface Row {
  readonly storage: StorageAdapter;
  /** How often commands asked for the row, and how many were in it at once at most. */
  readonly seen: { asked: number; inside: number; most: number; slept: number };
  /** What they asked for. */
  readonly readSets: ReadSet[];
}

/** Memory whose first `losses` commits outside of the row are lost, and a row that lets in one at a time. */
function rowStorage(losses: number, isTaken: () => boolean = () => false): Row {
  const memory = memoryStorage();
  const seen = { asked: 0, inside: 0, most: 0, slept: 0 };
  const readSets: ReadSet[] = [];
  let left = losses;
  let last: Promise<unknown> = Promise.resolve();
  const storage: StorageAdapter = {
    ...memory,
    commit: async (commit) =>
      left > 0 && left-- > 0 ? { ok: false, reason: 'conflict' } : memory.commit(commit),
    withLock: async (readSet, attempt) => {
      seen.asked += 1;
      readSets.push(readSet);
      if (isTaken()) return { ok: false, reason: 'conflict' };
      const before = last;
      let leave = (): void => undefined;
      last = new Promise<void>((resolve) => (leave = resolve));
      await before;
      seen.most = Math.max(seen.most, ++seen.inside);
      try {
        return { ok: true, value: await attempt(memory) };
      } finally {
        seen.inside -= 1;
        leave();
      }
    },
  };
  return { storage, seen, readSets };
}

function serviceOn(
  { storage, seen }: Row,
  limits: Limits | ((subject: LimitSubject) => Limits) = defaultLimits,
) {
  const clock = fixedClock();
  const sleep = (milliseconds: number): Promise<void> => {
    seen.slept += 1;
    return clock.sleep(milliseconds);
  };
  return new WorkspaceService({
    permissions: defaultMatrix,
    storage,
    limits,
    tokens: testTokens,
    clock: { now: () => clock.now(), sleep },
  });
}

describe('a command that lost once', () => {
  test('is decided again in the row, without sleeping first, and tells its events once', async () => {
    const row = rowStorage(1);
    const workspaces = serviceOn(row);
    const heard: string[] = [];
    workspaces.on('*', ({ type }) => heard.push(type));
    await workspaces.openAccount({ ...ada, username: 'ada' });
    expect(row.seen).toEqual({ asked: 1, inside: 0, most: 1, slept: 0 });
    expect(heard).toEqual(['account.opened', 'workspace.created']);
  });

  test('is refused in the row as anywhere', async () => {
    const row = rowStorage(0);
    const workspaces = serviceOn(row, { ...defaultLimits, workspacesPerOwner: 1 });
    await workspaces.openAccount({ ...ada, username: 'ada' });
    await workspaces.createWorkspace(ada, { name: 'one' });
    const contested = serviceOn(
      { ...row, storage: { ...row.storage, ...oneLoss(row.storage) } },
      { ...defaultLimits, workspacesPerOwner: 2 },
    );
    expect(await outcome(contested.createWorkspace(ada, { name: 'ONE' }))).toBe('NAME_TAKEN');
    expect(row.seen.asked).toBe(1);
  });

  test('asks for the row of the records that it loads', async () => {
    const row = rowStorage(1);
    const loaded: ReadSet[] = [];
    const storage: StorageAdapter = {
      ...row.storage,
      load: (readSet) => {
        loaded.push(readSet);
        return row.storage.load(readSet);
      },
    };
    await serviceOn({ ...row, storage }).openAccount({ ...ada, username: 'ada' });
    expect(row.readSets).toEqual(loaded);
    expect(row.readSets).toEqual([{ personalWorkspaceOf: 'ada' }]);
  });

  test('goes into the row without limits where it is compared with none, though a function has them', async () => {
    const row = rowStorage(0);
    await serviceOn(row).openAccount({ ...ada, username: 'ada' });
    const { id: workspaceId } = await serviceOn(row).createWorkspace(ada, { name: 'one' });
    const asked: LimitSubject[] = [];
    const losing: Row = { ...row, storage: { ...row.storage, ...oneLoss(row.storage) } };
    const workspaces = serviceOn(losing, (subject) => {
      asked.push(subject);
      return defaultLimits;
    });
    const { name } = await workspaces.renameWorkspace(ada, { workspaceId, name: 'two' });
    expect([name, asked]).toEqual(['two', []]);
    expect(row.seen).toMatchObject({ asked: 1, slept: 0 });
  });

  test('is UNAVAILABLE where the storage fails to make a row', async () => {
    const row = rowStorage(1);
    const cause = new Error('lock wait timeout');
    const storage: StorageAdapter = { ...row.storage, withLock: () => Promise.reject(cause) };
    const opened = serviceOn({ ...row, storage }).openAccount({ ...ada, username: 'ada' });
    expect(await refusal(opened)).toMatchObject({
      code: 'UNAVAILABLE',
      details: { source: 'storage' },
      cause,
    });
  });

  test('sleeps and tries on where the row cannot be had, and ends with CONFLICT', async () => {
    const row = rowStorage(Infinity, () => true);
    const workspaces = serviceOn(row);
    expect(await outcome(workspaces.openAccount({ ...ada, username: 'ada' }))).toBe('CONFLICT');
    expect(row.seen).toMatchObject({ asked: 19, slept: 18 });
  });

  test('asks the host for limits outside of the row, and uses inside what it was told', async () => {
    const row = rowStorage(0);
    await serviceOn(row).openAccount({ ...ada, username: 'ada' });
    const asked: number[] = [];
    const losing: Row = { ...row, storage: { ...row.storage, ...oneLoss(row.storage) } };
    const workspaces = serviceOn(losing, () => {
      asked.push(row.seen.inside);
      return defaultLimits;
    });
    await workspaces.createWorkspace(ada, { name: 'one' });
    expect(row.seen.asked).toBe(1);
    expect(asked).toEqual([0]);
  });

  test('leaves the row to ask again where the limits are those of another owner by now', async () => {
    const row = rowStorage(0);
    const host = serviceOn(row);
    const ben = { userId: 'ben' };
    await host.openAccount({ ...ada, username: 'ada' });
    await host.openAccount({ ...ben, username: 'ben' });
    const { id: workspaceId } = await host.createWorkspace(ada, { name: 'one' });
    const { token } = await host.inviteMember(ada, { workspaceId, role: 'manager' });
    await host.acceptInvitation(ben, { token });

    const asked: string[] = [];
    let isFirst = true;
    const storage: StorageAdapter = {
      ...row.storage,
      commit: async (commit) => {
        if (!isFirst) return row.storage.commit(commit);
        isFirst = false;
        await host.transferOwnership(ada, { workspaceId, ...ben });
        return row.storage.commit(commit);
      },
    };
    const workspaces = serviceOn({ ...row, storage }, ({ ownerId }) => {
      asked.push(`${ownerId} ${row.seen.inside}`);
      return defaultLimits;
    });
    await workspaces.inviteMember({ operator: 'support' }, { workspaceId, role: 'developer' });
    expect(asked).toEqual(['ada 0', 'ben 0']);
  });
});

/** A commit whose first call is lost. */
function oneLoss(storage: StorageAdapter): Pick<StorageAdapter, 'commit'> {
  let isFirst = true;
  return {
    commit: async (commit) => {
      if (!isFirst) return storage.commit(commit);
      isFirst = false;
      return { ok: false, reason: 'conflict' };
    },
  };
}

// How often an app's transaction is started, which events are emitted, and which errors are rethrown. Whether it commits
// or rolls back is tested on databases: test/sql/with-transaction.test.ts.
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import {
  defaultMatrix,
  isWorkspaceError,
  WorkspaceError,
  WorkspaceService,
  type BeginTransaction,
  type Clock,
  type StorageAdapter,
} from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { ada } from './team.js';

/** What a driver throws for a deadlock. */
class Deadlock extends Error {}

/** A service that counts its pauses and takes no time for them, on a storage that recognizes a deadlock. */
async function start(wrap: (storage: StorageAdapter) => StorageAdapter = (storage) => storage) {
  const memory = memoryStorage();
  const pauses: number[] = [];
  const clock: Clock = {
    now: () => 0,
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    },
  };
  const storage = { ...memory, isConflict: (error: unknown) => error instanceof Deadlock };
  const workspaces = new WorkspaceService({ permissions: defaultMatrix, storage, tokens: testTokens, clock });
  await workspaces.openAccount({ ...ada, username: 'ada' });
  const heard: string[] = [];
  workspaces.on('*', ({ type }) => heard.push(type));
  const begun: number[] = [];
  const begin: BeginTransaction<number> = (run) => {
    begun.push(begun.length + 1);
    return run({ storage: wrap(memory) }, begun.length);
  };
  return { workspaces, begin, begun, heard, pauses };
}

const losing = (storage: StorageAdapter): StorageAdapter => ({
  ...storage,
  commit: () => Promise.resolve({ ok: false, reason: 'conflict' }),
});

async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('withTransaction', () => {
  test('S-01 returns the result of the work, and emits its events once, after begin has resolved', async () => {
    const { workspaces, begin, begun, heard, pauses } = await start();
    const late: BeginTransaction<number> = async (run) => {
      const answer = await begin(run);
      expect(heard).toEqual([]);
      return answer;
    };
    const name = await workspaces.withTransaction(late, async (inside, own) => {
      const { id: workspaceId } = await inside.createWorkspace(ada, { name: `hello ${own}` });
      await inside.renameWorkspace(ada, { workspaceId, name: 'renamed' });
      return (await inside.getWorkspace(ada, { workspaceId })).name;
    });
    expect(name).toBe('renamed');
    expect(heard).toEqual(['workspace.created', 'workspace.renamed']);
    expect([begun, pauses]).toEqual([[1], []]);
  });

  test('S-02 a lost race begins it again, after a pause of the injected clock, and emits nothing of the lost attempt', async () => {
    const { workspaces, begin, begun, heard, pauses } = await start();
    await workspaces.withTransaction(begin, async (inside, attempt) => {
      await inside.createWorkspace(ada, { name: `hello ${attempt}` });
      if (attempt < 3) throw new WorkspaceError('CONFLICT', { attempts: 1 });
    });
    expect(begun).toEqual([1, 2, 3]);
    expect(heard).toEqual(['workspace.created']);
    expect(pauses).toHaveLength(2);
  });

  test('S-02 one that loses every time ends with CONFLICT after 20 attempts, with its last loss as the cause', async () => {
    const { workspaces, begin, begun, heard, pauses } = await start(losing);
    const error = await thrownBy(
      workspaces.withTransaction(begin, (inside) => inside.createWorkspace(ada, { name: 'hello' })),
    );
    expect(error).toMatchObject({ code: 'CONFLICT', details: { attempts: 20 } });
    expect(error).toHaveProperty('cause.code', 'CONFLICT');
    expect(begun).toHaveLength(20);
    expect(heard).toEqual([]);
    // full jitter below a bound that doubles: 2 ms times 2, 4, .., and 200 at most
    expect(pauses).toHaveLength(19);
    for (const [place, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(0);
      expect(pause).toBeLessThanOrEqual(Math.min(200, 2 ** (place + 2)));
    }
  });

  test('S-02 a work that catches the lost race and continues is still begun again', async () => {
    let losses = 2;
    const { workspaces, begin, begun, heard } = await start((storage) =>
      losses-- > 0 ? losing(storage) : storage,
    );
    const ends: string[] = [];
    await workspaces.withTransaction(begin, async (inside) => {
      for (const name of ['one', 'two']) {
        const end = await inside.createWorkspace(ada, { name }).then(
          () => 'ok',
          (error: unknown) => (isWorkspaceError(error) ? error.code : String(error)),
        );
        ends.push(end);
      }
    });
    expect(ends).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'ok', 'ok']);
    expect(begun).toEqual([1, 2, 3]);
    expect(heard).toEqual(['workspace.created', 'workspace.created']);
  });

  test('S-02 every call after the lost race is CONFLICT, so that catching the first one does not matter', async () => {
    let losses = 1;
    const { workspaces, begin, begun } = await start((storage) => (losses-- > 0 ? losing(storage) : storage));
    await workspaces.withTransaction(begin, async (inside) => {
      const [, later] = await Promise.allSettled([
        inside.createWorkspace(ada, { name: 'one' }),
        inside.createWorkspace(ada, { name: 'two' }).finally(() => inside.listWorkspaces(ada)),
      ]);
      if (later.status === 'rejected') throw later.reason;
    });
    expect(begun).toEqual([1, 2]);
  });

  test.each(['userId', 'workspaceId', 'member', 'invitationId', 'recipient'] as const)(
    'a key that another process took meanwhile, %s, is a lost race, even if the work catches it',
    async (field) => {
      let losses = 1;
      const { workspaces, begin, begun, heard } = await start((storage) => ({
        ...storage,
        commit: async (commit) =>
          losses-- > 0 ? { ok: false, reason: 'duplicate', field } : storage.commit(commit),
      }));
      const ends: string[] = [];
      await workspaces.withTransaction(begin, async (inside) => {
        const call = inside.openAccount({ userId: 'eve', username: 'eve' });
        ends.push(
          await call.then(
            () => 'ok',
            (error: unknown) => (isWorkspaceError(error) ? error.code : String(error)),
          ),
        );
      });
      expect([ends, begun, heard]).toEqual([
        ['CONFLICT', 'ok'],
        [1, 2],
        ['account.opened', 'workspace.created'],
      ]);
    },
  );

  test('S-02 what the storage recognizes as a deadlock begins it again, thrown by the work or by the commit', async () => {
    const { workspaces, begin, begun, heard } = await start();
    const committing: BeginTransaction<number> = async (run) => {
      const answer = await begin(run);
      if (begun.length === 2) throw new Deadlock();
      return answer;
    };
    await workspaces.withTransaction(committing, async (inside, attempt) => {
      await inside.createWorkspace(ada, { name: `hello ${attempt}` });
      if (attempt === 1) throw new Deadlock();
    });
    expect(begun).toEqual([1, 2, 3]);
    expect(heard).toEqual(['workspace.created']);
  });

  test('S-02 without a storage that knows, a deadlock is thrown on', async () => {
    const workspaces = new WorkspaceService({
      permissions: defaultMatrix,
      storage: memoryStorage(),
      tokens: testTokens,
    });
    const begin: BeginTransaction<null> = (run) => run({ storage: memoryStorage() }, null);
    const deadlock = new Deadlock();
    const error = await thrownBy(workspaces.withTransaction(begin, () => Promise.reject(deadlock)));
    expect(error).toBe(deadlock);
  });

  test('S-01 an error of the work is rethrown unchanged after one attempt, and no event is emitted', async () => {
    const { workspaces, begin, begun, heard } = await start();
    const thrown = [new Error('no'), new TypeError('a mistake'), new WorkspaceError('SESSION_INVALID', {})];
    for (const reason of thrown) {
      const ended = workspaces.withTransaction(begin, async (inside) => {
        await inside.createWorkspace(ada, { name: reason.message });
        throw reason;
      });
      expect(await thrownBy(ended)).toBe(reason);
    }
    expect(begun).toHaveLength(thrown.length);
    expect(heard).toEqual([]);
  });

  test('S-07 after an outage inside it is not begun again, even if the work continues', async () => {
    const { workspaces, begin, begun, heard } = await start((storage) => ({
      ...storage,
      findMembership: () => Promise.reject(new Error('cut')),
    }));
    const error = await thrownBy(
      workspaces.withTransaction(begin, async (inside) => {
        const { id: workspaceId } = await inside.createWorkspace(ada, { name: 'hello' });
        await inside.authorize(ada, { workspaceId, permission: 'workspace:view' }).catch(() => null);
      }),
    );
    expect(error).toMatchObject({ code: 'UNAVAILABLE', details: { source: 'storage' } });
    expect([begun, heard]).toEqual([[1], []]);
  });

  test('S-08 a commit whose acknowledgement was lost is not retried, and its events are not emitted', async () => {
    const { workspaces, begin, begun, heard } = await start();
    const cut = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const losingAnswers: BeginTransaction<number> = async (run) => {
      await begin(run);
      throw cut;
    };
    const ended = workspaces.withTransaction(losingAnswers, (inside) =>
      inside.createWorkspace(ada, { name: 'hello' }),
    );
    expect(await thrownBy(ended)).toBe(cut);
    expect([begun, heard]).toEqual([[1], []]);
    expect((await workspaces.listWorkspaces(ada)).items).toHaveLength(2);
  });

  test('a transaction inside a transaction is refused before it is begun: its events would not wait for the outer commit', async () => {
    const { workspaces, begin, begun } = await start();
    const ended = workspaces.withTransaction(begin, (outer) =>
      outer.withTransaction(begin, (inside) => inside.createWorkspace(ada, { name: 'hello' })),
    );
    expect(await thrownBy(ended)).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('inside a transaction already') as string,
    });
    expect(begun).toHaveLength(1);
  });

  test('a service with a quota requires a quota adapter on the transaction', async () => {
    const quota = memoryQuota({ defaults: {} });
    const workspaces = new WorkspaceService({
      permissions: defaultMatrix,
      storage: memoryStorage(),
      quota,
      tokens: testTokens,
    });
    const begin: BeginTransaction<null> = (run) => run({ storage: memoryStorage() }, null);
    const ended = await thrownBy(workspaces.withTransaction(begin, () => Promise.resolve()));
    const message = 'WorkspaceService: the transaction needs a quota adapter, because the service has one';
    expect(ended).toEqual(new TypeError(message));
  });

  test('a command inside does not queue behind a command outside that waits for the transaction', async () => {
    const storage = memoryStorage();
    let [wait, unlock] = [(): void => undefined, (): void => undefined];
    const waiting = new Promise<void>((resolve) => (wait = resolve));
    const unlocked = new Promise<void>((resolve) => (unlock = resolve));
    // as for the lock of a row, until the transaction ends
    const locked: StorageAdapter = {
      ...storage,
      commit: async (commit) => {
        wait();
        await unlocked;
        return storage.commit(commit);
      },
    };
    const options = { permissions: defaultMatrix, tokens: testTokens };
    const setup = new WorkspaceService({ ...options, storage });
    await setup.openAccount({ ...ada, username: 'ada' });
    const { id: workspaceId } = await setup.createWorkspace(ada, { name: 'hello' });

    const workspaces = new WorkspaceService({ ...options, storage: locked });
    const begin: BeginTransaction<null> = (run) => run({ storage }, null).finally(unlock);
    const { outside } = await workspaces.withTransaction(begin, async (inside) => {
      const call = workspaces.renameWorkspace(ada, { workspaceId, name: 'outside' });
      await waiting;
      await inside.renameWorkspace(ada, { workspaceId, name: 'inside' });
      return { outside: call };
    });
    await outside;
    const { items } = await workspaces.listEvents(ada, { workspaceId, order: 'newest', limit: 2 });
    expect(items.map(({ data }) => data)).toEqual([
      { from: 'inside', to: 'outside' },
      { from: 'hello', to: 'inside' },
    ]);
  });
});

// `withLock` locks records in one order, so that two callers with the same records never deadlock.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import type { CommitResult, StorageAdapter, UserActor } from '../../src/index.js';
import { join, serviceOn } from '../service/team.js';
import { databaseKinds } from './databases.js';
import { recordedDatabase, type RecordedDatabase, type Sent } from './recorded.js';
import { createStage, servers, type Stage } from './servers.js';

const ada: UserActor = { userId: 'ada' };
const ben: UserActor = { userId: 'ben' };
const cleo: UserActor = { userId: 'cleo' };

/** Ada and Ben own one team each, and both are members of both. Cleo is a member of Ben's team. */
async function formTeams(storage: StorageAdapter) {
  const workspaces = serviceOn(storage);
  for (const user of [ada, ben, cleo]) await workspaces.openAccount({ ...user, username: user.userId });
  const { id: ofAda } = await workspaces.createWorkspace(ada, { name: 'of Ada' });
  const { id: ofBen } = await workspaces.createWorkspace(ben, { name: 'of Ben' });
  await join(workspaces, ada, { workspaceId: ofAda, ...ben, role: 'manager' });
  await join(workspaces, ben, { workspaceId: ofBen, ...ada, role: 'manager' });
  await join(workspaces, ben, { workspaceId: ofBen, ...cleo, role: 'manager' });
  return { ofAda, ofBen };
}

for (const { server, kind } of servers) {
  describe(server.name, () => {
    let stage: Stage;

    beforeAll(async () => {
      stage = await createStage(server, kind);
    });
    afterAll(() => stage.drop());
    afterEach(() => stage.tidy());
    beforeEach(() => stage.database.empty());

    test('two transfers between the owners of two teams, both after a lost race, never deadlock', async () => {
      const { ofAda, ofBen } = await formTeams(
        sqlStorage({ db: stage.database.db, ...stage.database.tables }),
      );
      const settings = server.settings.quickDeadlocks;
      const [first, second] = [await stage.storageWith({ settings }), await stage.storageWith({ settings })];
      const inside = new Set<number>();
      const results: CommitResult[] = [];

      /** Loses every race, and so uses `withLock`; then commits once both have reached the commit. */
      const late = ({ storage, connection }: typeof first, other: number): StorageAdapter => ({
        ...storage,
        commit: () => Promise.resolve({ ok: false, reason: 'conflict' }),
        withLock: (readSet, attempt) => {
          if (storage.withLock === undefined) throw new Error('it cannot lock');
          return storage.withLock(readSet, (own) =>
            attempt({
              ...own,
              commit: async (commit) => {
                inside.add(connection);
                // The other has reached it too, or waits for a lock of this one.
                while (!inside.has(other) && !(await server.isWaiting(stage.database.db, other)));
                const result = await own.commit(commit);
                results.push(result);
                return result;
              },
            }),
          );
        },
      });

      const ends = await Promise.all([
        serviceOn(late(first, second.connection)).transferOwnership(ada, { workspaceId: ofAda, ...ben }),
        serviceOn(late(second, first.connection)).transferOwnership(ben, { workspaceId: ofBen, ...ada }),
      ]);
      expect(ends.map(({ ownerId }) => ownerId)).toEqual(['ben', 'ada']);
      expect(results).toEqual([{ ok: true }, { ok: true }]);
    });
  });
}

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: RecordedDatabase;
    let storage: StorageAdapter;
    let teams: { readonly ofAda: string; readonly ofBen: string };

    beforeAll(async () => {
      database = await recordedDatabase(kind);
      storage = sqlStorage({ db: database.db, ...database.tables });
      teams = await formTeams(storage);
    });
    afterAll(() => database.drop());

    /** The locks before the attempt begins, in order. */
    const lockedFor = async (readSet: Parameters<NonNullable<StorageAdapter['withLock']>>[0]) => {
      const run = () => Promise.resolve(storage.withLock?.(readSet, () => Promise.resolve('inside')));
      const { sent, answer } = await database.during(run);
      expect(answer).toEqual({ ok: true, value: 'inside' });
      return sent.filter(locks).map(({ parameters }) => parameters);
    };

    test('locks the owner of the workspace among the accounts, in the order of the ids', async () => {
      const { ofAda, ofBen } = teams;
      const owner = true;
      expect(await lockedFor({ workspaceId: ofAda, accounts: ['ben'], owner })).toEqual([
        [ofAda],
        ['ada'],
        ['ben'],
      ]);
      expect(await lockedFor({ workspaceId: ofBen, accounts: ['ada', 'cleo'], owner })).toEqual([
        [ofBen],
        ['ada'],
        ['ben'],
        ['cleo'],
      ]);
      expect(await lockedFor({ workspaceId: ofBen, owner })).toEqual([[ofBen], ['ben']]);
    });

    test('locks an owner who is also listed once, and not at all if the read set has no owner', async () => {
      const { ofAda } = teams;
      const accounts = ['ben', 'ada'];
      expect(await lockedFor({ workspaceId: ofAda, accounts, owner: true })).toEqual([
        [ofAda],
        ['ada'],
        ['ben'],
      ]);
      expect(await lockedFor({ workspaceId: ofAda, accounts: ['ben'] })).toEqual([[ofAda], ['ben']]);
      expect(await lockedFor({ personalWorkspaceOf: 'ada', accounts: ['ben'], owner: true })).toEqual([
        ['ada'],
        ['ada'],
        ['ben'],
      ]);
      expect(await lockedFor({ workspaceId: 'nowhere', accounts: ['ben'], owner: true })).toEqual([
        ['nowhere'],
        ['ben'],
      ]);
    });
  });
}

/** Without the statements that begin and end a transaction. */
function locks({ parameters }: Sent): boolean {
  return parameters.length > 0;
}

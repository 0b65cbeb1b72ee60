// Who asks for records exclusively locks them in one order, so that two who want the same ones never wait in a circle.
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

/** Ada owns one team, Ben another, and both are in both; Cleo is in that of Ben. */
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

    test('two owners who make each other the owner of their teams, both after a lost race: no attempt is in the way of the other', async () => {
      const { ofAda, ofBen } = await formTeams(
        sqlStorage({ db: stage.database.db, ...stage.database.tables }),
      );
      const settings = server.settings.quickDeadlocks;
      const [first, second] = [await stage.storageWith({ settings }), await stage.storageWith({ settings })];
      const inside = new Set<number>();
      const results: CommitResult[] = [];

      /** Loses every race, and so asks for what it needs exclusively; then it commits when both have come so far. */
      const late = ({ storage, connection }: typeof first, other: number): StorageAdapter => ({
        ...storage,
        commit: () => Promise.resolve({ ok: false, reason: 'conflict' }),
        exclusively: (slice, attempt) => {
          if (storage.exclusively === undefined) throw new Error('it cannot lock');
          return storage.exclusively(slice, (own) =>
            attempt({
              ...own,
              commit: async (commit) => {
                inside.add(connection);
                // The other is here as well, or waits for what this one has.
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

    /** What is locked before the attempt begins, in this order. */
    const lockedFor = async (slice: Parameters<NonNullable<StorageAdapter['exclusively']>>[0]) => {
      const run = () => Promise.resolve(storage.exclusively?.(slice, () => Promise.resolve('inside')));
      const { sent, answer } = await database.during(run);
      expect(answer).toEqual({ ok: true, value: 'inside' });
      return sent.filter(locks).map(({ parameters }) => parameters);
    };

    test('the owner of the workspace is locked among the accounts, in the order of the ids', async () => {
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

    test('an owner who is there already is locked once, and one whom nobody asks for is not', async () => {
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

/** Not what begins and ends a transaction. */
function locks({ parameters }: Sent): boolean {
  return parameters.length > 0;
}

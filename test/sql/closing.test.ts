// Closing an account on databases: in races with all that would give the user something, and after calls that failed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { defaultMatrix, type StorageAdapter } from '../../src/index.js';
import { countingIds, fixedClock, violations } from '../../src/testing/index.js';
import { rounds } from '../campaign.js';
import { aroundStorage } from '../service/around-storage.js';
import { ada, join, mia, openAccounts, outcome, root, serviceOn } from '../service/team.js';
import { databaseKinds, type TestDatabase } from './databases.js';
import { wholeWorld } from './whole-world.js';

const role = 'developer';
const REPEATS = rounds(8, 60);

for (const kind of databaseKinds) {
  describe(kind.name, { timeout: 300_000 }, () => {
    let database: TestDatabase;
    let storage: StorageAdapter;

    beforeAll(async () => {
      database = await kind.create();
      storage = sqlStorage({ db: database.db, ...database.tables });
      await openAccounts(service('start'), 'ada', 'mia');
    });
    afterAll(() => database.drop());

    const clock = fixedClock();
    const quota = () => sqlQuota({ db: database.db, ...database.tables, defaults: { pods: '5' } });
    /** Like another process: it shares nothing but the database. */
    const service = (name: string, on = storage) =>
      serviceOn(on, { clock, ids: countingIds(`${name}x`), quota: quota() });
    const soundWorld = async () => {
      const world = await wholeWorld(database);
      expect(violations(world, { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
      return world;
    };

    /** A member of a team of ada, with an invitation and a link to a team of mia. */
    async function person(userId: string) {
      const workspaces = service(userId);
      const self = { userId };
      await openAccounts(workspaces, userId);
      const { id: team } = await workspaces.createWorkspace(ada, { name: `a ${userId}` });
      const { id: other } = await workspaces.createWorkspace(mia, { name: `m ${userId}` });
      await join(workspaces, ada, { workspaceId: team, userId, role: 'manager' });
      await workspaces.inviteMember(self, { workspaceId: team, role });
      const bound = await workspaces.inviteMember(mia, { workspaceId: other, role, recipient: self });
      const link = await workspaces.inviteMember(mia, { workspaceId: other, role });
      return { self, team, other, bound: bound.token, link: link.token };
    }

    test('A-09 joins, transfers, new workspaces and a second call race it, and nothing is left', async () => {
      for (let round = 0; round < REPEATS; round++) {
        const userId = `racer${String(round)}`;
        const { self, team, bound, link } = await person(userId);
        const at = (n: number) => service(`${userId}p${String(n)}`);
        const calls = [
          () => at(0).closeAccount(self, self),
          () => at(1).acceptInvitation(self, { token: bound }),
          () => at(2).acceptInvitation(self, { token: link }),
          () => at(3).createWorkspace(self, { name: 'Mine' }),
          () => at(4).transferOwnership(ada, { workspaceId: team, userId }),
          () => at(5).switchWorkspace(self, { workspaceId: team }),
          () => at(6).inviteMember(self, { workspaceId: team, role }),
          () => at(7).closeAccount(root, self),
        ];
        // Another one is first each time.
        const first = round % calls.length;
        await Promise.all([...calls.slice(first), ...calls.slice(0, first)].map((call) => outcome(call())));
        const { accounts, members } = await soundWorld();
        const account = accounts.find((one) => one.userId === userId);
        if (account?.status !== 'open') {
          await service(`${userId}end`).closeAccount(root, self);
          expect(members.filter((member) => member.userId === userId && member.workspaceId === team)).toEqual(
            [],
          );
        }
      }
      await soundWorld();
    });

    test('A-09 A-11 interrupted at any storage call and repeated, it closes; then a new account opens', async () => {
      for (let at = 0, isOver = false; !isOver; at++) {
        const userId = `cut${String(at)}`;
        const { self } = await person(userId);
        let calls = 0;
        const failing = aroundStorage(storage, async (run) => {
          const answer = await run();
          if (calls++ === at) throw new Error('the acknowledgement is lost');
          return answer;
        });
        isOver = (await outcome(service(`${userId}a`, failing).closeAccount(self, self))) === 'ok';
        await service(`${userId}b`).closeAccount(self, self);
        const { accounts, members, invitations } = await soundWorld();
        expect(accounts.find((one) => one.userId === userId)?.status).toBe('closed');
        expect(members.filter((member) => member.userId === userId)).toEqual([]);
        const isFor = (recipient: object | null) =>
          recipient !== null && 'userId' in recipient && recipient.userId === userId;
        expect(invitations.filter(({ state, recipient }) => state === 'open' && isFor(recipient))).toEqual(
          [],
        );
        const { account } = await service(`${userId}c`).openAccount({ userId, username: userId });
        expect(account.username).toBe(userId);
      }
      await soundWorld();
    });
  });
}

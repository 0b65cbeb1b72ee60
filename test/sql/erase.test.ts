// Erasing a person on databases: every column of every table, and calls that failed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { defaultMatrix, type StorageAdapter } from '../../src/index.js';
import { countingIds, fixedClock, violations } from '../../src/testing/index.js';
import { rounds } from '../campaign.js';
import { aroundStorage } from '../service/around-storage.js';
import { erasing, heldIn, live, strings, trailOf, zoe } from '../service/erased-person.js';
import { ada, outcome, root, serviceOn } from '../service/team.js';
import { databaseKinds, type TestDatabase } from './databases.js';
import { rowsIn } from './table-rows.js';
import { wholeWorld } from './whole-world.js';

const role = 'developer';
/** Of the calls of an erasing, every so many is cut. */
const STRIDE = rounds(1, 2) === 2 ? 1 : 5;

for (const kind of databaseKinds) {
  describe(kind.name, { timeout: 300_000 }, () => {
    let database: TestDatabase;
    let storage: StorageAdapter;

    beforeAll(async () => {
      database = await kind.create();
      storage = sqlStorage({ db: database.db, ...database.tables });
    });
    afterAll(() => database.drop());

    const clock = fixedClock();
    const service = (name: string, on = storage) =>
      serviceOn(on, {
        clock,
        ids: countingIds(`${name}x`),
        quota: sqlQuota({ db: database.db, ...database.tables, defaults: { pods: '5' } }),
      });
    const soundWorld = async () => {
      const world = await wholeWorld(database);
      expect(violations(world, { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
      return world;
    };

    test('A-10 no column of any table holds a name or an address, and rows of others are as they were', async () => {
      const workspaces = service('life');
      await live({ workspaces, clock });
      const [before, rows] = [await soundWorld(), await rowsIn(database)];
      for (const each of strings) expect(heldIn(rows).join('\n').toLowerCase()).toContain(each);
      await workspaces.closeAccount(root, erasing);

      const afterwards = await rowsIn(database);
      expect(heldIn(afterwards)).toEqual([]);
      const others = rows.filter(
        (row) =>
          heldIn([row]).length === 0 &&
          !row.includes(zoe.userId) &&
          !/^(workspaces|workspace_ids|quota)/.test(row),
      );
      expect(others.length).toBeGreaterThan(20);
      expect(afterwards).toEqual(expect.arrayContaining(others));
      expect(trailOf(await soundWorld())).toEqual(expect.arrayContaining([...trailOf(before)]));
    });

    test('A-10 interrupted at storage calls and repeated, nothing is left', async () => {
      for (let at = 0, isOver = false; !isOver; at += STRIDE) {
        const userId = `cut-${String(at)}`;
        const workspaces = service(userId);
        const self = { userId, email: `mail.of.${userId}@example.org`, emailVerified: true };
        const recipient = { email: self.email };
        await workspaces.openAccount({ userId, username: `first-${userId}` });
        await workspaces.renameAccount(self, { userId, username: `name-of-${userId}` });
        for (const name of ['stays', 'goes']) {
          const { id: workspaceId } = await workspaces.createWorkspace(ada, {
            name: `${name} ${String(at)}`,
          });
          const { token } = await workspaces.inviteMember(ada, { workspaceId, role, recipient });
          await workspaces.acceptInvitation(self, { token });
          if (name === 'goes') await workspaces.deleteWorkspace(ada, { workspaceId });
        }
        let calls = 0;
        const failing = aroundStorage(storage, async (run) => {
          const answer = await run();
          if (calls++ === at) throw new Error('the acknowledgement is lost');
          return answer;
        });
        const input = { userId, erase: true };
        isOver = (await outcome(service(`${userId}a`, failing).closeAccount(self, input))) === 'ok';
        await service(`${userId}b`).closeAccount(self, input);
        const left = (await rowsIn(database)).filter((row) =>
          ['mail.of.', 'first-', 'name-of-'].some((each) => row.includes(each + userId)),
        );
        expect(left, `call ${String(at)}`).toEqual([]);
      }
      await soundWorld();
    });
  });
}

// Changing to a taken name is refused with the name, and not retried as a lost race.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import type { WorkspaceService } from '../../src/index.js';
import { ada, formTeam, mia, outcome, serviceOn } from '../service/team.js';
import { databaseKinds, type TestDatabase } from './databases.js';
import { rowsIn } from './table-rows.js';

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let workspaces: WorkspaceService;

    beforeAll(async () => {
      database = await kind.create();
      workspaces = serviceOn(sqlStorage({ db: database.db, ...database.tables }));
    });
    afterAll(() => database.drop());
    beforeEach(() => database.empty());

    test('W-02 renaming to a name that the owner has is NAME_TAKEN, and changes nothing', async () => {
      const workspaceId = await formTeam(workspaces);
      await workspaces.createWorkspace(ada, { name: 'Aside' });
      const before = await rowsIn(database);
      for (const name of ['Aside', 'ASIDE', 'ada']) {
        expect(await outcome(workspaces.renameWorkspace(ada, { workspaceId, name }))).toBe('NAME_TAKEN');
      }
      expect(await rowsIn(database)).toEqual(before);
    });

    test('W-02 a transfer to an owner who has the name is NAME_TAKEN, and changes nothing', async () => {
      const workspaceId = await formTeam(workspaces);
      const own = await workspaces.createWorkspace(mia, { name: 'CORE' });
      const before = await rowsIn(database);
      const handOver = () => outcome(workspaces.transferOwnership(ada, { workspaceId, ...mia }));
      expect(await handOver()).toBe('NAME_TAKEN');
      expect(await rowsIn(database)).toEqual(before);
      await workspaces.renameWorkspace(mia, { workspaceId: own.id, name: 'Other' });
      expect(await handOver()).toBe('ok');
    });

    test('A-03 W-02 changing to a taken username, or to a name of the user’s workspaces, changes nothing', async () => {
      await formTeam(workspaces);
      const before = await rowsIn(database);
      const rename = (username: string) => outcome(workspaces.renameAccount(ada, { ...ada, username }));
      expect(await rename('MIA')).toBe('USERNAME_TAKEN');
      // The personal workspace would have the same name.
      expect(await rename('core')).toBe('NAME_TAKEN');
      expect(await rowsIn(database)).toEqual(before);
    });
  });
}

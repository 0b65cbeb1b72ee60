// Many at once, and many rows at once: what must not depend on how many there are.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WorkspaceService, isWorkspaceError } from '../../src/index.js';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { testTokens } from '../../src/testing/index.js';
import { commit, insertInvitation, invitation, mustCommit } from '../../src/testing/conformance/records.js';
import { databaseKinds, type TestDatabase } from './databases.js';

const olga = { userId: 'olga' };
const mark = { userId: 'mark' };

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let service: WorkspaceService;

    beforeAll(async () => {
      database = await kind.create();
      const options = { db: database.db, ...database.tables };
      service = new WorkspaceService({
        storage: sqlStorage(options),
        quota: sqlQuota({ ...options, defaults: { pods: '5' } }),
        quotaTimeout: 60_000,
        tokens: testTokens,
        limits: {
          membersPerWorkspace: 'unlimited',
          openInvitationsPerWorkspace: 'unlimited',
          workspacesPerOwner: 'unlimited',
        },
      });
    });
    afterAll(() => database.drop());

    test('Q-14 the first reservations of 60 workspaces at once all fit', async () => {
      const people = Array.from({ length: 60 }, (_, place) => ({ userId: `user ${place}` }));
      const reserving = await Promise.all(
        people.map(async (person) => {
          const { workspace } = await service.openAccount({ ...person, username: person.userId });
          return { person, workspaceId: workspace.id };
        }),
      );
      const ends = await Promise.all(
        reserving.flatMap(({ person, workspaceId }) =>
          ['one', 'two', 'three'].map(async (reservationId) => {
            const amounts = { pods: '1' };
            return service.reserveQuota(person, { workspaceId, reservationId, amounts }).then(
              () => 'ok',
              (error: unknown) => (isWorkspaceError(error) ? error.code : String(error)),
            );
          }),
        ),
      );
      expect(ends.filter((end) => end !== 'ok')).toEqual([]);
    });

    test('M-07 who leaves with 5,000 open invitations leaves, and all of them are revoked', async () => {
      await service.openAccount({ ...olga, username: 'olga' });
      await service.openAccount({ ...mark, username: 'mark' });
      const { id: workspaceId } = await service.createWorkspace(olga, { name: 'hello' });
      const { token } = await service.inviteMember(olga, { workspaceId, role: 'manager' });
      await service.acceptInvitation(mark, { token });
      const storage = sqlStorage({ db: database.db, ...database.tables });
      const { workspace } = await storage.load({ workspaceId });
      const count = 5000;
      const open = Array.from({ length: count }, (_, place) =>
        invitation(workspaceId, `i${place}`, {
          issuedBy: mark,
          maxUses: 'unlimited',
          expiresAt: Date.now() + 3_600_000,
        }),
      );
      if (workspace === null) throw new Error('the team is not there');
      const next = { ...workspace, openInvitations: count, version: workspace.version + 1 };
      await mustCommit(
        storage,
        commit([{ kind: 'workspace.update', workspace: next }, ...open.map(insertInvitation)], {
          expect: [{ workspace: workspaceId, version: workspace.version }],
        }),
      );
      await service.removeMember(olga, { workspaceId, ...mark });
      const left = await storage.load({ workspaceId, issuedBy: 'mark', members: ['mark'] });
      expect([left.openInvitations, left.members.size, left.workspace?.openInvitations]).toEqual([[], 0, 0]);
    });
  });
}

// Many concurrent calls, and many rows in one call: the result does not depend on their number.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultMatrix, WorkspaceService, isWorkspaceError } from '../../src/index.js';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { testTokens } from '../../src/testing/index.js';
import { commit, insertInvitation, invitation, mustCommit } from '../../src/testing/conformance/records.js';
import { databaseKinds, type TestDatabase } from './databases.js';

const ada = { userId: 'ada' };
const mia = { userId: 'mia' };

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let service: WorkspaceService;

    beforeAll(async () => {
      database = await kind.create();
      const options = { db: database.db, ...database.tables };
      service = new WorkspaceService({
        permissions: defaultMatrix,
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

    test('Q-14 the concurrent first reservations of 60 workspaces all succeed', async () => {
      const people = Array.from({ length: 60 }, (_, index) => ({ userId: `user ${index}` }));
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

    test('I-27 of 24 concurrent invitations of one user to 3 workspaces exactly 5 are admitted', async () => {
      const cleo = { userId: 'cleo' };
      await service.openAccount({ ...cleo, username: 'cleo' });
      const ids: string[] = [];
      for (const name of ['one', 'two', 'three'])
        ids.push((await service.createWorkspace(cleo, { name })).id);
      const services = ids.map(
        () =>
          new WorkspaceService({
            permissions: defaultMatrix,
            storage: sqlStorage({ db: database.connect(), ...database.tables }),
            tokens: testTokens,
            invitationsPerActorPerDay: 5,
          }),
      );
      const outcomes = await Promise.all(
        Array.from({ length: 24 }, async (_, index) => {
          const workspaceId = ids[index % 3] ?? '';
          const inviting = services[(index >> 2) % 3]?.inviteMember(cleo, { workspaceId, role: 'developer' });
          return inviting?.then(
            () => 'ok',
            (error: unknown) => (isWorkspaceError(error) ? error.code : String(error)),
          );
        }),
      );
      expect(outcomes.filter((end) => end === 'ok')).toHaveLength(5);
      expect(outcomes.filter((end) => end === 'LIMIT_EXCEEDED')).toHaveLength(19);
      const { accounts } = await sqlStorage({ db: database.db, ...database.tables }).load({
        accounts: ['cleo'],
      });
      expect(accounts.get('cleo')?.invited).toBe(5);
    });

    test('M-07 removing a member with 5,000 open invitations revokes all of them', async () => {
      await service.openAccount({ ...ada, username: 'ada' });
      await service.openAccount({ ...mia, username: 'mia' });
      const { id: workspaceId } = await service.createWorkspace(ada, { name: 'hello' });
      const { token } = await service.inviteMember(ada, { workspaceId, role: 'manager' });
      await service.acceptInvitation(mia, { token });
      const storage = sqlStorage({ db: database.db, ...database.tables });
      const { workspace } = await storage.load({ workspaceId });
      const count = 5000;
      const open = Array.from({ length: count }, (_, index) =>
        invitation(workspaceId, `i${index}`, {
          issuedBy: mia,
          maxUses: 'unlimited',
          expiresAt: Date.now() + 3_600_000,
        }),
      );
      if (workspace === null) throw new Error('the team is not stored');
      const next = { ...workspace, openInvitations: count, version: workspace.version + 1 };
      await mustCommit(
        storage,
        commit([{ kind: 'workspace.update', workspace: next }, ...open.map(insertInvitation)], {
          expect: [{ workspace: workspaceId, version: workspace.version }],
        }),
      );
      await service.removeMember(ada, { workspaceId, ...mia });
      const left = await storage.load({ workspaceId, issuedBy: ['mia'], members: ['mia'] });
      expect([left.openInvitations, left.members.size, left.workspace?.openInvitations]).toEqual([[], 0, 0]);
    });
  });
}

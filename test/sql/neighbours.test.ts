// Two workspaces with the same people: a command in one leaves every row of the other unchanged.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import type { StorageAdapter, WorkspaceService } from '../../src/index.js';
import { countingIds, fixedClock, type FixedClock } from '../../src/testing/index.js';
import { ada, dev, join, mia, openAccounts, sam, serviceOn } from '../service/team.js';
import { databaseKinds, type TestDatabase } from './databases.js';
import { rowsIn } from './table-rows.js';

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let storage: StorageAdapter;

    beforeAll(async () => {
      database = await kind.create();
      storage = sqlStorage({ db: database.db, ...database.tables });
    });
    afterAll(() => database.drop());

    /** Two workspaces that differ only in their ids: people, roles, times and ids of invitations are the same. */
    async function start(clock: FixedClock) {
      await openAccounts(serviceOn(storage, { clock }), 'ada', 'mia', 'dev', 'sam');
      const inside: Inside[] = [];
      for (const workspaceId of ['ws-first', 'ws-second']) {
        const service = serviceOn(storage, { clock, ids: countingIds() });
        await service.createWorkspace(ada, { name: workspaceId, workspaceId });
        await join(service, ada, { workspaceId, ...mia, role: 'manager' });
        await join(service, ada, { workspaceId, ...dev, role: 'developer' });
        const bound = { workspaceId, role: 'developer', recipient: sam } as const;
        const { invitation, token } = await service.inviteMember(ada, bound);
        const issued = [invitation.id];
        // More than one to revoke when Mia goes.
        for (let index = 0; index < 2; index++) {
          const { invitation: link } = await service.inviteMember(mia, { workspaceId, role: 'developer' });
          issued.push(link.id);
        }
        inside.push({ service, workspaceId, token, invitationId: invitation.id, issued });
      }
      const [first, second] = inside;
      if (first === undefined || second === undefined) throw new Error('there are two');
      expect(first.issued).toEqual(second.issued);
      return [first, second] as const;
    }

    test.each(Object.entries(actions))(
      'T-02 %s changes one workspace, and no row of the other',
      async (_title, act) => {
        for (const index of [0, 1] as const) {
          await database.empty();
          const clock = fixedClock();
          const twins = await start(clock);
          const [acted, other] = [twins[index], twins[index === 0 ? 1 : 0]];
          const before = await Promise.all(
            [acted, other].map(({ workspaceId }) => rowsIn(database, workspaceId)),
          );
          clock.advance(1000);
          await act(acted);
          expect(await rowsIn(database, acted.workspaceId)).not.toEqual(before[0]);
          expect(await rowsIn(database, other.workspaceId)).toEqual(before[1]);
        }
      },
    );
  });
}

interface Inside {
  readonly service: WorkspaceService;
  readonly workspaceId: string;
  /** Of the invitation of this id, which is for Sam. */
  readonly token: string;
  readonly invitationId: string;
  readonly issued: readonly string[];
}

const actions: Readonly<Record<string, (inside: Inside) => Promise<unknown>>> = {
  'renaming it': ({ service, workspaceId }) => service.renameWorkspace(ada, { workspaceId, name: 'New' }),
  'changing a role': ({ service, workspaceId }) =>
    service.changeRole(ada, { workspaceId, ...dev, role: 'manager' }),
  leaving: ({ service, workspaceId }) => service.leaveWorkspace(dev, { workspaceId }),
  'removing who has invited': ({ service, workspaceId }) =>
    service.removeMember(ada, { workspaceId, ...mia }),
  'handing it over': ({ service, workspaceId }) => service.transferOwnership(ada, { workspaceId, ...mia }),
  'accepting an invitation': ({ service, token }) => service.acceptInvitation(sam, { token }),
  'declining an invitation': ({ service, token }) => service.declineInvitation(sam, { token }),
  'revoking an invitation': ({ service, workspaceId, invitationId }) =>
    service.revokeInvitation(ada, { workspaceId, invitationId }),
  'reissuing an invitation': ({ service, workspaceId, invitationId }) =>
    service.reissueInvitation(ada, { workspaceId, invitationId }),
  'deleting it': ({ service, workspaceId }) => service.deleteWorkspace(ada, { workspaceId }),
};

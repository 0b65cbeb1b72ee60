// Stops a server as a power failure would, during commands.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import { defaultMatrix, WorkspaceService } from '../../src/index.js';
import { seededRandom } from '../../src/testing/chaos.js';
import { testTokens } from '../../src/testing/test-workspaces.js';
import { rounds } from '../campaign.js';
import { postgresWith } from './connections.js';
import { migrate } from './databases.js';
import { errorOf, expectUnavailable } from './outages.js';
import { postgresPrograms, privatePostgres, type PrivatePostgres } from './private-postgres.js';
import { unsound, wholeWorld } from './whole-world.js';

const programs = await postgresPrograms();
if ('missing' in programs) {
  const why = `no PostgreSQL server can be started here, so none is stopped: ${programs.missing}`;
  if (process.env['CI'] === 'true') throw new Error(why);
  console.warn(why);
  test.skip('S-07 a PostgreSQL server that is stopped', () => undefined);
} else {
  const { folder } = programs;
  describe('a PostgreSQL server that is stopped', { timeout: 1_800_000 }, () => {
    let server: PrivatePostgres;

    beforeAll(async () => {
      server = await privatePostgres(folder);
    });
    afterAll(() => server.remove());

    test('S-07 commands during a restart are UNAVAILABLE or succeed, and later calls work', async () => {
      const db = postgresWith({ connectionString: server.url, max: 4 });
      const tables = { dialect: 'postgres' } as const;
      await migrate(db, tables);
      const random = seededRandom(7);
      const workspaces = new WorkspaceService({
        permissions: defaultMatrix,
        storage: sqlStorage({ db, ...tables }),
        tokens: testTokens,
        limits: {
          membersPerWorkspace: 'unlimited',
          openInvitationsPerWorkspace: 'unlimited',
          workspacesPerOwner: 'unlimited',
        },
      });
      const acknowledged = new Set<string>();
      workspaces.on('*', ({ id }) => acknowledged.add(id));
      const people = [...Array(4).keys()].map((index) => ({ userId: `user-${index}` }));
      const [olga = { userId: '' }] = people;
      for (const { userId } of people) await workspaces.openAccount({ userId, username: userId });
      const { id: workspaceId } = await workspaces.createWorkspace(olga, { name: 'team' });
      let names = 0;
      const commands = [
        () => workspaces.renameWorkspace(olga, { workspaceId, name: `name ${names++}` }),
        () => workspaces.createWorkspace(olga, { name: `team ${names++}` }),
        () => workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses: 'unlimited' }),
        () => workspaces.renameAccount(olga, { ...olga, username: `olga ${names++}` }),
      ];
      for (let round = 0; round < rounds(2, 20); round++) {
        let left = 5 + Math.floor(random() * 40);
        let enough = (): void => undefined;
        const livedEnough = new Promise<void>((resolve) => (enough = resolve));
        /** Until the server is gone. */
        const actor = async (command: () => Promise<unknown>): Promise<void> => {
          for (;;) {
            const error = await errorOf(command());
            if (error === null && --left === 0) enough();
            if (error === null) continue;
            expectUnavailable(error);
            return;
          }
        };
        const lives = Promise.all(commands.map(actor));
        // No call ends before the server does: an end here is a failure.
        await Promise.race([livedEnough, lives]);
        await server.stop();
        await lives;
        for (const command of commands) expectUnavailable(await errorOf(command()));
        await server.start();
        for (const command of commands) await command();
      }
      const table = (name: string) => `tenantry_${name}`;
      const world = await wholeWorld({ db, tables, table });
      const kept = new Set(world.events.map(({ id }) => id));
      expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
      expect(unsound(world)).toEqual([]);
      await db.destroy();
    });
  });
}

// Closing and erasing accounts with processes of the operating system: 8 that race, and one that is killed at a storage call.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import type { WorkspaceService } from '../../src/index.js';
import { rounds } from '../campaign.js';
import { ada, mia, openAccounts, root, serviceOn } from '../service/team.js';
import { databaseKinds, type TestDatabase } from './databases.js';
import { rowsIn } from './table-rows.js';
import { unsound, wholeWorld } from './whole-world.js';
import { addressOf, call, race, workerProgram, type Program, type Worker } from './workers.js';

const PROCESSES = 8;
const CONNECTIONS = 3;
const role = 'developer';
/** A process is killed at every so many of the calls. */
const STRIDE = rounds(1, 2) === 2 ? 1 : 11;

let program: Program;
let workers: readonly Worker[];

beforeAll(async () => {
  program = await workerProgram();
  workers = await Promise.all(Array.from({ length: PROCESSES }, () => program.start()));
});
afterAll(() => program.remove());

for (const kind of databaseKinds.filter(({ name }) => name !== 'PGlite')) {
  describe(kind.name, { timeout: 1_800_000 }, () => {
    let database: TestDatabase;
    let workspaces: WorkspaceService;

    beforeAll(async () => {
      database = await kind.create();
      const address = await addressOf(database);
      await Promise.all(workers.map((worker) => worker.connect(address, CONNECTIONS)));
    });
    beforeEach(async () => {
      await database.empty();
      workspaces = serviceOn(sqlStorage({ db: database.db, ...database.tables }));
      await openAccounts(workspaces, 'ada', 'mia');
    });
    afterAll(() => database.drop());

    /** In a team of Ada's, where another invitation to the address was used; with an invitation and a link to one of Mia's. */
    async function person(number: number) {
      const userId = `u-${String(number)}`;
      const self = { userId, email: `mail.of.${userId}@example.org`, emailVerified: true };
      await workspaces.openAccount({ userId, username: `first.name.of.${userId}` });
      await workspaces.renameAccount(self, { userId, username: `name.of.${userId}` });
      const { id: team } = await workspaces.createWorkspace(ada, { name: `a ${userId}` });
      const { id: other } = await workspaces.createWorkspace(mia, { name: `m ${userId}` });
      const recipient = { email: self.email };
      const { token } = await workspaces.inviteMember(ada, { workspaceId: team, role: 'manager', recipient });
      await workspaces.acceptInvitation(self, { token });
      await workspaces.inviteMember(self, { workspaceId: team, role });
      const bound = await workspaces.inviteMember(mia, { workspaceId: other, role, recipient });
      const link = await workspaces.inviteMember(mia, { workspaceId: other, role });
      return { self, team, other, bound: bound.token, link: link.token };
    }

    /** Rows that hold a name or the address of a user. */
    const held = async (userId: string): Promise<readonly string[]> =>
      (await rowsIn(database)).filter(
        (row) =>
          row.includes(`.of.${userId}@`) ||
          row.includes(`name.of.${userId}"`) ||
          row.includes(`name.of.${userId}\\"`),
      );

    const soundWorld = async () => {
      const world = await wholeWorld(database);
      expect(unsound(world)).toEqual([]);
      return world;
    };

    test('A-09 A-10 joins, additions, invitations and transfers in 8 processes race it, and nothing is left', async () => {
      const ended = { closed: 0, owns: 0 };
      for (let round = 0; round < rounds(1, 20); round++) {
        const people = [];
        for (let number = 0; number < 4; number++) people.push(await person(round * 4 + number));
        const calls = people.map(({ self, team, other, bound, link }) => {
          const { userId } = self;
          return [
            call('closeAccount', self, { userId, erase: true }),
            call('acceptInvitation', self, { token: bound }),
            call('acceptInvitation', self, { token: link }),
            call('addMember', root, { workspaceId: other, userId, role, email: self.email }),
            call('transferOwnership', ada, { workspaceId: team, userId }),
            call('inviteMember', mia, { workspaceId: other, role, recipient: { userId } }),
            call('createWorkspace', self, { name: 'mine' }),
            call('closeAccount', root, { userId, erase: true, emails: [self.email] }),
          ];
        });
        // Each call of a person in another process, and another process for each person.
        const turned = calls.map((own, index) => [...own.slice(index * 2), ...own.slice(0, index * 2)]);
        await race(workers, turned.flat());
        const { accounts, members } = await soundWorld();
        for (const { self } of people) {
          const { userId } = self;
          const account = accounts.find((one) => one.userId === userId);
          if (account?.status === 'open') {
            ended.owns += 1;
            expect(account.ownedTeams).toBeGreaterThan(0);
            continue;
          }
          ended.closed += 1;
          expect(account?.status).toBe('closed');
          expect(members.filter((one) => one.userId === userId)).toEqual([]);
          expect(await held(userId)).toEqual([]);
        }
      }
      expect(ended.closed + ended.owns).toBe(rounds(1, 20) * 4);
    });

    test('A-09 A-10 killed at a storage call and called again, it ends the same', async () => {
      const address = await addressOf(database);
      let kills = 0;
      for (let killAt = 1, isOver = false; !isOver; killAt += STRIDE) {
        const { self } = await person(1000 + killAt);
        const input = { userId: self.userId, erase: true };
        const worker = await program.start();
        await worker.connect(address, 1);
        const job = worker.start({ kind: 'calls', calls: [call('closeAccount', self, input)], killAt });
        isOver = await job.outcomes.then(
          () => true,
          (error: unknown) => !String(error).includes('SIGKILL'),
        );
        await worker.kill();
        if (!isOver) kills += 1;
        await soundWorld();
        await workspaces.closeAccount(self, input);
        const { accounts, members, invitations } = await soundWorld();
        expect(accounts.find((one) => one.userId === self.userId)?.status).toBe('closed');
        expect(members.filter((one) => one.userId === self.userId)).toEqual([]);
        expect(
          invitations.filter(
            ({ issuedBy, state }) =>
              state === 'open' && 'userId' in issuedBy && issuedBy.userId === self.userId,
          ),
        ).toEqual([]);
        expect(await held(self.userId), `killed at call ${String(killAt)}`).toEqual([]);
      }
      expect(kills).toBeGreaterThan(2);
    });
  });
}

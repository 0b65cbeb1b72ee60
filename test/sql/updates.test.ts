// An update writes the whole record, as another connection reads it.
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import type { InvitationRecord, StorageAdapter, WorkspaceService } from '../../src/index.js';
import {
  START,
  account,
  commit,
  insertAccount,
  insertInvitation,
  insertMember,
  insertWorkspace,
  invitation,
  member,
  mustCommit,
  updateAccount,
  updateInvitation,
  updateWorkspace,
  workspace,
} from '../../src/testing/conformance/records.js';
import { fixedClock, type FixedClock } from '../../src/testing/index.js';
import { ada, dev, formTeam, mia, outcome, sam, serviceOn } from '../service/team.js';
import { databaseKinds, type TestDatabase } from './databases.js';

const HOUR = 60 * 60;

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let storage: StorageAdapter;
    let others: StorageAdapter;
    let clock: FixedClock;
    let workspaces: WorkspaceService;
    /** On its own connection, where the database allows several. */
    let reader: WorkspaceService;

    beforeAll(async () => {
      database = await kind.create();
      storage = sqlStorage({ db: database.db, ...database.tables });
      others = sqlStorage({ db: database.connect(), ...database.tables });
    });
    afterAll(() => database.drop());
    beforeEach(async () => {
      await database.empty();
      clock = fixedClock();
      workspaces = serviceOn(storage, { clock });
      reader = serviceOn(others, { clock });
    });

    test('I-11 only the newest token of a reissued invitation is valid, for its whole lifetime', async () => {
      const workspaceId = await formTeam(workspaces);
      const expiryRead = async () => {
        const { items } = await reader.listInvitations(ada, { workspaceId, status: 'open' });
        return items.map(({ expiresAt }) => expiresAt.getTime());
      };
      const { invitation: issued, ...first } = await workspaces.inviteMember(ada, {
        workspaceId,
        role: 'developer',
        expiresInSeconds: HOUR,
      });
      expect(await expiryRead()).toEqual([clock.now() + HOUR * 1000]);
      let { token } = first;
      // The lifetime counts from the last issue: counted from the first, the third would be longer.
      for (let time = 0; time < 2; time++) {
        clock.advance((HOUR / 4) * 3 * 1000);
        const old = token;
        ({ token } = await workspaces.reissueInvitation(ada, { workspaceId, invitationId: issued.id }));
        expect(await expiryRead()).toEqual([clock.now() + HOUR * 1000]);
        expect(await outcome(reader.acceptInvitation(sam, { token: old }))).toBe('INVITATION_INVALID');
      }
      clock.advance((HOUR - 1) * 1000);
      expect(await outcome(reader.acceptInvitation(sam, { token }))).toBe('ok');
    });

    test('A-04 I-16 others see a new username and display name', async () => {
      const workspaceId = await formTeam(workspaces);
      const { token } = await workspaces.inviteMember(mia, { workspaceId, role: 'developer' });
      const shown = async () => {
        const { items } = await reader.listMembers(ada, { workspaceId });
        const { username, displayName } = items.find(({ userId }) => userId === 'mia') ?? {};
        const { invitedBy } = await reader.previewInvitation({ token });
        const own = await reader.listWorkspaces(mia);
        const personal = own.items.find((item) => item.workspace.kind === 'personal');
        return [username, displayName, invitedBy, personal?.workspace.name];
      };
      expect(await shown()).toEqual(['mia', null, 'mia', 'mia']);
      await workspaces.renameAccount(mia, { ...mia, username: 'Maria', displayName: 'Mia May' });
      expect(await shown()).toEqual(['Maria', 'Mia May', 'Mia May', 'Maria']);
      await workspaces.renameAccount(mia, { ...mia, username: 'Maria', displayName: null });
      expect(await shown()).toEqual(['Maria', null, 'Maria', 'Maria']);
    });

    test('reads the changed role', async () => {
      const workspaceId = await formTeam(workspaces);
      await workspaces.changeRole(ada, { workspaceId, ...dev, role: 'manager' });
      const { items } = await reader.listMembers(ada, { workspaceId });
      expect(items.map(({ userId, role }) => [userId, role]).sort()).toEqual([
        ['ada', 'owner'],
        ['dev', 'manager'],
        ['mia', 'manager'],
      ]);
    });

    test('M-02 a transfer leaves one owner, the changed roles and correct counts', async () => {
      const workspaceId = await formTeam(workspaces);
      const state = async () => {
        const { accounts } = await others.load({ accounts: ['ada', 'mia'] });
        const { ownerId, memberCount } = await reader.getWorkspace(dev, { workspaceId });
        const { items } = await reader.listMembers(dev, { workspaceId });
        return {
          ownerId,
          memberCount,
          roles: Object.fromEntries(items.map(({ userId, role }) => [userId, role])),
          owned: ['ada', 'mia'].map((userId) => accounts.get(userId)?.ownedTeams),
        };
      };
      expect(await state()).toEqual({
        ownerId: 'ada',
        memberCount: 3,
        roles: { ada: 'owner', mia: 'manager', dev: 'developer' },
        owned: [1, 0],
      });
      await workspaces.transferOwnership(ada, { workspaceId, ...mia, formerOwnerRole: 'developer' });
      expect(await state()).toEqual({
        ownerId: 'mia',
        memberCount: 3,
        roles: { ada: 'developer', mia: 'owner', dev: 'developer' },
        owned: [0, 1],
      });
    });

    test('S-01 an update writes every field except the key, of one row and of many', async () => {
      const before = {
        account: account('mark'),
        workspace: workspace('hello'),
        member: member('hello', 'mark'),
      };
      const later = START + 12_345;
      const after = {
        account: account('mark', {
          username: 'Other',
          displayName: 'Other One',
          personalWorkspaceId: 'other-1',
          activeWorkspaceId: 'other-2',
          ownedTeams: 3,
          invitedSince: later,
          invited: 4,
          version: 4,
          status: 'closing',
          openedVersion: 3,
          createdAt: later,
        }),
        workspace: workspace('hello', {
          kind: 'personal',
          name: 'Other',
          ownerId: 'mark',
          memberCount: 5,
          openInvitations: 6,
          reservedSeats: 7,
          suspendedFor: 'unpaid',
          offer: { userId: 'mark', formerOwnerRole: 'manager', expiresAt: later },
          deletion: { deletedAt: later, purgeAt: later + 1, isPurging: true },
          attributes: { members: { plan: 'pro' }, operators: {} },
          version: 8,
          createdAt: later,
        }),
        member: member('hello', 'mark', {
          role: 'manager',
          invitationId: 'one',
          joinedAt: later,
          joinedVersion: 9,
          emailKey: 'email:mark@example.com',
          managedBy: 'okta',
          attributes: { members: {}, operators: { note: 'n' } },
        }),
      };
      // One row, several of one workspace, and one id in two workspaces: each may use a different statement.
      const groups = [
        [['hello', 'one']],
        [
          ['hello', 'two'],
          ['hello', 'three'],
        ],
        [
          ['hello', 'four'],
          ['aside', 'four'],
        ],
      ] as const;
      const ended = (workspaceId: string, id: string): InvitationRecord => ({
        ...invitation(workspaceId, id),
        role: `of ${workspaceId}`,
        recipient: { email: 'sam@example.com' },
        maxUses: 9,
        uses: 8,
        issuedBy: { operator: 'root' },
        secretHash: 'f'.repeat(64),
        createdAt: later,
        issuedAt: later + 1,
        issuedVersion: 9,
        expiresAt: later + 2,
        state: 'revoked',
        closedAt: later + 3,
      });
      await mustCommit(
        storage,
        commit([
          ...[account('ada'), before.account].map(insertAccount),
          ...[before.workspace, workspace('aside')].map(insertWorkspace),
          insertMember(before.member),
          ...groups.flat().map(([workspaceId, id]) => insertInvitation(invitation(workspaceId, id))),
        ]),
      );
      for (const group of groups) {
        await mustCommit(
          storage,
          commit(group.map(([workspaceId, id]) => updateInvitation(ended(workspaceId, id)))),
        );
      }
      await mustCommit(
        storage,
        commit([
          updateAccount(after.account),
          updateWorkspace(after.workspace),
          { kind: 'member.update', member: after.member },
        ]),
      );

      expect(same(before.account, after.account)).toEqual(['userId']);
      expect(same(before.workspace, after.workspace)).toEqual(['id']);
      expect(same(before.member, after.member)).toEqual(['workspaceId', 'userId']);
      expect(same(invitation('hello', 'one'), ended('hello', 'one'))).toEqual(['id', 'workspaceId']);
      const found = await others.load({ workspaceId: 'hello', accounts: ['mark'], members: ['mark'] });
      expect(found.accounts.get('mark')).toEqual(after.account);
      expect(found.workspace).toEqual(after.workspace);
      expect(found.members.get('mark')).toEqual(after.member);
      for (const [workspaceId, invitationId] of groups.flat()) {
        const read = await others.load({ workspaceId, invitationId });
        expect(read.invitation).toEqual(ended(workspaceId, invitationId));
      }
    });
  });
}

/** The fields with equal values in two records. */
function same(a: object, b: object): string[] {
  return Object.keys(b).filter((name) => isDeepStrictEqual(Reflect.get(a, name), Reflect.get(b, name)));
}

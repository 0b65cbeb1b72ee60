// Round trips that are promised: one statement for each read, at most one to load and one to commit on PostgreSQL, and one
// for a quota call that fits. Counted at the driver.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import {
  defaultMatrix,
  WorkspaceService,
  type EventOrder,
  type MethodName,
  type PageKey,
  type StorageAdapter,
} from '../../src/index.js';
import { countingIds, fixedClock, testTokens } from '../../src/testing/index.js';
import { ada, attributes, openAccounts } from '../service/team.js';
import { databaseKinds } from './databases.js';
import {
  calledNames,
  invited,
  newMember,
  prepare,
  publicMethods,
  type PreparedCall,
  type Stage,
} from '../every-method.js';
import { recordedDatabase, type RecordedDatabase, type Sent } from './recorded.js';

/** Commands that write many rows. */
const large = {
  'removeMember of a member who issued 40 open invitations': async (stage) => {
    const { workspaces, workspaceId, owner } = stage;
    const manager = await newMember(stage, 'manager');
    for (let count = 0; count < 40; count++) await invited({ ...stage, owner: manager });
    return () => workspaces.removeMember(owner, { workspaceId, ...manager });
  },
  'inviteMember after 40 invitations expired': async (stage) => {
    const { workspaces, workspaceId, owner, clock } = stage;
    for (let count = 0; count < 40; count++) {
      await workspaces.inviteMember(owner, { workspaceId, role: 'developer', expiresInSeconds: 60 });
    }
    clock.advance(61_000);
    return () => workspaces.inviteMember(owner, { workspaceId, role: 'developer' });
  },
} as const satisfies Readonly<Record<string, (stage: Stage) => Promise<PreparedCall>>>;

const commands = [
  'openAccount',
  'renameAccount',
  'createWorkspace',
  'renameWorkspace',
  'inviteMember',
  'reissueInvitation',
  'revokeInvitation',
  'acceptInvitation',
  'declineInvitation',
  'changeRole',
  'removeMember',
  'leaveWorkspace',
  'switchWorkspace',
  'transferOwnership',
] as const satisfies readonly MethodName[];

const questions = ['authorize', 'can', 'explain'] as const satisfies readonly MethodName[];
const singleReads = [
  'getWorkspace',
  'getMembership',
  'listWorkspaces',
  'previewInvitation',
  'verifySession',
] as const satisfies readonly MethodName[];
/** They look up the caller first. */
const doubleReads = [
  'activeWorkspace',
  'listMembers',
  'listInvitations',
  'listEvents',
  'listAccountEvents',
  'getQuota',
] as const satisfies readonly MethodName[];
const quotaCalls = ['reserveQuota', 'commitQuota', 'releaseQuota'] as const satisfies readonly MethodName[];

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: RecordedDatabase;
    let storage: StorageAdapter;
    let stage: Stage;
    const sent = new Map<string, readonly Sent[]>();

    beforeAll(async () => {
      database = await recordedDatabase(kind);
      const { db, tables } = database;
      storage = sqlStorage({ db, ...tables });
      stage = await stageOn(database);
      // `transferOwnership` is the last command: after it, Ada does not own the team.
      const plain = [...questions, ...singleReads, ...doubleReads, ...quotaCalls, ...commands].map(
        (name) => [name, (on: Stage) => prepare(on, name)] as const,
      );
      for (const [title, prepared] of [...Object.entries(large), ...plain]) {
        const run = await prepared(stage);
        sent.set(title, (await database.during(run)).sent);
      }
    });
    afterAll(() => database.drop());

    test.each(questions)('%s is one statement', (name) => {
      expect(sent.get(name)).toHaveLength(1);
    });

    test.each(singleReads)('%s is one statement', (name) => {
      expect(sent.get(name)).toHaveLength(1);
    });

    test.each(doubleReads)('%s is at most two statements', (name) => {
      expect([1, 2]).toContain(sent.get(name)?.length);
    });

    test('openAccount of an existing account is one statement, and the next page is at most two', async () => {
      const { workspaces, newName } = stage;
      const owner = { userId: newName() };
      const open = () => workspaces.openAccount({ ...owner, username: owner.userId });
      await open();
      expect((await database.during(open)).sent).toHaveLength(1);
      const { id: workspaceId } = await workspaces.createWorkspace(owner, { name: newName() });
      await workspaces.renameWorkspace(owner, { workspaceId, name: newName() });
      const page = { workspaceId, order: 'newest', limit: 1 } as const;
      const { nextCursor: cursor } = await workspaces.listEvents(owner, page);
      const next = () => workspaces.listEvents(owner, { ...page, cursor });
      expect(cursor).not.toBeNull();
      expect([1, 2]).toContain((await database.during(next)).sent.length);
    });

    test('every read of the port is one statement', async () => {
      const { workspaceId } = stage;
      const after: PageKey = [0, ''];
      const page = { after: null, limit: 50 };
      const trailReads = (order: EventOrder): [string, () => Promise<unknown>][] =>
        [null, [1, 0] as const].flatMap((key): [string, () => Promise<unknown>][] => {
          const query = { after: key, limit: 50, order };
          const title = `${order} first, after ${String(key)}`;
          return [
            [`listEvents, ${title}`, () => storage.listEvents(workspaceId, query)],
            [`listAccountEvents, ${title}`, () => storage.listAccountEvents('ada', query)],
          ];
        });
      const reads: Readonly<Record<string, () => Promise<unknown>>> = {
        load: () =>
          storage.load({
            workspaceId,
            accounts: ['ada', 'eve'],
            members: ['ada', 'eve', 'mia'],
            owner: true,
            invitationId: 'inv-0000000000000001',
            issuedBy: ['ada'],
            issuedByOwner: true,
            recipients: [{ userId: 'eve' }, { email: 'eve@b.c' }],
            openLinks: true,
            emailKey: 'email:eve@b.c',
            departuresOf: ['eve'],
            expiredAt: 0,
          }),
        'load of a personal workspace': () => storage.load({ personalWorkspaceOf: 'ada' }),
        findMembership: () => storage.findMembership(workspaceId, 'ada'),
        listWorkspaces: () => storage.listWorkspaces('ada', page),
        'listWorkspaces with deleted ones': () =>
          storage.listWorkspaces('ada', { ...page, withDeleted: true }),
        'listWorkspaces after a key': () => storage.listWorkspaces('ada', { ...page, after }),
        listMembers: () => storage.listMembers(workspaceId, page),
        'listMembers of a directory': () =>
          storage.listMembers(workspaceId, { ...page, managedBy: 'directory' }),
        'listMembers with a role': () => storage.listMembers(workspaceId, { ...page, role: 'developer' }),
        listInvitations: () => storage.listInvitations(workspaceId, page),
        'listInvitations that are open': () => storage.listInvitations(workspaceId, { ...page, openAt: 0 }),
        listInvitationsFor: () =>
          storage.listInvitationsFor([{ userId: 'eve' }, { email: 'eve@b.c' }], { ...page, openAt: 0 }),
        'listInvitationsFor after a key': () =>
          storage.listInvitationsFor([{ userId: 'eve' }], { ...page, after: [0, 'a,b'] }),
        listInvitationEvents: () => storage.listInvitationEvents('email:eve@b.c', page),
        'listInvitationEvents after a key': () =>
          storage.listInvitationEvents('email:eve@b.c', { ...page, after: [0, 'a'] }),
        findAccounts: () => storage.findAccounts({ ...page, prefix: 'a', status: 'open' }),
        findWorkspaces: () => storage.findWorkspaces({ ...page, ownerId: 'ada' }),
        'findWorkspaces after a key': () => storage.findWorkspaces({ ...page, after: [0, 'a'] }),
        listPurgeable: () => storage.listPurgeable(0, page),
        'listPurgeable after a key': () => storage.listPurgeable(0, { ...page, after: [0, 'a'] }),
        ...Object.fromEntries((['oldest', 'newest'] as const).flatMap(trailReads)),
      };
      for (const [name, read] of Object.entries(reads)) {
        expect((await database.during(read)).sent, name).toHaveLength(1);
      }
    });

    if (kind.dialect === 'postgres') {
      test.each(commands)('%s is one statement to load and one to commit', (name) => {
        expect(kindsOf(sent.get(name))).toEqual(['load', 'commit']);
      });

      test.each(Object.keys(large))('%s is one statement to load and one to commit', (title) => {
        expect(kindsOf(sent.get(title))).toEqual(['load', 'commit']);
      });

      test.each(quotaCalls)('%s is one statement after the one that loads the actor', (name) => {
        expect(sent.get(name)).toHaveLength(2);
      });
    } else {
      test.each(commands)('%s loads once and commits in one transaction', (name) => {
        const isLevel = (sql: string): boolean => sql === 'set transaction isolation level read committed';
        const [load, begin, ...rest] = (sent.get(name) ?? [])
          .map(({ sql }) => sql)
          .filter((sql) => !isLevel(sql));
        expect(load).toMatch(/^select/);
        expect(begin).toBe('begin');
        expect(rest.at(-1)).toBe('commit');
        expect(
          rest.filter((sql) => /^(begin|select)(?!.* (for update|lock in share mode)$)/s.test(sql)),
        ).toEqual([]);
      });
    }
  });
}

test('every public method has a call in the table that plans are read from', () => {
  expect([...calledNames].sort()).toEqual(publicMethods(WorkspaceService).sort());
});

/** A team that only Ada is in. */
async function stageOn({ db, tables }: RecordedDatabase): Promise<Stage> {
  const clock = fixedClock();
  const workspaces = new WorkspaceService({
    permissions: defaultMatrix,
    deletion: { graceSeconds: 60 },
    attributes,
    storage: sqlStorage({ db, ...tables }),
    quota: sqlQuota({ db, ...tables, defaults: { cpu: '100', memory: '64Gi' } }),
    tokens: testTokens,
    ids: countingIds(),
    limits: {
      membersPerWorkspace: 'unlimited',
      openInvitationsPerWorkspace: 'unlimited',
      workspacesPerOwner: 'unlimited',
    },
    clock,
  });
  await openAccounts(workspaces, 'ada');
  let names = 0;
  const newName = (): string => `u${names++}`;
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
  return { workspaces, clock, workspaceId, owner: ada, newName };
}

function kindsOf(sent: readonly Sent[] = []): string[] {
  return sent.map(({ sql }) =>
    /^with (guard0|go) as/.test(sql) ? 'commit' : sql.startsWith('select') ? 'load' : sql,
  );
}

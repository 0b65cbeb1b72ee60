// The database's plans, with large tables: no statement reads a whole table or sorts a list for a page.
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import {
  defaultMatrix,
  WorkspaceService,
  type Change,
  type StorageAdapter,
  type StoredEventOf,
} from '../../src/index.js';
import { countingIds, fixedClock, testTokens } from '../../src/testing/index.js';
import { attributes, root } from '../service/team.js';
import { databaseKinds, pglite, type DatabaseKind } from './databases.js';
import {
  calledNames,
  invited,
  newMember,
  newcomer,
  prepare,
  reservation,
  type Stage,
} from '../every-method.js';
import {
  FILLED_AT,
  OWNER,
  TEAM,
  WANTED,
  WANTED_EMAIL,
  accountOf,
  analyze,
  fill,
  invitationOf,
  memberOf,
  tableName,
  workspaceOf,
} from './filled.js';
import { flawsOf } from './query-plans.js';
import { recordedDatabase, type RecordedDatabase, type Sent } from './recorded.js';

const owner = { userId: OWNER };

for (const kind of planners()) {
  describe(kind.name, () => {
    let database: RecordedDatabase;
    let stage: Stage;
    let storage: StorageAdapter;

    beforeAll(async () => {
      database = await recordedDatabase(kind);
      const { db, tables } = database;
      await fill(database);
      await analyze(database);
      storage = sqlStorage({ db, ...tables });
      const clock = fixedClock(FILLED_AT);
      let names = 0;
      stage = {
        workspaces: new WorkspaceService({
          permissions: defaultMatrix,
          deletion: { graceSeconds: 60 },
          attributes,
          storage,
          quota: sqlQuota({ db, ...tables, defaults: { cpu: '1M', memory: '64Ti' } }),
          tokens: testTokens,
          ids: countingIds('new-'),
          limits: {
            membersPerWorkspace: 'unlimited',
            openInvitationsPerWorkspace: 'unlimited',
            workspacesPerOwner: 'unlimited',
          },
          clock,
        }),
        clock,
        workspaceId: TEAM,
        owner,
        newName: () => `new-${names++}`,
      };
    });
    afterAll(() => database.drop());

    /** Explained on another connection: after explaining a write, a libsql connection cannot end transactions. */
    const flawsDuring = async (run: () => Promise<unknown>): Promise<string[]> => {
      const { sent } = await database.during(run);
      const { aside, tables } = database;
      const found: string[] = [];
      for (const statement of distinct(sent)) {
        const flaws = await flawsOf(aside, tables.dialect, statement);
        found.push(...flaws.map((flaw) => `${flaw}: ${statement.sql}`));
      }
      return found;
    };

    test.each(Object.entries(furtherCalls))('seeks every row: %s', async (_title, run) => {
      expect(await flawsDuring(() => run(stage))).toEqual([]);
    });

    test.each(takenKeys.map((change) => [change.kind, change] as const))(
      'seeks the taken key of %s',
      async (_kind, change) => {
        const commit = { expect: [], changes: [change], events: [] };
        const run = async () => expect(await storage.commit(commit)).toMatchObject({ reason: 'duplicate' });
        expect(await flawsDuring(run)).toEqual([]);
      },
    );

    test('A-10 the events that name an address are sought, and so is the row of one that is erased', async () => {
      const page = { after: null, limit: 50 };
      let events: readonly StoredEventOf<'invitation.created'>[] = [];
      const list = async () => {
        events = await storage.listInvitationEvents(WANTED_EMAIL, page);
        await storage.listInvitationEvents(WANTED_EMAIL, { ...page, after: [FILLED_AT, 'evt-1'] });
      };
      expect(await flawsDuring(list)).toEqual([]);
      expect(events).toHaveLength(page.limit);
      const changes = events.slice(0, 1).flatMap((filled): Change[] => {
        if (!('workspaceId' in filled)) return [];
        const { id, workspaceId, version, index, at, actor } = filled;
        const data = { userId: OWNER, role: 'developer' };
        return [
          {
            kind: 'event.erase',
            event: { id, workspaceId, version, index, at, actor, type: 'member.left', data },
          },
        ];
      });
      expect(changes).toHaveLength(1);
      expect(await flawsDuring(() => storage.commit({ expect: [], changes, events: [] }))).toEqual([]);
    });

    test('commands that lost a race seek the rows that they lock', async () => {
      const readSet = { workspaceId: TEAM, accounts: [OWNER, 'u1'], members: [OWNER], owner: true } as const;
      const run = () => Promise.resolve(storage.withLock?.(readSet, (own) => own.load(readSet)));
      const personal = { personalWorkspaceOf: OWNER };
      expect(await flawsDuring(run)).toEqual([]);
      expect(
        await flawsDuring(() => Promise.resolve(storage.withLock?.(personal, (own) => own.load(personal)))),
      ).toEqual([]);
    });

    // After the others: they end with another owner of the team.
    test.each(calledNames)('%s seeks every row that it reads', async (name) => {
      const flaws = await flawsDuring(await prepare(stage, name));
      // The few rows of a new member are sorted faster than sought; the same lists of others are checked above.
      const isExpected = (flaw: string) => name === 'closeAccount' && / limit \S+$/.test(flaw);
      expect(flaws.filter((flaw) => !isExpected(flaw))).toEqual([]);
    });

    // SQLite does not say how many rows it expects.
    if (kind.dialect !== 'sqlite') {
      test('the check can fail: it finds a write to all rows of a workspace', async () => {
        const { aside, tables } = database;
        const workspace = tables.dialect === 'postgres' ? '$1' : '?';
        const all = `update ${tableName(tables, 'quota_amounts')} set amount = amount where workspace_id = ${workspace}`;
        const flaws = (sql: string) => flawsOf(aside, tables.dialect, { sql, parameters: [TEAM] });
        expect(await flaws(`${all} and reservation_id = 'res-1'`)).toEqual([]);
        expect(await flaws(all)).not.toEqual([]);
      });
    }

    test('the check can fail: it finds a list without its index', async () => {
      const list = () => stage.workspaces.listWorkspaces(owner);
      expect(await flawsDuring(list)).toEqual([]);
      const { db, aside, tables } = database;
      for (const statement of withoutIndex(tables)) await db.executeQuery(CompiledQuery.raw(statement));
      // A connection to SQLite notices the change at its next read.
      await sqlStorage({ db: aside, ...tables }).findMembership(TEAM, OWNER);
      expect(await flawsDuring(list)).not.toEqual([]);
    });
  });
}

/** Calls that take other paths than the plain ones. */
const furtherCalls = {
  'a page of workspaces after a cursor': ({ workspaces }) =>
    secondPage((page) => workspaces.listWorkspaces(owner, page)),
  'a page of members after a cursor': ({ workspaces, workspaceId }) =>
    secondPage((page) => workspaces.listMembers(owner, { workspaceId, ...page })),
  'a page of the members with a role, and the one after it': ({ workspaces, workspaceId }) =>
    secondPage((page) => workspaces.listMembers(owner, { workspaceId, role: 'developer', ...page })),
  'the members of a directory, in a dry run': ({ workspaces, workspaceId }) =>
    workspaces.reconcileMembers(root, {
      workspaceId,
      managedBy: 'directory',
      members: [
        { userId: 'u1', role: 'developer' },
        { userId: 'u2', role: 'developer', email: 'u2@tenantry.test' },
      ],
      dryRun: true,
    }),
  'the one member with a role': ({ workspaces, workspaceId }) =>
    workspaces.listMembers(owner, { workspaceId, role: 'owner' }),
  'a page of invitations after a cursor': ({ workspaces, workspaceId }) =>
    secondPage((page) => workspaces.listInvitations(owner, { workspaceId, ...page })),
  'a page of open invitations, and the one after it': ({ workspaces, workspaceId }) =>
    secondPage((page) => workspaces.listInvitations(owner, { workspaceId, status: 'open', ...page })),
  'a page of invitations for a person, and the one after it': ({ workspaces }) => {
    const wanted = { userId: WANTED, email: 'wanted@example.com', emailVerified: true };
    return secondPage((page) => workspaces.listMyInvitations(wanted, page));
  },
  ...Object.fromEntries(
    (
      [
        {},
        { usernamePrefix: 'u' },
        { status: 'open' },
        { status: 'closed' },
        { usernamePrefix: 'u1', status: 'open' },
        { userId: OWNER },
      ] as const
    ).map((filter): [string, (stage: Stage) => Promise<unknown>] => [
      `a page of accounts, and the one after it, by ${JSON.stringify(filter)}`,
      ({ workspaces }) => anyPages((page) => workspaces.findAccounts(root, { ...filter, ...page })),
    ]),
  ),
  ...Object.fromEntries(
    ([undefined, OWNER] as const).flatMap((ownerId) =>
      // An owner has one personal workspace, for which any plan does.
      ([undefined, 'team', ...(ownerId === undefined ? (['personal'] as const) : [])] as const).flatMap(
        (kind) =>
          ([undefined, 'active', 'suspended'] as const).map(
            (status): [string, (stage: Stage) => Promise<unknown>] => [
              `a page of workspaces of all tenants, and the one after it, by ${String(ownerId)}, ${String(kind)}, ${String(status)}`,
              ({ workspaces }) =>
                anyPages((page) => workspaces.findWorkspaces(root, { ownerId, kind, status, ...page })),
            ],
          ),
      ),
    ),
  ),
  'a page of events after a cursor': ({ workspaces, workspaceId }) =>
    secondPage((page) => workspaces.listEvents(owner, { workspaceId, ...page })),
  'a page of account events after a cursor': ({ workspaces }) =>
    secondPage((page) => workspaces.listAccountEvents(owner, { ...owner, ...page })),
  'a page of events from the newest back, and the one after it': ({ workspaces, workspaceId }) =>
    secondPage((page) => workspaces.listEvents(owner, { workspaceId, order: 'newest', ...page })),
  'a page of account events from the newest back, and the one after it': ({ workspaces }) =>
    secondPage((page) => workspaces.listAccountEvents(owner, { ...owner, order: 'newest', ...page })),
  'reads of an operator, who has no membership': async ({ workspaces, workspaceId }) => {
    await workspaces.authorize(root, { workspaceId, permission: 'workspace:view' });
    await workspaces.listEvents(root, { workspaceId });
  },
  'an invitation for a user, and for an e-mail address': async (stage) => {
    const { workspaces, workspaceId } = stage;
    const user = await newcomer(stage);
    for (const recipient of [user, { email: 'eve@example.com' }]) {
      const invitation = { workspaceId, role: 'developer', recipient } as const;
      await workspaces.inviteMember(owner, invitation);
      await expect(workspaces.inviteMember(owner, invitation)).rejects.toThrow();
    }
  },
  'removing a manager revokes their invitations': async (stage) => {
    const { workspaces, workspaceId } = stage;
    const manager = await newMember(stage, 'manager');
    await invited({ ...stage, owner: manager });
    await workspaces.removeMember(owner, { workspaceId, ...manager });
  },
  'keys that are taken': async (stage) => {
    const { workspaces } = stage;
    const [user, other, name] = [await newcomer(stage), await newcomer(stage), stage.newName()];
    await workspaces.createWorkspace(user, { name });
    await expect(workspaces.createWorkspace(user, { name })).rejects.toThrow();
    await expect(workspaces.renameAccount(user, { ...user, username: other.userId })).rejects.toThrow();
  },
  'a repeated reservation, one that does not fit, and a missing one': async (stage) => {
    const { workspaces, workspaceId } = stage;
    const input = reservation(stage);
    await workspaces.reserveQuota(owner, input);
    await workspaces.reserveQuota(owner, input);
    const amounts = { cpu: '2M' };
    await expect(workspaces.reserveQuota(owner, { ...reservation(stage), amounts })).rejects.toThrow();
    const { reservationId } = reservation(stage);
    await expect(workspaces.commitQuota(owner, { workspaceId, reservationId })).rejects.toThrow();
    await workspaces.releaseQuota(owner, { workspaceId, reservationId });
  },
  'reservations and invitations expire, long ago or just now': async (stage) => {
    const { workspaces, clock } = stage;
    const input = reservation(stage);
    const { workspaceId, reservationId } = input;
    await workspaces.reserveQuota(owner, { ...input, ttlSeconds: 60 });
    clock.advance(3_700_000);
    await workspaces.getQuota(owner, { workspaceId });
    await workspaces.setQuota(root, { workspaceId, limits: { cpu: '2M' } });
    await workspaces.commitQuota(owner, { workspaceId, reservationId });
    await workspaces.inviteMember(owner, { workspaceId, role: 'developer' });
  },
  'reads of a deleted workspace': async (stage) => {
    const { workspaces } = stage;
    const user = await newcomer(stage);
    const { id: workspaceId } = await workspaces.createWorkspace(user, { name: stage.newName() });
    await workspaces.deleteWorkspace(user, { workspaceId });
    await workspaces.listEvents(root, { workspaceId });
    await expect(workspaces.deleteWorkspace(root, { workspaceId })).rejects.toThrow();
  },
} as const satisfies Readonly<Record<string, (stage: Stage) => Promise<unknown>>>;

/** The lookups of every key that a commit can find taken. */
const takenKeys: readonly Change[] = [
  { kind: 'account.insert', account: accountOf(OWNER, 'someone') },
  { kind: 'account.insert', account: accountOf('someone', OWNER) },
  { kind: 'workspace.insert', workspace: workspaceOf(TEAM, { name: 'something', ownerId: OWNER }) },
  { kind: 'workspace.insert', workspace: workspaceOf('ws-something', { name: 'ws-other-0', ownerId: 'u1' }) },
  { kind: 'member.insert', member: memberOf(TEAM, OWNER) },
  { kind: 'invitation.insert', invitation: invitationOf(TEAM, 'inv-0') },
  {
    kind: 'invitation.insert',
    invitation: {
      ...invitationOf(TEAM, 'inv-some'),
      recipient: { userId: 'u3979' },
    },
  },
];

async function secondPage(
  list: (page: {
    readonly limit: number;
    readonly cursor?: string;
  }) => Promise<{ readonly nextCursor: string | null }>,
): Promise<void> {
  const { nextCursor } = await list({ limit: 50 });
  if (nextCursor === null) throw new Error('there is no second page');
  await list({ limit: 50, cursor: nextCursor });
}

/** The first page, and the second if there is one. */
async function anyPages(
  list: (page: {
    readonly limit: number;
    readonly cursor?: string;
  }) => Promise<{ readonly nextCursor: string | null }>,
): Promise<void> {
  const { nextCursor } = await list({ limit: 50 });
  if (nextCursor !== null) await list({ limit: 50, cursor: nextCursor });
}

function planners(): readonly DatabaseKind[] {
  const others = databaseKinds.filter((kind) => kind !== pglite);
  // The same planner: the server's where there is one.
  return others.some(({ dialect }) => dialect === 'postgres') ? others : databaseKinds;
}

/** The first of each SQL, without statements that only begin or end a transaction or insert. */
function distinct(sent: readonly Sent[]): Sent[] {
  const seen = new Map<string, Sent>();
  for (const statement of sent) {
    if (
      /^(begin|start transaction|set transaction|commit|rollback|insert into)\b/.test(statement.sql) ||
      seen.has(statement.sql)
    )
      continue;
    seen.set(statement.sql, statement);
  }
  return [...seen.values()];
}

function withoutIndex(tables: RecordedDatabase['tables']): string[] {
  const index = 'tenantry_members_by_user';
  switch (tables.dialect) {
    case 'sqlite':
      return [`drop index ${index}`];
    case 'postgres':
      return [`drop index "${tables.schema ?? 'public'}".${index}`];
    case 'mariadb':
    case 'mysql':
      return [
        // A foreign key may use the index.
        `alter table ${tableName(tables, 'members')} drop foreign key tenantry_members_user_fk`,
        `alter table ${tableName(tables, 'members')} drop key ${index}`,
      ];
    default:
      return tables.dialect satisfies never;
  }
}

// How many statements each method sends: pinned in the guide to SQL databases, counted at the driver.
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { WorkspaceService, type EventOrder, type PageKey, type StorageAdapter } from '../../src/index.js';
import { countingIds, fixedClock, testTokens } from '../../src/testing/index.js';
import { ada, openAccounts } from '../service/team.js';
import { databaseKinds } from './databases.js';
import {
  calledNames,
  calls,
  invited,
  newMember,
  newcomer,
  publicMethods,
  reservation,
  type Called,
  type PreparedCall,
  type Stage,
} from './every-method.js';
import { recordedDatabase, type RecordedDatabase, type Sent } from './recorded.js';

const GUIDE = new URL('../../docs/sql.md', import.meta.url);
const [BEGIN, END] = ['<!-- statements:begin -->', '<!-- statements:end -->'];
const COLUMNS = ['PostgreSQL', 'SQLite', 'MariaDB'] as const;

type Column = (typeof COLUMNS)[number];

/** Calls that are not the plain case of their method. */
const special = {
  'openAccount of an account that is open': async (stage) => {
    const { userId } = await newcomer(stage);
    return () => stage.workspaces.openAccount({ userId, username: userId });
  },
  'createWorkspace under a name that is taken': async (stage) => {
    const [{ workspaces }, user, name] = [stage, await newcomer(stage), stage.newName()];
    await workspaces.createWorkspace(user, { name });
    return () => workspaces.createWorkspace(user, { name }).catch(() => 'refused');
  },
  'removeMember of one who issued 40 open invitations': async (stage) => {
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
  'listEvents after a cursor, newest first': async ({ workspaces, workspaceId, owner }) => {
    const page = { workspaceId, order: 'newest', limit: 1 } as const;
    const { nextCursor: cursor } = await workspaces.listEvents(owner, page);
    return () => workspaces.listEvents(owner, { ...page, cursor });
  },
  'reserveQuota for the first time in a workspace': async (stage) => {
    const [{ workspaces }, owner] = [stage, await newcomer(stage)];
    const { id: workspaceId } = await workspaces.createWorkspace(owner, { name: stage.newName() });
    return () => workspaces.reserveQuota(owner, reservation({ ...stage, workspaceId }));
  },
} as const satisfies Readonly<Record<string, (stage: Stage) => Promise<PreparedCall>>>;

/** One load and one commit, where a commit is one statement. */
const commands: readonly Called[] = [
  'openAccount',
  'renameAccount',
  'createWorkspace',
  'renameWorkspace',
  'transferOwnership',
  'inviteMember',
  'reissueInvitation',
  'revokeInvitation',
  'acceptInvitation',
  'declineInvitation',
  'changeRole',
  'removeMember',
  'leaveWorkspace',
  'switchWorkspace',
];

const counted = new Map<string, Map<string, number>>();

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
      const rows = [
        ...calledNames.map((name) => [name, calls[name]] as const),
        ...Object.entries(special).map(([title, prepare]) => [title, prepare] as const),
      ];
      for (const [title, prepare] of rows) {
        const run = await prepare(stage);
        sent.set(title, (await database.during(run)).sent);
        // It was given away.
        if (title === 'transferOwnership') stage = await stageOn(database, stage);
      }
      counted.set(kind.name, new Map([...sent].map(([title, { length }]) => [title, length])));
    });
    afterAll(() => database.drop());

    test.each(['authorize', 'can', 'explain'])('%s is one statement', (name) => {
      expect(sent.get(name)).toHaveLength(1);
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
            issuedBy: 'ada',
            issuedByOwner: true,
            recipient: { userId: 'eve' },
            expiredAt: 0,
          }),
        'load of a personal workspace': () => storage.load({ personalWorkspaceOf: 'ada' }),
        findMember: () => storage.findMember(workspaceId, 'ada'),
        listWorkspaces: () => storage.listWorkspaces('ada', page),
        'listWorkspaces after a key': () => storage.listWorkspaces('ada', { ...page, after }),
        listMembers: () => storage.listMembers(workspaceId, page),
        listInvitations: () => storage.listInvitations(workspaceId, page),
        'listInvitations that are open': () => storage.listInvitations(workspaceId, { ...page, openAt: 0 }),
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

      test('the number of rows is no matter: 40 invitations, 40 expiries', () => {
        for (const title of [
          'removeMember of one who issued 40 open invitations',
          'inviteMember after 40 invitations expired',
        ]) {
          expect(kindsOf(sent.get(title)), title).toEqual(['load', 'commit']);
        }
      });

      test.each(['reserveQuota', 'commitQuota', 'releaseQuota'])(
        '%s is one statement besides the load that admits the actor',
        (name) => {
          expect(sent.get(name)).toHaveLength(2);
        },
      );
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

test('every public method is counted', () => {
  expect([...calledNames].sort()).toEqual(publicMethods(WorkspaceService).sort());
});

test('PGlite is sent what PostgreSQL is sent', () => {
  const [one, other] = [counted.get('PGlite'), counted.get('PostgreSQL')];
  if (one !== undefined && other !== undefined) expect(one).toEqual(other);
});

test('the guide to SQL databases tells these numbers', async () => {
  const guide = await readFile(GUIDE, 'utf8');
  const [before, told, after] = partsOf(guide);
  const table = tableOf(told);
  if (process.env['UPDATE_TABLES'] === '1') {
    await writeFile(GUIDE, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
  } else {
    expect(told.trim(), 'UPDATE_TABLES=1 writes the table anew').toBe(table);
  }
});

/** A team of Ada's alone; the second time, another one. */
async function stageOn({ db, tables }: RecordedDatabase, before?: Stage): Promise<Stage> {
  if (before !== undefined) {
    const { workspaces, newName } = before;
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: newName() });
    return { ...before, workspaceId };
  }
  const clock = fixedClock();
  const workspaces = new WorkspaceService({
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
    /^with guard0|^with go/.test(sql) ? 'commit' : sql.startsWith('select') ? 'load' : sql,
  );
}

function partsOf(guide: string): [string, string, string] {
  const [before, rest] = guide.split(BEGIN);
  const [told, after] = rest?.split(END) ?? [];
  if (before === undefined || told === undefined || after === undefined) {
    throw new Error('docs/sql.md has no place for the table of statements');
  }
  return [before, told, after];
}

/** A database that is not there keeps the column that was written when it was. */
function tableOf(told: string): string {
  const written = rowsOf(told);
  const [first] = counted.values();
  const rows = [...(first?.keys() ?? [])].map((title) => [
    title,
    ...COLUMNS.map((column, place) => numberFor(column, title) ?? written.get(title)?.[place] ?? '?'),
  ]);
  const table = [['method', ...COLUMNS], ...rows];
  const widths = [0, 1, 2, 3].map((place) => Math.max(...table.map((cells) => (cells[place] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, place) => (place === 0 ? cell.padEnd(widths[place] ?? 0) : cell.padStart(widths[place] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, place) => (place === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(table[0] ?? []), rule, ...table.slice(1).map(line)].join('\n');
}

function numberFor(column: Column, title: string): string | undefined {
  const here = counted.get(column) ?? (column === 'PostgreSQL' ? counted.get('PGlite') : undefined);
  const number = here?.get(title);
  return number === undefined ? undefined : String(number);
}

function rowsOf(table: string): Map<string, readonly string[]> {
  const rows = table.split('\n').map((row) => row.split('|').map((cell) => cell.trim()));
  return new Map(rows.map(([, title = '', ...cells]) => [title, cells]));
}

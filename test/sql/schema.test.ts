// The tables: their creation, the rules that their constraints enforce, and what remains of a deleted workspace.
import { CompiledQuery, Kysely, MysqlDialect, PostgresDialect, SqliteDialect, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  printSchema,
  sqlQuota,
  sqlStorage,
  type SqlDialect,
  type SqlTables,
} from '../../src/adapters/sql/index.js';
import type { Table } from '../../src/adapters/sql/table.js';
import { tables as allTables, type TableName } from '../../src/adapters/sql/tables.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada, dev, formTeam } from '../service/team.js';
import { breaches, insertRow, isConstraint, lawful, prepareBreaches } from './breaches.js';
import { databaseKinds, dropTables, migrate, inSchemaOf, type TestDatabase } from './databases.js';
import { shapeOf } from './table-shapes.js';

const tableNames = Object.keys(allTables).filter((name): name is TableName => name in allTables);

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    const { dialect } = kind;
    let database: TestDatabase;
    /** Connects with the tables' schema as the default, so that no schema needs to be named. */
    let db: Kysely<unknown>;

    beforeAll(async () => {
      database = await kind.create({ migrated: false });
      db = inSchemaOf(database);
    });
    afterAll(async () => {
      if (db !== database.db) await db.destroy();
      await database.drop();
    });

    describe('creating the tables', () => {
      test('printed SQL creates the same tables, and has no effect when run again', async () => {
        await migrate(db, { dialect });
        const migrated = await shapeOf(db, dialect);
        await dropTables(db, { dialect });
        expect(await shapeOf(db, dialect)).toEqual([]);

        for (const statement of printed({ dialect })) await run(db, statement);
        expect(await shapeOf(db, dialect)).toEqual(migrated);
        for (const statement of printed({ dialect })) await run(db, statement);
        expect(await shapeOf(db, dialect)).toEqual(migrated);
        await dropTables(db, { dialect });
      });

      test('accepts the longest prefix for every table, index and constraint', async () => {
        const tables: SqlTables = { dialect, prefix: 'p'.repeat(30) };
        await migrate(db, tables);
        const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, ...tables }) });
        await formTeam(workspaces);
        await dropTables(db, tables);
        expect(await shapeOf(db, dialect)).toEqual([]);
      });

      test('tables of two prefixes are independent', async () => {
        const [one, other]: [SqlTables, SqlTables] = [
          { dialect, prefix: 'one_' },
          { dialect, prefix: 'other_' },
        ];
        await expectSeparate(db, one, other);
      });

      if (dialect !== 'sqlite') {
        test('tables of two schemas are independent', async () => {
          const { tables, db: outside } = database;
          const schema = `${tables.schema ?? 'tenantry'} two`;
          const make = dialect === 'postgres' ? 'schema' : 'database';
          await sql`create ${sql.raw(make)} ${sql.id(schema)}`.execute(outside);
          if (tables.schema === undefined) await sql`create schema ${sql.id('tenantry')}`.execute(outside);
          try {
            await expectSeparate(
              outside,
              { dialect, schema: tables.schema ?? 'tenantry' },
              { dialect, schema },
            );
          } finally {
            await sql`drop ${sql.raw(make)} ${sql.id(schema)}`.execute(outside);
          }
        });
      }
    });

    describe('constraints', () => {
      beforeAll(async () => {
        await migrate(db, { dialect });
        await prepareBreaches(db, { dialect });
      });
      afterAll(() => dropTables(db, { dialect }));

      test.each(breaches.map((breach) => [breach.title, breach] as const))(
        'rejects %s',
        async (_title, breach) => {
          const { db, tables } = database;
          const error: unknown = await insertRow(db, tables, breach).then(
            () => 'it went in',
            (refused: unknown) => refused,
          );
          expect(isConstraint(error), String(error)).toBe(true);
        },
      );

      test('accepts rows that break no rule', async () => {
        for (const table of tableNames) await insertRow(db, { dialect }, { table, row: lawful[table] });
      });
    });

    test('W-06 only events, tombstone, ledger and former members’ accounts refer to a deleted workspace', async () => {
      const { tables } = database;
      await migrate(db, tables);
      const { workspaces } = createTestWorkspaces({
        storage: sqlStorage({ db, ...tables }),
        quota: sqlQuota({ db, ...tables, defaults: { cpu: '8' } }),
      });
      const workspaceId = await formTeam(workspaces);
      await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
      await workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient: { userId: 'sam' } });
      for (const reservationId of ['res-1', 'res-2']) {
        await workspaces.reserveQuota(ada, { workspaceId, reservationId, amounts: { cpu: '1' } });
      }
      await workspaces.commitQuota(ada, { workspaceId, reservationId: 'res-1' });
      await workspaces.setQuota({ operator: 'root' }, { workspaceId, limits: { pods: '4' } });
      expect(await columnsNaming(database, workspaceId)).toEqual([
        'invitations.workspace_id',
        'members.workspace_id',
        'quota_amounts.workspace_id',
        'quota_charges.workspace_id',
        'quota_ledgers.workspace_id',
        'quota_resources.workspace_id',
        'workspace_events.workspace_id',
        'workspace_ids.id',
        'workspaces.id',
      ]);

      await workspaces.switchWorkspace(dev, { workspaceId });
      await workspaces.deleteWorkspace(ada, { workspaceId });
      expect(await columnsNaming(database, workspaceId)).toEqual([
        // The former member's active workspace (T-11) and events.
        'account_events.data',
        'accounts.active_workspace_id',
        'quota_ledgers.workspace_id',
        'workspace_events.workspace_id',
        'workspace_ids.id',
      ]);
      await dropTables(db, tables);
    });
  });
}

describe('options', () => {
  const wrong: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    [
      'an unknown dialect',
      { dialect: 'oracle' },
      /the dialect is "oracle", and must be one of sqlite, postgres, mariadb, mysql$/,
    ],
    ['a dialect that every object has', { dialect: 'constructor' }, /the dialect is "constructor"/],
    ['no dialect', {}, /the dialect is undefined/],
    ...['', 'Tenantry_', '1_', 'a-b', 'a"b', 'a.b', 'a'.repeat(31)].map(
      (prefix) =>
        [
          `the prefix ${JSON.stringify(prefix)}`,
          { dialect: 'postgres', prefix },
          /`prefix` must be 1 to 30 of a-z/,
        ] as const,
    ),
    ...['', 'a"b', 'a`b', 'a\0b', 'a'.repeat(64)].map(
      (schema) =>
        [
          `the schema ${JSON.stringify(schema)}`,
          { dialect: 'postgres', schema },
          /`schema` must be a name of 1 to 63/,
        ] as const,
    ),
    [
      'a schema on SQLite',
      { dialect: 'sqlite', schema: 'main' },
      /the dialect 'sqlite' has no schemas; leave `schema` out$/,
    ],
  ];

  test.each(wrong)('rejects %s with the reason', (_title, options, reason) => {
    const db = instanceOf('postgres');
    const all: readonly (readonly [(...options: never[]) => unknown, Readonly<Record<string, unknown>>])[] = [
      [printSchema, options],
      [sqlStorage, { db, ...options }],
      [sqlQuota, { db, defaults: {}, ...options }],
    ];
    for (const [make, given] of all) {
      const refused = refusalOf(() => void Reflect.apply(make, undefined, [given]));
      expect(refused).toBeInstanceOf(TypeError);
      expect(String(refused)).toMatch(reason);
    }
  });

  const dialects = ['sqlite', 'postgres', 'mariadb', 'mysql'] as const;
  // MariaDB and MySQL are written alike: their difference is in the tables alone.
  const writing = (dialect: SqlDialect): SqlDialect => (dialect === 'mysql' ? 'mariadb' : dialect);
  const pairs = dialects.flatMap((own) => dialects.map((said) => [own, said] as const));

  test.each(pairs)('compares an instance of %s with the dialect %s', (own, said) => {
    const db = instanceOf(own);
    for (const make of [
      () => sqlStorage({ db, dialect: said }),
      () => sqlQuota({ db, dialect: said, defaults: {} }),
    ]) {
      if (writing(own) === writing(said)) {
        expect(make).not.toThrow();
      } else {
        const refused = refusalOf(make);
        expect(refused).toBeInstanceOf(TypeError);
        expect(String(refused)).toContain(`the dialect is '${said}', which writes`);
        expect(String(refused)).toContain('but this Kysely instance writes');
      }
    }
  });
});

async function expectSeparate(db: Kysely<unknown>, one: SqlTables, other: SqlTables): Promise<void> {
  await migrate(db, one);
  await migrate(db, other);
  try {
    const [here, there] = [one, other].map((tables) =>
      createTestWorkspaces({
        storage: sqlStorage({ db, ...tables }),
        quota: sqlQuota({ db, ...tables, defaults: { cpu: '1' } }),
      }),
    );
    if (here === undefined || there === undefined) throw new Error('two sets of tables');
    // The same ids and names: they count from the start in each.
    const workspaceId = await formTeam(here.workspaces);
    await expect(there.workspaces.listWorkspaces(ada)).rejects.toMatchObject({ code: 'ACCOUNT_NOT_FOUND' });
    expect(await formTeam(there.workspaces)).toBe(workspaceId);
    const reservation = { workspaceId, reservationId: 'res-1', amounts: { cpu: '1' } };
    await here.workspaces.reserveQuota(ada, reservation);
    await there.workspaces.reserveQuota(ada, { ...reservation, reservationId: 'res-2' });
    await here.workspaces.deleteWorkspace(ada, { workspaceId });
    expect(await there.workspaces.getWorkspace(ada, { workspaceId })).toMatchObject({ id: workspaceId });
  } finally {
    await dropTables(db, one);
    await dropTables(db, other);
  }
}

async function columnsNaming({ db, table }: TestDatabase, id: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of tableNames) {
    const { columns }: Table = allTables[name];
    for (const [column, { type }] of Object.entries(columns)) {
      if (type === 'whole' || type === 'nano') continue;
      const { rows } =
        await sql`select 1 from ${sql.table(table(name))} where ${sql.id(column)} like ${`%${id}%`}
        limit 1`.execute(db);
      if (rows.length > 0) found.push(`${name}.${column}`);
    }
  }
  return found.sort();
}

function printed(tables: SqlTables): string[] {
  return printSchema(tables)
    .split(/;\s*/)
    .filter((statement) => statement !== '');
}

async function run(db: Kysely<unknown>, statement: string): Promise<void> {
  await db.executeQuery(CompiledQuery.raw(statement));
}

/** Never connected: a mismatch is found before. */
function instanceOf(dialect: SqlDialect): Kysely<unknown> {
  const nowhere = () => Promise.reject(new Error('nobody connects'));
  switch (dialect) {
    case 'sqlite':
      return new Kysely<unknown>({ dialect: new SqliteDialect({ database: nowhere }) });
    case 'postgres':
      return new Kysely<unknown>({ dialect: new PostgresDialect({ pool: nowhere }) });
    case 'mariadb':
    case 'mysql':
      return new Kysely<unknown>({ dialect: new MysqlDialect({ pool: nowhere }) });
    default:
      return dialect satisfies never;
  }
}

function refusalOf(make: () => unknown): unknown {
  try {
    make();
  } catch (error) {
    return error;
  }
  return null;
}

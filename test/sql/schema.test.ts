// The tables: how they come about, that they hold rules by themselves, and what a deleted workspace leaves in them.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CompiledQuery, Kysely, Migrator, MysqlDialect, PostgresDialect, SqliteDialect, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  migrations,
  printSchema,
  sqlQuota,
  sqlStorage,
  type SqlDialect,
  type SqlTables,
} from '../../src/adapters/sql/index.js';
import { tables as allTables, type Table, type TableName } from '../../src/adapters/sql/tables.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada, dev, formTeam } from '../service/team.js';
import { breaches, insertRow, isConstraint, lawful, prepareBreaches } from './breaches.js';
import {
  MARIADB_URL,
  POSTGRES_URL,
  databaseKinds,
  mariadbOn,
  migrate,
  postgresOn,
  type TestDatabase,
} from './databases.js';
import { shapeOf } from './table-shapes.js';

const tableNames = Object.keys(allTables).filter((name): name is TableName => name in allTables);

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    const { dialect } = kind;
    let database: TestDatabase;
    /** Stands in the place where the tables are to lie: no schema need be named. */
    let db: Kysely<unknown>;

    beforeAll(async () => {
      database = await kind.create({ migrated: false });
      db = standingIn(database);
    });
    afterAll(async () => {
      if (db !== database.db) await db.destroy();
      await database.drop();
    });

    describe('coming about', () => {
      test('migrations make the tables once, and take them back', async () => {
        const provider = { getMigrations: () => Promise.resolve(migrations({ dialect })) };
        const migrator = new Migrator({ db, provider });
        const first = await migrator.migrateToLatest();
        expect(first.error).toBeUndefined();
        expect(first.results?.map(({ status }) => status)).toEqual(['Success']);
        const made = await shapeOf(db, dialect);
        for (const name of tableNames) expect(made.join()).toContain(`tenantry_${name}`);

        expect(await migrator.migrateToLatest()).toEqual({ results: [] });
        expect(await shapeOf(db, dialect)).toEqual(made);

        expect((await migrator.migrateDown()).error).toBeUndefined();
        expect(await shapeOf(db, dialect)).toEqual([]);
      });

      test('what is printed makes the same tables, and the second time nothing', async () => {
        await migrate(db, { dialect });
        const migrated = await shapeOf(db, dialect);
        await takeBack(db, { dialect });
        expect(await shapeOf(db, dialect)).toEqual([]);

        for (const statement of printed({ dialect })) await run(db, statement);
        expect(await shapeOf(db, dialect)).toEqual(migrated);
        for (const statement of printed({ dialect })) await run(db, statement);
        expect(await shapeOf(db, dialect)).toEqual(migrated);
        await takeBack(db, { dialect });
      });

      test('the longest prefix is short enough for every name that begins with it', async () => {
        const tables: SqlTables = { dialect, prefix: 'p'.repeat(30) };
        await migrate(db, tables);
        const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, ...tables }) });
        await formTeam(workspaces);
        await takeBack(db, tables);
        expect(await shapeOf(db, dialect)).toEqual([]);
      });

      test('tables of two prefixes do not see each other', async () => {
        const [one, other]: [SqlTables, SqlTables] = [
          { dialect, prefix: 'one_' },
          { dialect, prefix: 'other_' },
        ];
        await expectSeparate(db, one, other);
      });

      if (dialect !== 'sqlite') {
        test('tables of two schemas do not see each other', async () => {
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

    describe('as a second lock', () => {
      beforeAll(async () => {
        await migrate(db, { dialect });
        await prepareBreaches(db, { dialect });
      });
      afterAll(() => takeBack(db, { dialect }));

      test.each(breaches.map((breach) => [breach.title, breach] as const))(
        '%s is refused',
        async (_title, breach) => {
          const { db, tables } = database;
          const error: unknown = await insertRow(db, tables, breach).then(
            () => 'it went in',
            (refused: unknown) => refused,
          );
          expect(isConstraint(error), String(error)).toBe(true);
        },
      );

      test('rows that break no rule go in', async () => {
        for (const table of tableNames) await insertRow(db, { dialect }, { table, row: lawful[table] });
      });
    });

    test('W-06 a deleted workspace is named by its events, its tombstone, its gone ledger and whoever was in it', async () => {
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
        // Where somebody was: a preference of theirs (T-11), and what they did.
        'account_events.data',
        'accounts.active_workspace_id',
        'quota_ledgers.workspace_id',
        'workspace_events.workspace_id',
        'workspace_ids.id',
      ]);
      await takeBack(db, tables);
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
          /prefix must be 1 to 30 of a-z/,
        ] as const,
    ),
    ...['', 'a"b', 'a`b', 'a\0b', 'a'.repeat(64)].map(
      (schema) =>
        [
          `the schema ${JSON.stringify(schema)}`,
          { dialect: 'postgres', schema },
          /schema must be a name of 1 to 63/,
        ] as const,
    ),
    ['a schema on SQLite', { dialect: 'sqlite', schema: 'main' }, /SQLite has no schemas; leave schema out/],
  ];

  test.each(wrong)('%s is refused with the reason', (_title, options, reason) => {
    const db = instanceOf('postgres');
    const all: readonly (readonly [(...options: never[]) => unknown, Readonly<Record<string, unknown>>])[] = [
      [printSchema, options],
      [migrations, options],
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

  test.each(pairs)('an instance of %s, and the dialect %s', (own, said) => {
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

describe('the command', () => {
  test('prints what printSchema prints', async () => {
    const options = { dialect: 'postgres', schema: 'app', prefix: 'app_' } as const;
    const given = ['schema', '--prefix', 'app_', '--dialect', 'postgres', '--schema', 'app'];
    expect(await command(...given)).toEqual({ code: 0, out: printSchema(options), errors: '' });
  });

  test('ends with 2 and says why where it is called wrongly', async () => {
    const [help, twice, oracle] = await Promise.all([
      command('--help'),
      command('schema', '--dialect', 'sqlite', '--dialect', 'postgres'),
      command('schema', '--dialect', 'oracle'),
    ]);
    expect(help).toMatchObject({ code: 0, errors: '' });
    expect(help.out).toMatch(/^usage: tenantry schema/);
    expect(twice).toMatchObject({ code: 2, out: '' });
    expect(twice.errors).toMatch(/^usage: tenantry schema/);
    expect(oracle).toMatchObject({ code: 2, out: '' });
    expect(oracle.errors).toMatch(/must be one of sqlite, postgres, mariadb, mysql/);
  });
});

/** A connection that finds unqualified tables in the schema that was made for this test. */
function standingIn({ db, tables: { dialect, schema } }: TestDatabase): Kysely<unknown> {
  if (schema === undefined) return db;
  const url = new URL(dialect === 'postgres' ? POSTGRES_URL : MARIADB_URL);
  if (dialect === 'postgres') {
    url.searchParams.set('options', `-c search_path=${schema}`);
    return postgresOn(url.href);
  }
  url.pathname = `/${schema}`;
  return mariadbOn(url.href);
}

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
    await takeBack(db, one);
    await takeBack(db, other);
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

async function takeBack(db: Kysely<unknown>, tables: SqlTables): Promise<void> {
  for (const { down } of Object.values(migrations(tables)).reverse()) await down(db);
}

/** Never connected: that they do not fit is seen before. */
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

async function command(
  ...words: string[]
): Promise<{ readonly code: unknown; readonly out: string; readonly errors: string }> {
  const args = ['--import', 'tsx', 'src/adapters/sql/cli.ts', ...words];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    return { code: 0, out: stdout, errors: stderr };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const [code, out, errors]: unknown[] = ['code', 'stdout', 'stderr'].map((name): unknown =>
      Reflect.get(error, name),
    );
    return { code, out: String(out), errors: String(errors) };
  }
}

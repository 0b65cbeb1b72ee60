// Running the migrations: once, by one process at a time, apart from the migrations of an app; and the command.
import { execFile, type ExecFileOptions } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Migrator, sql, type Kysely, type Migration } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { migrate, printSchema, sqlStorage } from '../../src/adapters/sql/index.js';
import { migrateUrl } from '../../src/adapters/sql/migrate-url.js';
import { TABLE_NAMES } from '../../src/adapters/sql/tables.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { formTeam } from '../service/team.js';
import {
  MARIADB_URL,
  POSTGRES_URL,
  databaseKinds,
  dropTables,
  sqliteOn,
  type TestDatabase,
} from './databases.js';

const ALL = ['0001-tables', '0002-lifecycle'];

describe.each(databaseKinds)('on $name', (kind) => {
  let database: TestDatabase;
  let db: Kysely<unknown>;

  beforeAll(async () => {
    database = await kind.create({ migrated: false });
    ({ db } = database);
  });
  afterEach(() => dropTables(db, database.tables));
  afterAll(() => database.drop());

  const rowsOf = (name: string) =>
    sql`select * from ${sql.table([...schemaOf(database), name].join('.'))}`.execute(db);

  test('creates the tables once, and says what it applied', async () => {
    const { tables } = database;
    expect(await migrate({ db, ...tables })).toEqual({ applied: ALL });
    for (const name of TABLE_NAMES) expect((await rowsOf(`tenantry_${name}`)).rows).toEqual([]);
    expect((await rowsOf('tenantry_migrations')).rows).toEqual(ALL.map((name) => ({ name })));

    const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, ...tables }) });
    const workspaceId = await formTeam(workspaces);
    expect(await migrate({ db, ...tables })).toEqual({ applied: [] });
    await expect(workspaces.getWorkspace({ operator: 'root' }, { workspaceId })).resolves.toBeDefined();
  });

  test('several calls at once apply each migration once', async () => {
    const { tables } = database;
    const results = await Promise.all(
      Array.from({ length: 6 }, () => migrate({ db: database.connect(), ...tables })),
    );
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, 0, 0, ALL.length]);
  });

  test('goes on where an earlier call broke off, and keeps tables that exist', async () => {
    const { tables } = database;
    const [accounts = ''] = printSchema(tables).split(/;\s*/);
    await sql.raw(accounts).execute(db);
    expect(await migrate({ db, ...tables })).toEqual({ applied: ALL });
    expect((await rowsOf('tenantry_quota_amounts')).rows).toEqual([]);
  });

  test('ignores migrations of a newer version', async () => {
    const { tables } = database;
    await migrate({ db, ...tables });
    const record = sql.table([...schemaOf(database), 'tenantry_migrations'].join('.'));
    await sql`insert into ${record} (name) values ('9999-later')`.execute(db);
    expect(await migrate({ db, ...tables })).toEqual({ applied: [] });
  });

  test('releases its lock after a failure', async () => {
    const { tables } = database;
    const missing = { dialect: kind.dialect, schema: 'tenantry_nowhere' };
    if (kind.dialect === 'sqlite') await sql`pragma query_only = on`.execute(db);
    await expect(migrate({ db, ...(kind.dialect === 'sqlite' ? tables : missing) })).rejects.toThrow();
    if (kind.dialect === 'sqlite') await sql`pragma query_only = off`.execute(db);
    const other = await migrate({ db: database.connect(), ...tables });
    expect(other).toEqual({ applied: ALL });
  });

  test('rejects a transaction and another dialect, with the reason', async () => {
    const { tables } = database;
    await migrate({ db, ...tables });
    const inside = db.transaction().execute((transaction) => migrate({ db: transaction, ...tables }));
    await expect(inside).rejects.toThrow(/`migrate` needs a Kysely instance, and `db` is a transaction/);
    await expect(migrate({ db, dialect: kind.dialect === 'sqlite' ? 'postgres' : 'sqlite' })).rejects.toThrow(
      TypeError,
    );
  });
});

describe('an app with migrations of its own', () => {
  test('deploys again and again, also after it added one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-deploys-'));
    const db = sqliteOn(join(folder, 'app.sqlite'));
    const deploy = async (...names: string[]): Promise<readonly string[]> => {
      const own: Record<string, Migration> = Object.fromEntries(
        names.map((name) => [name, { up: () => Promise.resolve() }]),
      );
      const provider = { getMigrations: () => Promise.resolve(own) };
      const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest();
      expect(error).toBeUndefined();
      const { applied } = await migrate({ db, dialect: 'sqlite' });
      return [...results.map(({ migrationName }) => migrationName), ...applied];
    };
    expect(await deploy('2026-11-30-databases')).toEqual(['2026-11-30-databases', ...ALL]);
    expect(await deploy('2026-11-30-databases', '2026-12-07-column')).toEqual(['2026-12-07-column']);
    expect(await deploy('2026-11-30-databases', '2026-12-07-column')).toEqual([]);
    await db.destroy();
    await rm(folder, { recursive: true });
  });
});

describe('the command', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-command-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('schema prints the result of printSchema', async () => {
    const options = { dialect: 'postgres', schema: 'app', prefix: 'app_' } as const;
    const given = ['schema', '--prefix', 'app_', '--dialect', 'postgres', '--schema', 'app'];
    expect(await command(given)).toEqual({ code: 0, out: printSchema(options), errors: '' });
  });

  test.each(databaseKinds.filter(({ name }) => name !== 'PGlite'))(
    'migrate applies the migrations to $name, and then has nothing to do',
    async (kind) => {
      const database = await kind.create({ migrated: false });
      const { dialect, schema } = database.tables;
      const file = join(folder, 'command.sqlite');
      const url = { sqlite: file, postgres: POSTGRES_URL, mariadb: MARIADB_URL, mysql: MARIADB_URL }[dialect];
      const given = ['migrate', '--url', url, '--prefix', 'app_', ...(schema ? ['--schema', schema] : [])];
      expect(await command(given)).toEqual({ code: 0, out: `applied ${ALL.join(', ')}\n`, errors: '' });
      expect(await command(given)).toEqual({ code: 0, out: 'up to date\n', errors: '' });
      const db = dialect === 'sqlite' ? sqliteOn(file) : database.db;
      expect(await migrate({ db, ...database.tables, prefix: 'app_' })).toEqual({ applied: [] });
      if (db !== database.db) await db.destroy();
      await database.drop();
    },
  );

  test('migrate reads DATABASE_URL if there is no --url', async () => {
    const env = { ...process.env, DATABASE_URL: `file:${join(folder, 'variable.sqlite')}` };
    expect(await command(['migrate'], { env })).toMatchObject({
      code: 0,
      out: `applied ${ALL.join(', ')}\n`,
    });
  });

  test('migrate names the driver that the project lacks', async () => {
    const given = ['migrate', '--url', 'postgres://app:secret@127.0.0.1:1/app'];
    const { code, errors } = await command(given, { cwd: folder });
    expect(code).toBe(1);
    expect(errors).toBe('pg is not installed in this project: npm install pg\n');
  });

  test('migrate exits with 1 and the error of a server that does not answer, without its password', async () => {
    const { code, out, errors } = await command([
      'migrate',
      '--url',
      'postgres://app:secret@127.0.0.1:1/app',
    ]);
    expect([code, out]).toEqual([1, '']);
    expect(errors).toContain('ECONNREFUSED');
    expect(errors).not.toContain('secret');
  });

  test('exits with 2 and the reason if called wrongly', async () => {
    const env = { ...process.env, DATABASE_URL: '' };
    const [help, twice, oracle, noUrl, scheme, unknown] = await Promise.all([
      command(['--help']),
      command(['schema', '--dialect', 'sqlite', '--dialect', 'postgres']),
      command(['schema', '--dialect', 'oracle']),
      command(['migrate'], { env }),
      command(['migrate', '--url', 'oracle://db/app']),
      command(['migrate', '--dialect', 'postgres']),
    ]);
    expect(help).toMatchObject({ code: 0, errors: '' });
    expect(help.out).toMatch(/^usage: tenantry migrate/);
    for (const wrong of [twice, noUrl, unknown]) {
      expect(wrong).toMatchObject({ code: 2, out: '' });
      expect(wrong.errors).toMatch(/^usage: tenantry migrate/);
    }
    expect(oracle).toMatchObject({ code: 2, out: '' });
    expect(oracle.errors).toMatch(/must be one of sqlite, postgres, mariadb, mysql/);
    expect(scheme).toMatchObject({ code: 2, out: '' });
    expect(scheme.errors).toMatch(/begins with 'oracle:', and must begin with one of postgres, /);
  });
});

describe('migrateUrl, which the command calls', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-urls-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each(databaseKinds.filter(({ name }) => name !== 'PGlite'))(
    'applies the migrations to $name once',
    async (kind) => {
      const database = await kind.create({ migrated: false });
      const { dialect, schema } = database.tables;
      const file = `file:${join(folder, 'url.sqlite')}`;
      const url = { sqlite: file, postgres: POSTGRES_URL, mariadb: MARIADB_URL, mysql: MARIADB_URL }[dialect];
      const tables = { schema, prefix: 'url_' };
      expect(await migrateUrl(url, tables)).toEqual({ applied: ALL });
      expect(await migrateUrl(url, tables)).toEqual({ applied: [] });
      await database.drop();
    },
  );

  test('takes the driver of Node where the project in the current folder has no other', async () => {
    const project = process.cwd();
    process.chdir(folder);
    try {
      const end = await migrateUrl(join(folder, 'built-in.sqlite'), {}).catch((error: unknown) => error);
      const none = /no driver of SQLite is installed in this project/;
      if (isBuiltin('node:sqlite')) {
        expect(end).toEqual({ applied: ALL });
      } else expect(String(end)).toMatch(none);
      await expect(migrateUrl('mysql://127.0.0.1:1/app', {})).rejects.toThrow(/mysql2 is not installed/);
    } finally {
      process.chdir(project);
    }
  });

  test('refuses a scheme of no dialect', async () => {
    await expect(migrateUrl('oracle://db/app', {})).rejects.toThrow(/begins with 'oracle:'/);
  });
});

function schemaOf({ tables: { schema } }: TestDatabase): string[] {
  return schema === undefined ? [] : [schema];
}

async function command(
  words: readonly string[],
  options: ExecFileOptions = {},
): Promise<{ readonly code: unknown; readonly out: string; readonly errors: string }> {
  const args = ['--import', import.meta.resolve('tsx'), resolve('src/adapters/sql/cli.ts'), ...words];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
    return { code: 0, out: String(stdout), errors: String(stderr) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const [code, out, errors]: unknown[] = ['code', 'stdout', 'stderr'].map((name): unknown =>
      Reflect.get(error, name),
    );
    return { code, out: String(out), errors: String(errors) };
  }
}

// The SQL databases that benchmarks run on: each with the tables in a place of its own that is dropped at the end, with
// connections as a host opens them, and with the driver alone, which is the limit.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely';
import Database from 'libsql';
import mysql from 'mysql2';
import pg from 'pg';
import { migrate as migrateTables, preparedDatabase, preparedPool, printSchema, sqlStorage } from 'tenantry/sql';

export const POSTGRES_URL = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const MARIADB_URL = process.env.TEST_MARIADB_URL ?? 'mysql://root@127.0.0.1:3306/test';

const kinds = {
  SQLite: openSqlite,
  PostgreSQL: openPostgres,
  MariaDB: openMariadb,
};

/**
 * A database without rows: `{ name, tables, table, connect, driver, drop }`. `connect(how, max)` makes a Kysely instance,
 * `driver(max)` the driver's own pool or database; what both made is closed by `drop`. How a host connects Kysely:
 * `plain`, as its guides say; `prepared`, with what the library has for it; `kept`, so that the driver prepares every text
 * once for each connection, whosever it is. `around` may put something in front of every dialect.
 */
export async function openDatabase(name, { around = (dialect) => dialect } = {}) {
  const database = await kinds[name](around);
  await migrate(database);
  return database;
}

/** A database for as long as the work on it takes. */
export async function onDatabase(name, work, options) {
  const database = await openDatabase(name, options);
  try {
    return await work(database);
  } finally {
    await database.drop();
  }
}

export function storageOn(database, how) {
  return sqlStorage({ db: database.connect(how), ...database.tables });
}

async function migrate({ name, connect, driver, tables }) {
  if (name === 'SQLite') {
    // Without prepared statements, which would hold the file until they are collected.
    const database = driver();
    database.exec(printSchema(tables));
    database.close();
    return;
  }
  const db = connect();
  await migrateTables({ db, ...tables });
  await db.destroy();
}

/** SQLite as a server would open it; a commit is safe from a crash of the process, and of the machine once copied back. */
function sqliteFile(file) {
  const database = new Database(file);
  database.exec(
    'pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 5000; pragma foreign_keys = on',
  );
  return database;
}

/** A database whose statements are prepared once for each text. */
function keptStatements(database) {
  const kept = new Map();
  return {
    prepare(text) {
      let statement = kept.get(text);
      if (statement === undefined) kept.set(text, (statement = database.prepare(text)));
      return statement;
    },
    close: () => database.close(),
  };
}

/** A pool whose clients name each statement that has values: parsed and planned once for each connection. */
function namedStatements(pool) {
  const names = new Map();
  const nameOf = (text) => {
    let name = names.get(text);
    if (name === undefined)
      names.set(text, (name = createHash('sha256').update(text).digest('base64url').slice(0, 24)));
    return name;
  };
  pool.on('connect', (client) => {
    const query = client.query.bind(client);
    client.query = (text, values, ...rest) =>
      typeof text === 'string' && Array.isArray(values) && values.length > 0
        ? query({ name: nameOf(text), text, values }, ...rest)
        : query(text, values, ...rest);
  });
  return pool;
}

function openSqlite(around) {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-bench-'));
  const path = join(folder, 'bench.sqlite');
  const opened = [];
  const driver = () => {
    const database = sqliteFile(path);
    opened.push(() => database.open && database.close());
    return database;
  };
  return {
    name: 'SQLite',
    file: path,
    tables: { dialect: 'sqlite' },
    table: (name) => `tenantry_${name}`,
    connect(how = 'plain') {
      const database = sqliteFile(path);
      const wrap = { plain: (it) => it, prepared: preparedDatabase, kept: keptStatements }[how];
      const db = new Kysely({ dialect: around(new SqliteDialect({ database: wrap(database) })) });
      opened.push(() => db.destroy());
      return db;
    },
    driver,
    async drop() {
      for (const close of opened) await close();
      rmSync(folder, { recursive: true });
    },
  };
}

let number = 0;

async function openPostgres(around) {
  const schema = `tenantry_bench_${process.pid}_${number++}`;
  const opened = [];
  const driver = (max = 10, settings = {}) => {
    const pool = new pg.Pool({ connectionString: POSTGRES_URL, max, ...settings });
    opened.push(() => pool.end());
    return pool;
  };
  const admin = driver(1);
  await admin.query(`create schema "${schema}"`);
  return {
    name: 'PostgreSQL',
    schema,
    tables: { dialect: 'postgres', schema },
    table: (name) => `"${schema}".tenantry_${name}`,
    connect(how = 'plain', max = 10, settings = {}) {
      const pool = new pg.Pool({ connectionString: POSTGRES_URL, max, ...settings });
      const wrap = { plain: (it) => it, prepared: preparedPool, kept: namedStatements }[how];
      const db = new Kysely({ dialect: around(new PostgresDialect({ pool: wrap(pool) })) });
      opened.push(() => db.destroy());
      return db;
    },
    driver,
    async drop() {
      await admin.query(`drop schema "${schema}" cascade`);
      for (const close of opened) await close();
    },
  };
}

async function openMariadb(around) {
  const schema = `tenantry_bench_${process.pid}_${number++}`;
  const opened = [];
  const driver = (connectionLimit = 10) => {
    const pool = mysql.createPool({ uri: MARIADB_URL, connectionLimit });
    opened.push(() => pool.promise().end());
    return pool.promise();
  };
  const admin = driver(1);
  await admin.query(`create database \`${schema}\``);
  return {
    name: 'MariaDB',
    schema,
    tables: { dialect: 'mariadb', schema },
    table: (name) => `\`${schema}\`.tenantry_${name}`,
    connect(how = 'plain', connectionLimit = 10) {
      const pool = mysql.createPool({ uri: MARIADB_URL, connectionLimit });
      const db = new Kysely({
        dialect: around(new MysqlDialect({ pool: how === 'plain' ? pool : executing(pool) })),
      });
      opened.push(() => db.destroy());
      return db;
    },
    driver,
    async drop() {
      await admin.query(`drop database \`${schema}\``);
      for (const close of opened) await close();
    },
  };
}

/** A pool whose connections prepare: `query` with values becomes `execute`. The library has nothing for it. */
function executing(pool) {
  pool.on('connection', (connection) => {
    const query = connection.query.bind(connection);
    connection.query = (text, values, ...rest) =>
      typeof text === 'string' && Array.isArray(values) && values.length > 0
        ? connection.execute(text, values, ...rest)
        : query(text, values, ...rest);
  });
  return pool;
}

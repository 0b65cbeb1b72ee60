// SQLite while another process holds the write lock, for less and for more than `busy_timeout`.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Kysely, SqliteDialect, type Transaction } from 'kysely';
import SqliteDatabase from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultMatrix, isWorkspaceError, WorkspaceService, type BeginTransaction } from '../../src/index.js';
import { preparedDatabase, sqlQuota, sqlStorage, type SqlDatabase } from '../../src/adapters/sql/index.js';
import { testTokens } from '../../src/testing/index.js';
import { migrate } from './databases.js';

type HostTables = { projects: { id: string } };

const ada = { userId: 'ada' };
const dialect = 'sqlite';
const defaults = { pods: '5' };

/** Retries immediately. */
const clock = { now: Date.now, sleep: () => Promise.resolve() };

let folder: string;
let other: ChildProcess;
const opened: Kysely<unknown>[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-busy-'));
  const program = join(folder, 'other.cjs');
  // It does not wait for locks itself.
  await writeFile(
    program,
    `const Database = require(${JSON.stringify(resolve('node_modules/libsql'))});
    let database;
    process.on('message', ({ file, sql }) => {
      try {
        database ??= new Database(file);
        database.exec(sql);
        process.send('done');
      } catch (error) {
        process.send(error.code);
      }
    });`,
  );
  other = fork(program, { execArgv: [] });
});

afterEach(async () => {
  const gone = once(other, 'exit');
  other.kill('SIGKILL');
  await gone;
  await Promise.all(opened.splice(0).map((db) => db.destroy()));
  await rm(folder, { recursive: true });
});

/** The answer of the other process: `done`, or the code of its error. */
async function others(sql: string): Promise<unknown> {
  const answer = new Promise<unknown>((resolve) => other.once('message', resolve));
  other.send({ file: join(folder, 'test.sqlite'), sql });
  return answer;
}

const on = (db: SqlDatabase) => ({
  storage: sqlStorage({ db, dialect }),
  quota: sqlQuota({ db, dialect, defaults }),
});

async function start(milliseconds: number) {
  const database = new SqliteDatabase(join(folder, 'test.sqlite'));
  database.exec(`pragma journal_mode = wal; pragma busy_timeout = ${milliseconds}; pragma foreign_keys = on`);
  const bare = new Kysely<unknown>({ dialect: new SqliteDialect({ database: preparedDatabase(database) }) });
  opened.push(bare);
  await migrate(bare, { dialect });
  const db = bare.withTables<HostTables>();
  await db.schema.createTable('projects').addColumn('id', 'text').execute();
  const workspaces = new WorkspaceService({
    ...on(db),
    quotaTimeout: 60_000,
    clock,
    permissions: defaultMatrix,
    tokens: testTokens,
  });
  const { workspace } = await workspaces.openAccount({ ...ada, username: 'ada' });
  const workspaceId = workspace.id;

  const begin: BeginTransaction<Transaction<HostTables>> = (run) =>
    db.transaction().execute((transaction) => run(on(transaction), transaction));
  /** A transaction of the app that reads before it writes. */
  const make = (id: string, meanwhile?: () => Promise<unknown>) =>
    workspaces.withTransaction(begin, async (inside, transaction) => {
      await inside.getWorkspace(ada, { workspaceId });
      await meanwhile?.();
      await inside.createWorkspace(ada, { name: id });
      const named = { workspaceId, reservationId: id };
      await inside.reserveQuota(ada, { ...named, amounts: { pods: '1' } });
      await inside.commitQuota(ada, named);
      await transaction.insertInto('projects').values({ id }).execute();
    });
  const state = async () => ({
    projects: (await db.selectFrom('projects').select('id').execute()).map(({ id }) => id),
    teams: (await workspaces.listWorkspaces(ada)).items.map(({ workspace: { name } }) => name),
    pods: (await workspaces.getQuota(ada, { workspaceId })).resources['pods']?.used,
  });
  return { db, workspaces, workspaceId, make, state };
}

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (isWorkspaceError(error)) return error.code;
    return error instanceof Error && 'code' in error ? error.code : String(error);
  }
}

test('S-07 a transaction that has read can write: no other process writes in between', async () => {
  const { make, state } = await start(60_000);
  const said: unknown[] = [];
  await make('one', async () => {
    said.push(await others("insert into projects (id) values ('theirs')"));
  });
  expect(said).toEqual(['SQLITE_BUSY']);
  expect(await others("insert into projects (id) values ('theirs')")).toBe('done');
  expect(await state()).toEqual({ projects: ['one', 'theirs'], teams: ['ada', 'one'], pods: '1' });
});

test('S-07 waits for a lock that another process releases within busy_timeout', async () => {
  const { db, workspaces, make, state } = await start(60_000);
  for (const id of ['one', 'two', 'three']) {
    expect(await others('begin immediate')).toBe('done');
    // Sent in the same turn as the request for the lock: the waiting thread receives the answer only afterwards.
    const letGo = others('rollback');
    if (id === 'one') await make(id);
    if (id === 'two') await workspaces.createWorkspace(ada, { name: id });
    if (id === 'three') await db.insertInto('projects').values({ id }).execute();
    expect(await letGo).toBe('done');
  }
  expect(await state()).toEqual({ projects: ['one', 'three'], teams: ['ada', 'one', 'two'], pods: '1' });
});

test('S-07 after waiting in vain for a lock, nothing is written, and every call works once the lock is free', async () => {
  const { db, workspaces, workspaceId, make, state } = await start(5);
  const before = await state();
  const calls = [
    () => make('one'),
    () => db.transaction().execute((own) => own.insertInto('projects').values({ id: 'two' }).execute()),
    () =>
      db
        .transaction()
        .execute((own) => own.insertInto('projects').values({ id: 'three' }).returning('id').execute()),
    () => workspaces.createWorkspace(ada, { name: 'four' }),
    () => workspaces.reserveQuota(ada, { workspaceId, reservationId: 'five', amounts: { pods: '1' } }),
  ];
  expect(await others('begin immediate')).toBe('done');
  const ends: unknown[] = [];
  for (const call of calls) ends.push(await codeOf(call()));
  expect(ends).toEqual(['CONFLICT', 'SQLITE_BUSY', 'SQLITE_BUSY', 'CONFLICT', 'CONFLICT']);
  expect(await state()).toEqual(before);
  expect(await others('rollback')).toBe('done');

  for (const call of calls) expect(await codeOf(call())).toBe('ok');
  expect(await state()).toEqual({
    projects: ['one', 'two', 'three'],
    teams: ['ada', 'one', 'four'],
    pods: '1',
  });
  // It is committed: another process sees it, and can write.
  expect(await others('begin immediate; delete from projects; commit')).toBe('done');
  expect((await state()).projects).toEqual([]);
});

test('a statement that fails outside of a transaction leaves no transaction open', async () => {
  const { db, state } = await start(5);
  await db.schema.createIndex('one_project').unique().on('projects').column('id').execute();
  await db.insertInto('projects').values({ id: 'one' }).execute();
  const again = db.insertInto('projects').values({ id: 'one' });
  expect(await codeOf(again.execute())).toBe('SQLITE_CONSTRAINT_UNIQUE');
  expect(await codeOf(again.returning('id').execute())).toBe('SQLITE_CONSTRAINT_UNIQUE');
  expect(await others("insert into projects (id) values ('theirs')")).toBe('done');
  expect((await state()).projects).toEqual(['one', 'theirs']);
});

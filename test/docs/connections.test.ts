// Connections, prepared statements and database permissions that the library needs, as docs/operations.md describes.
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { expect, test } from 'vitest';
import { preparedPool, sqlQuota, sqlStorage, type SqlTables } from '../../src/adapters/sql/index.js';
import { countingIds, createTestWorkspaces } from '../../src/testing/index.js';
import { databaseKinds, postgres, POSTGRES_URL } from '../sql/databases.js';
import { calledNames, prepare, type Stage } from '../every-method.js';
import { attributes } from '../service/team.js';

// test/sql/databases.ts reports a missing database.
const onPostgres = test.runIf(databaseKinds.includes(postgres));

interface Place extends Stage {
  readonly tables: SqlTables;
  /** Another process, on the same connection. */
  readonly other: Stage['workspaces'];
}

async function withConnection(use: (place: Place, db: Kysely<unknown>) => Promise<void>): Promise<void> {
  const { drop, tables } = await postgres.create();
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 1, connectionTimeoutMillis: 30_000 });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
  try {
    const adapters = {
      storage: sqlStorage({ db, ...tables }),
      quota: sqlQuota({ db, ...tables, defaults: { pods: '1000', cpu: '1000', memory: '1Ti' } }),
    };
    const { workspaces, clock } = createTestWorkspaces({
      ...adapters,
      deletion: { graceSeconds: 60 },
      attributes,
    });
    const other = createTestWorkspaces({ ...adapters, clock, ids: countingIds('b') }).workspaces;
    const owner = { userId: 'ada' };
    await workspaces.openAccount({ ...owner, username: 'ada' });
    const { id: workspaceId } = await workspaces.createWorkspace(owner, { name: 'hello' });
    let number = 0;
    const newName = () => `name-${number++}`;
    await use({ workspaces, clock, workspaceId, owner, newName, tables, other }, db);
  } finally {
    await db.destroy();
    await drop();
  }
}

onPostgres('one connection is enough: no call holds a connection while it waits for another', async () => {
  await withConnection(async ({ workspaces, workspaceId, owner, other }) => {
    // Two services have separate queues: their commands lose races, and wait for locks.
    const names = Array.from({ length: 20 }, (_, number) => `name ${number}`);
    const ended = await Promise.allSettled(
      names.flatMap((name, number) => [
        (number % 2 === 0 ? workspaces : other).renameWorkspace(owner, { workspaceId, name }),
        other.reserveQuota(owner, { workspaceId, reservationId: name, amounts: { pods: '1' } }),
      ]),
    );
    expect(ended.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});

onPostgres('a connection that ran every method has fewer than 100 prepared statements', async () => {
  await withConnection(async (stage, db) => {
    await everyMethod(stage);
    const { rows } = await sql<{ n: string }>`
      select count(*) as n from pg_prepared_statements where name like 'tenantry%'`.execute(db);
    expect(Number(rows[0]?.n)).toBeGreaterThan(30);
    expect(Number(rows[0]?.n)).toBeLessThan(100);
  });
});

onPostgres('a role with only select, insert, update and delete can run every method', async () => {
  await withConnection(async (stage, db) => {
    const role = sql.id(`tenantry_rows_${process.pid}`);
    const schema = sql.id(stage.tables.schema ?? 'public');
    await sql`create role ${role}`.execute(db);
    try {
      await sql`grant usage on schema ${schema} to ${role}`.execute(db);
      await sql`grant select, insert, update, delete on all tables in schema ${schema} to ${role}`.execute(
        db,
      );
      await sql`set role ${role}`.execute(db);
      await everyMethod(stage);
      await expect(sql`create table ${schema}.other (id int)`.execute(db)).rejects.toThrow(
        'permission denied',
      );
    } finally {
      await sql`reset role`.execute(db);
      await sql`drop owned by ${role}`.execute(db);
      await sql`drop role ${role}`.execute(db);
    }
  });
});

async function everyMethod(stage: Stage): Promise<void> {
  for (const name of calledNames) await (await prepare(stage, name))();
}

// Tables of an earlier version, with data in them, brought up to date while the app runs.
import { readFile } from 'node:fs/promises';
import { CompiledQuery, sql, type Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate, sqlStorage } from '../../src/adapters/sql/index.js';
import { namesOf } from '../../src/adapters/sql/names.js';
import { TABLE_NAMES } from '../../src/adapters/sql/tables.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada, formTeam, root, sam } from '../service/team.js';
import { databaseKinds, dropTables, inSchemaOf, type TestDatabase } from './databases.js';
import { shapeOf } from './table-shapes.js';

describe.each(databaseKinds)('on $name', ({ dialect, create }) => {
  const tables = { dialect };
  let database: TestDatabase;
  let db: Kysely<unknown>;

  beforeAll(async () => {
    database = await create({ migrated: false });
    db = inSchemaOf(database);
  });
  afterAll(async () => {
    if (db !== database.db) await db.destroy();
    await database.drop();
  });

  test('A-10 the tables of 0.1 get what they lack, keep their rows, and work, and an address in them is erased', async () => {
    await migrate({ db, ...tables });
    const shape = await shapeOf(db, dialect);
    const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, ...tables }) });
    const workspaceId = await formTeam(workspaces);
    const { token } = await workspaces.inviteMember(ada, {
      workspaceId,
      role: 'developer',
    });
    const recipient = { email: 'Zoe@MÜNCHEN.example' };
    await workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient });
    const rows = await rowsOf(db);
    await dropTables(db, tables);

    const released = await readFile(new URL(`released/0001-${dialect}.sql`, import.meta.url), 'utf8');
    for (const statement of released.split(/;\s*/).filter(Boolean)) await run(db, statement);
    for (const [name, all] of rows) await insert(name, all);
    await run(
      db,
      `create table tenantry_migrations (name ${dialect === 'sqlite' ? 'text' : 'varchar(64)'} not null, primary key (name))`,
    );
    await run(db, `insert into tenantry_migrations (name) values ('0001-tables')`);

    const results = await Promise.all([1, 2, 3].map(() => migrate({ db, ...tables })));
    expect(results.flatMap(({ applied }) => applied)).toEqual(['0002-lifecycle']);
    expect(await migrate({ db, ...tables })).toEqual({ applied: [] });
    expect(await shapeOf(db, dialect)).toEqual(shape);
    expect(await rowsOf(db)).toEqual(rows);

    // What a process of 0.1 wrote meanwhile: the guide says to run it again.
    await run(db, 'update tenantry_workspace_events set email_key = null');
    await run(db, `delete from tenantry_migrations where name = '0002-lifecycle'`);
    expect(await migrate({ db, ...tables })).toEqual({ applied: ['0002-lifecycle'] });
    expect(await rowsOf(db)).toEqual(rows);

    await workspaces.acceptInvitation(sam, { token });
    expect(await workspaces.getMembership(sam, { workspaceId })).toMatchObject({
      member: { role: 'developer' },
    });
    await workspaces.deleteWorkspace(root, { workspaceId });

    // The address of an invitation that 0.1 created, in a workspace that has been deleted since.
    await workspaces.openAccount({ userId: 'zoe', username: 'zoe' });
    expect(JSON.stringify([...(await rowsOf(db))])).toContain('MÜNCHEN');
    const emails = ['zoe@xn--mnchen-3ya.example'];
    await workspaces.closeAccount(root, { userId: 'zoe', erase: true, emails });
    expect(JSON.stringify([...(await rowsOf(db))])).not.toMatch(/MÜNCHEN|xn--mnchen/);
    await dropTables(db, tables);

    /** Inserts the columns that the table has. */
    async function insert(name: string, all: readonly Row[]): Promise<void> {
      const columns = await columnsIn(db, dialect, name);
      for (const row of all) {
        const old = Object.entries(row).filter(([column]) => columns.has(column));
        const names = sql.join(old.map(([column]) => sql.ref(column)));
        const values = sql.join(old.map(([, value]) => value));
        await sql`insert into ${sql.table(`tenantry_${name}`)} (${names}) values (${values})`.execute(db);
      }
    }
  });

  test('an index that is missing is built while others write, and one that a broken build left is replaced', async () => {
    await migrate({ db, ...tables });
    const shape = await shapeOf(db, dialect);
    const on = dialect === 'mariadb' || dialect === 'mysql' ? ' on tenantry_invitations' : '';
    await run(db, `drop index tenantry_invitations_by_state${on}`);
    await run(db, `delete from tenantry_migrations where name = '0002-lifecycle'`);
    const results = await Promise.all([1, 2, 3].map(() => migrate({ db, ...tables })));
    expect(results.flatMap(({ applied }) => applied)).toEqual(['0002-lifecycle']);
    expect(await shapeOf(db, dialect)).toEqual(shape);
    await dropTables(db, tables);
  });
});

type Row = Readonly<Record<string, unknown>>;

async function rowsOf(db: Kysely<unknown>): Promise<ReadonlyMap<string, readonly Row[]>> {
  const found = new Map<string, readonly Row[]>();
  for (const name of TABLE_NAMES) {
    const { rows } = await sql<Row>`select * from ${sql.table(`tenantry_${name}`)}`.execute(db);
    found.set(
      name,
      rows.map((row) => ({ ...row })).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    );
  }
  return found;
}

async function columnsIn(
  db: Kysely<unknown>,
  dialect: TestDatabase['tables']['dialect'],
  name: string,
): Promise<ReadonlySet<string>> {
  const { catalog } = namesOf({ dialect }).dialect;
  const table = { name: `tenantry_${name}`, schema: null, quoted: `tenantry_${name}` };
  const { rows } = await sql.raw<{ name: string }>(catalog.columns(table)).execute(db);
  return new Set(rows.map((row) => row.name));
}

async function run(db: Kysely<unknown>, statement: string): Promise<void> {
  await db.executeQuery(CompiledQuery.raw(statement));
}

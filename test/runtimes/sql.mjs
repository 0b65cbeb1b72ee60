// The story on SQLite: `sql.mjs <recipe> <form>`, with the package as ES modules (esm) or as CommonJS (cjs).
import { createRequire } from 'node:module';
import { defaults, play } from './story.mjs';

const [recipe, form] = process.argv.slice(2);
const load = form === 'cjs' ? createRequire(import.meta.url) : (name) => import(name);
const { openDatabase } = await import(`./${recipe}.mjs`);
const { sql } = await import('kysely');
const { migrate, sqlQuota, sqlStorage } = await load('tenantry/sql');
const core = await load('tenantry');
const http = await load('tenantry/http');
const quantity = await load('tenantry/quantity');
const testing = await load('tenantry/testing');

const file = `story-${process.pid}.sqlite`;
const db = openDatabase(file);
const dialect = 'sqlite';
await migrate({ db, dialect });
const [storage, quota] = [sqlStorage({ db, dialect }), sqlQuota({ db, dialect, defaults })];
let checks = await play({ core, http, quantity, testing, storage, quota });

// other driver features that the package or Kysely uses: savepoints inside a transaction, and streamed rows
const { workspaces } = testing.createTestWorkspaces({ storage });
const dropped = new Error('dropped by the host');
const begin = (run) =>
  db.transaction().execute((host) => run({ storage: sqlStorage({ db: host, dialect }) }, host));
const transaction = workspaces.withTransaction(begin, async (inside) => {
  await inside.createWorkspace({ userId: 'ada' }, { name: 'dropped' });
  const again = inside.createWorkspace({ userId: 'ada' }, { name: 'dropped' });
  const refusal = await again.catch((reason) => reason);
  if (!core.isWorkspaceError(refusal, 'NAME_TAKEN')) throw refusal;
  throw dropped;
});
if ((await transaction.catch((reason) => reason)) !== dropped) await transaction;
checks += 2;
const names = [];
for await (const { name } of db.selectFrom('tenantry_workspaces').select('name').stream()) names.push(name);
if (!names.includes('hello') || names.includes('dropped')) throw new Error(`there are ${names.join(', ')}`);
checks += 1;

// a transaction waits for other processes when it begins: after a first read SQLite would reject its write
const other = openDatabase(file);
await sql`pragma busy_timeout = 0`.execute(other);
const begun = [];
await db.transaction().execute(async () => {
  begun.push('one');
  const second = other.transaction().execute(() => Promise.resolve(begun.push('another')));
  await second.catch(() => begun.push('turned away'));
});
if (begun.join() !== 'one,turned away') throw new Error(`transactions began as ${begun.join()}`);
checks += 1;

await other.destroy();
await db.destroy();
console.log(`${checks} checks`);

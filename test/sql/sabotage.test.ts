// The conformance suite can fail on a database: with a constraint removed, and with a storage that has one fault.
import { CompiledQuery, Kysely, SqliteDialect, type Dialect } from 'kysely';
import SqliteDatabase from 'libsql';
import { describe, expect, test } from 'vitest';
import { printSchema, sqlStorage } from '../../src/adapters/sql/index.js';
import type { StorageAdapter } from '../../src/index.js';
import { storageConformance } from '../../src/testing/index.js';
import { breaches, insertRow, prepareBreaches, type Breach } from './breaches.js';
import { withDriver } from './recorded.js';

interface Sabotage {
  /** Which cases must notice. */
  readonly noticedBy: RegExp;
  /** What becomes of the tables. */
  readonly schema?: (ddl: string) => string;
  readonly dialect?: (dialect: Dialect) => Dialect;
  readonly storage?: (storage: StorageAdapter) => StorageAdapter;
}

const sabotages: Readonly<Record<string, Sabotage>> = {
  'names are not unique': { noticedBy: /^S-05.*\bname\b/, schema: (ddl) => without(ddl, 'workspaces_name') },
  'usernames are not unique': {
    noticedBy: /^S-05.*\busername\b/,
    schema: (ddl) => without(ddl, 'accounts_username'),
  },
  'recipients are not unique': {
    noticedBy: /^S-05.*\brecipient\b/,
    schema: (ddl) => without(ddl, 'invitations_recipient'),
  },
  'members are not unique': {
    noticedBy: /^S-05.*\bmember\b/,
    schema: (ddl) =>
      ddl.replace(
        /("tenantry_members" \([^;]*?)\s*primary key [^\n]*,([^;]*) strict, without rowid;/,
        '$1$2 strict;',
      ),
  },
  'ids are compared without case': {
    noticedBy: /^S-04 ids/,
    schema: (ddl) => ddl.replaceAll('"user_id" text', '"user_id" text collate nocase'),
  },
  'versions are not compared': {
    noticedBy: /^S-02/,
    storage: (storage) => ({ ...storage, commit: (commit) => storage.commit({ ...commit, expect: [] }) }),
  },
  'the versions of accounts are not compared': {
    noticedBy: /^S-02.*account/,
    storage: (storage) => ({
      ...storage,
      commit: (commit) =>
        storage.commit({ ...commit, expect: commit.expect.filter((expected) => 'workspace' in expected) }),
    }),
  },
  'locked attempts do not wait': {
    noticedBy: /^S-02 of 20 attempts with a lock/,
    storage: (storage) => ({
      ...storage,
      withLock: async (_slice, attempt) => ({ ok: true, value: await attempt(storage) }),
    }),
  },
  'transactions are not rolled back': { noticedBy: /^S-01 a duplicate/, dialect: withoutTransactions },
  'each change is a commit of its own': {
    noticedBy: /^S-01 a duplicate/,
    storage: (storage) => ({
      ...storage,
      async commit({ expect: expectations, changes, events }) {
        const guarded = await storage.commit({ expect: expectations, changes: [], events: [] });
        if (!guarded.ok) return guarded;
        for (const change of changes) {
          const result = await storage.commit({ expect: [], changes: [change], events: [] });
          if (!result.ok) return result;
        }
        return storage.commit({ expect: [], changes: [], events });
      },
    }),
  },
  'events are written before the transaction': {
    noticedBy: /^S-01 a stale/,
    storage: (storage) => ({
      ...storage,
      async commit(commit) {
        await storage.commit({ expect: [], changes: [], events: commit.events });
        return storage.commit({ ...commit, events: [] });
      },
    }),
  },
  'events are not written': {
    noticedBy: /^S-01 a commit/,
    storage: (storage) => ({ ...storage, commit: (commit) => storage.commit({ ...commit, events: [] }) }),
  },
};

test('S-02 a storage without faults passes all of these cases', async () => {
  const all = Object.values(sabotages).map(({ noticedBy }) => noticedBy);
  expect(await failedCases({ noticedBy: new RegExp(all.map(({ source }) => source).join('|')) })).toEqual([]);
});

test.each(Object.entries(sabotages))('S-02 the suite fails where %s', async (_title, sabotage) => {
  expect(await failedCases(sabotage)).not.toEqual([]);
});

describe('a constraint less', () => {
  const locks: Readonly<Record<string, { readonly schema: (ddl: string) => string; readonly lets: string }>> =
    {
      'the key of one owner': {
        schema: (ddl) => without(ddl, 'members_one_owner'),
        lets: 'W-07 a second owner',
      },
      'the check of the owner mark': {
        schema: (ddl) => without(ddl, 'members_owner_check'),
        lets: 'W-07 a second owner without the mark of one',
      },
      'the reference to the account': {
        schema: (ddl) => without(ddl, 'members_user_fk'),
        lets: 'M-01 a member without an account',
      },
      'the check of the state': {
        schema: (ddl) => without(ddl, 'invitations_state_check'),
        lets: 'I-11 an invitation in a state that there is not',
      },
    };

  test.each(Object.entries(locks))(
    'without %s the tables accept the row that it rejects',
    async (_title, lock) => {
      const letThrough = async (schema: (ddl: string) => string): Promise<string[]> => {
        const found: string[] = [];
        for (const breach of breaches.filter(({ title }) => title === lock.lets)) {
          if (await goesIn(breach, schema)) found.push(breach.title);
        }
        return found;
      };
      expect(await letThrough(lock.schema)).toEqual([lock.lets]);
      expect(await letThrough((ddl) => ddl)).toEqual([]);
    },
  );
});

async function failedCases({ noticedBy, storage: change, ...how }: Sabotage): Promise<string[]> {
  const registered: [string, () => Promise<void>][] = [];
  storageConformance({
    test: (title, run) => registered.push([title, run]),
    createStorage: async () => {
      const db = await databaseWith(how);
      const storage = sqlStorage({ db, dialect: 'sqlite' });
      return { storage: change?.(storage) ?? storage, close: () => db.destroy() };
    },
    capabilities: { sharedData: false, locks: true },
  });
  const failed: string[] = [];
  const cases = registered.filter(([title]) => noticedBy.test(title));
  if (cases.length === 0) throw new Error(`no case is called ${noticedBy.source}`);
  for (const [title, run] of cases) await run().catch(() => failed.push(title));
  return failed;
}

async function goesIn(breach: Breach, schema: (ddl: string) => string): Promise<boolean> {
  const db = await databaseWith({ schema });
  try {
    await prepareBreaches(db, { dialect: 'sqlite' });
    return await insertRow(db, { dialect: 'sqlite' }, breach).then(
      () => true,
      () => false,
    );
  } finally {
    await db.destroy();
  }
}

async function databaseWith({
  schema = (ddl) => ddl,
  dialect: change = (dialect) => dialect,
}: Pick<Sabotage, 'schema' | 'dialect'>): Promise<Kysely<unknown>> {
  const database = new SqliteDatabase(':memory:');
  database.exec('pragma foreign_keys = on');
  const db = new Kysely<unknown>({ dialect: change(new SqliteDialect({ database })) });
  for (const statement of schema(printSchema({ dialect: 'sqlite' })).split(/;\s*/)) {
    if (statement !== '') await db.executeQuery(CompiledQuery.raw(statement));
  }
  return db;
}

/** The tables but for one constraint. */
function without(ddl: string, constraint: string): string {
  const line = new RegExp(`,\\n  constraint "tenantry_${constraint}"[^\\n]*?(?=,?\\n)`);
  if (!line.test(ddl)) throw new Error(`there is no constraint ${constraint}`);
  return ddl.replace(line, '');
}

function withoutTransactions(dialect: Dialect): Dialect {
  const nothing = () => Promise.resolve();
  return withDriver(dialect, (driver) => ({
    init: () => driver.init(),
    acquireConnection: () => driver.acquireConnection(),
    releaseConnection: (connection) => driver.releaseConnection(connection),
    destroy: () => driver.destroy(),
    beginTransaction: nothing,
    commitTransaction: nothing,
    rollbackTransaction: nothing,
  }));
}

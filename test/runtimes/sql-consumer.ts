// As consumer.ts, for the parts that need Kysely.
import { Kysely, SqliteDialect } from 'kysely';
import { migrate, preparedDatabase, sqlQuota, sqlStorage, type ExecutingDatabase } from 'tenantry/sql';
import { createTestWorkspaces } from 'tenantry/testing';

export async function open(database: ExecutingDatabase): Promise<string> {
  const dialect = 'sqlite';
  const db = new Kysely<{ projects: { name: string } }>({
    dialect: new SqliteDialect({ database: preparedDatabase(database) }),
  });
  await migrate({ db, dialect });
  const storage = sqlStorage({ db, dialect });
  const { workspaces } = createTestWorkspaces({ storage, quota: sqlQuota({ db, dialect, defaults: {} }) });
  const { account } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
  // @ts-expect-error: there is no such dialect
  sqlStorage({ db, dialect: 'oracle' });
  return account.username;
}

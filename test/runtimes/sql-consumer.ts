// As consumer.ts, for what needs Kysely and fast-check.
import fc from 'fast-check';
import { Kysely, SqliteDialect } from 'kysely';
import { migrations, preparedDatabase, sqlQuota, sqlStorage, type ExecutingDatabase } from 'tenantry/sql';
import { createTestWorkspaces, modelCommands, type RealWorkspaces } from 'tenantry/testing';

export async function open(database: ExecutingDatabase): Promise<string> {
  const dialect = 'sqlite';
  const db = new Kysely<{ projects: { name: string } }>({
    dialect: new SqliteDialect({ database: preparedDatabase(database) }),
  });
  for (const { up } of Object.values(migrations({ dialect }))) await up(db);
  const storage = sqlStorage({ db, dialect });
  const { workspaces } = createTestWorkspaces({ storage, quota: sqlQuota({ db, dialect, defaults: {} }) });
  const { account } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
  // @ts-expect-error: there is no such dialect
  sqlStorage({ db, dialect: 'oracle' });
  return account.username;
}

export const commands: fc.Arbitrary<Iterable<fc.AsyncCommand<never, RealWorkspaces>>> = modelCommands(fc);

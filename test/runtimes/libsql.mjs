// SQLite by libsql, where the runtime brings none: it has the form that Kysely takes.
import { Kysely, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { preparedDatabase } from 'tenantry/sql';

export function openDatabase(file) {
  const database = new Database(file);
  database.exec('pragma journal_mode = wal; pragma busy_timeout = 5000; pragma foreign_keys = on');
  return new Kysely({ dialect: new SqliteDialect({ database: preparedDatabase(database) }) });
}

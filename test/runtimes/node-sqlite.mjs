// The SQLite of Node (22.16 and newer) and of Deno, in the form that Kysely takes.
import { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { preparedDatabase } from 'tenantry/sql';

export function openDatabase(file) {
  const sqlite = new DatabaseSync(file);
  sqlite.exec('pragma journal_mode = wal; pragma busy_timeout = 5000; pragma foreign_keys = on');
  const database = {
    close: () => sqlite.close(),
    exec: (text) => sqlite.exec(text),
    prepare(text) {
      const statement = sqlite.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...values),
        run: (values) => statement.run(...values),
        iterate: (values) => statement.iterate(...values),
      };
    },
  };
  return new Kysely({ dialect: new SqliteDialect({ database: preparedDatabase(database) }) });
}

// The SQLite of Bun, in the form that Kysely takes.
import { Database } from 'bun:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { preparedDatabase } from 'tenantry/sql';

export function openDatabase(file) {
  const sqlite = new Database(file);
  sqlite.run('pragma journal_mode = wal; pragma busy_timeout = 5000; pragma foreign_keys = on');
  const database = {
    close: () => sqlite.close(),
    exec: (text) => sqlite.run(text),
    prepare(text) {
      const statement = sqlite.prepare(text);
      return {
        reader: statement.columnNames.length > 0,
        all: (values) => statement.all(...values),
        run: (values) => statement.run(...values),
        iterate: (values) => statement.iterate(...values),
      };
    },
  };
  return new Kysely({ dialect: new SqliteDialect({ database: preparedDatabase(database) }) });
}

// The database's own description of its tables: columns, keys, indexes, references and checks, line by line.
import { sql, type Kysely } from 'kysely';
import type { SqlDialect } from '../../src/adapters/sql/index.js';

/** All tables in the connection's schema except the record of applied migrations, sorted. */
export async function shapeOf(db: Kysely<unknown>, dialect: SqlDialect): Promise<string[]> {
  const lines = await linesOf(db, dialect);
  return lines.filter((line) => !line.includes('tenantry_migrations')).sort();
}

async function linesOf(db: Kysely<unknown>, dialect: SqlDialect): Promise<string[]> {
  switch (dialect) {
    case 'sqlite': {
      const made = await sql<{ sql: string }>`select sql from sqlite_schema where sql is not null`.execute(
        db,
      );
      // A column that was added is the last part of the text.
      return made.rows.map((row) =>
        row.sql
          .split(/,\s+(?![^(]*\))|\s+(?=\)[^)]*$)/)
          .sort()
          .join('\n'),
      );
    }
    case 'postgres': {
      const [columns, constraints, indexes] = [
        await sql`select table_name, column_name, ordinal_position, data_type, collation_name, is_nullable
          from information_schema.columns where table_schema = current_schema()`.execute(db),
        await sql`select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
          from pg_constraint where connamespace = current_schema()::regnamespace`.execute(db),
        await sql`select indexdef from pg_indexes where schemaname = current_schema()`.execute(db),
      ];
      return [...columns.rows, ...constraints.rows, ...indexes.rows].map((row) => JSON.stringify(row));
    }
    case 'mariadb':
    case 'mysql': {
      const named = await sql<{ name: string }>`select table_name as name from information_schema.tables
        where table_schema = database()`.execute(db);
      const tables: string[] = [];
      for (const { name } of named.rows) {
        const made = await sql<Record<string, string>>`show create table ${sql.id(name)}`.execute(db);
        // A key that was added is behind the others.
        const text = made.rows.map((row) => Object.values(row).join('\n')).join('\n');
        tables.push(text.split(/,?\n/).sort().join('\n'));
      }
      return tables;
    }
    default:
      return dialect satisfies never;
  }
}

// The rows of the tables as the database returns them, not as the adapter reads them.
import { sql } from 'kysely';
import { TABLE_NAMES } from '../../src/adapters/sql/tables.js';
import type { TestDatabase } from './databases.js';

/** One line each, sorted; of one workspace where it is named, without the accounts of those who are in it. */
export async function rowsIn({ db, table }: TestDatabase, workspaceId?: string): Promise<string[]> {
  const lines: string[] = [];
  for (const name of TABLE_NAMES) {
    const { rows } = await sql<
      Readonly<Record<string, unknown>>
    >`select * from ${sql.table(table(name))}`.execute(db);
    for (const row of rows) {
      if (workspaceId !== undefined && (row['workspace_id'] ?? row['id']) !== workspaceId) continue;
      lines.push(`${name} ${JSON.stringify(row)}`);
    }
  }
  return lines.sort();
}

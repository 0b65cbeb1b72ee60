// The desk's own tables, which stand beside those of tenantry: the people who sign in, and the things they make.
import { sql, type Kysely } from 'kysely';
import type { SqlDialect } from 'tenantry/sql';

/** Something that takes of the quota; the reservation of its quota has the same id. */
export interface ResourceRow {
  workspace_id: string;
  id: string;
  name: string;
  kind: string;
  state: string;
  /** Milliseconds since the epoch; `null` unless it is being built. A driver may give it as a text. */
  held_until: number | string | null;
  created_at: number | string;
}

export interface UserRow {
  id: string;
  /** SHA-256 of the form in which names are compared: one form and length, whatever the name and the collation. */
  name_key: string;
  name: string;
  email: string | null;
}

export interface DeskTables {
  desk_user: UserRow;
  desk_resource: ResourceRow;
}

export async function createDeskTables(db: Kysely<DeskTables>, dialect: SqlDialect): Promise<void> {
  const isMysql = dialect === 'mysql' || dialect === 'mariadb';
  // there, a table may be of a character set that lacks characters, or compare texts loosely
  const words = isMysql ? sql`varchar(400) character set utf8mb4` : ('varchar(400)' as const);
  const id = isMysql ? sql`varchar(63) character set ascii collate ascii_bin` : ('varchar(63)' as const);
  const people = db.schema
    .createTable('desk_user')
    .ifNotExists()
    .addColumn('id', id, (column) => column.primaryKey())
    .addColumn('name_key', 'varchar(64)', (column) => column.notNull().unique())
    .addColumn('name', words, (column) => column.notNull())
    .addColumn('email', words);
  const resources = db.schema
    .createTable('desk_resource')
    .ifNotExists()
    .addColumn('workspace_id', id, (column) => column.notNull())
    .addColumn('id', id, (column) => column.notNull())
    .addColumn('name', words, (column) => column.notNull())
    .addColumn('kind', 'varchar(20)', (column) => column.notNull())
    .addColumn('state', 'varchar(20)', (column) => column.notNull())
    .addColumn('held_until', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    // the tenant first: what belongs to another workspace is not found by an id alone
    .addPrimaryKeyConstraint('desk_resource_key', ['workspace_id', 'id']);
  for (const table of [people, resources]) {
    // Of several desks that open one new database at once, PostgreSQL lets one make the table and fails the others, "if not
    // exists" or not. They have waited for that one by then, and find its table.
    await table.execute().catch(() => table.execute());
  }
}

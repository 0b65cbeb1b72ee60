// The desk's own tables, in the same database as those of tenantry: users, their sessions, and resources.
import { sql, type Kysely } from 'kysely';
import type { SqlDialect } from 'tenantry/sql';

/** A resource that uses quota. Its reservation has the same id. */
export interface ResourceRow {
  workspace_id: string;
  id: string;
  name: string;
  kind: string;
  state: string;
  /** Milliseconds since the epoch, or `null` unless it is building. Some drivers return a string. */
  held_until: number | string | null;
  created_at: number | string;
}

export interface UserRow {
  id: string;
  /** SHA-256 of the normalized name, so that length, characters and collation of the column do not matter. */
  name_key: string;
  name: string;
  email: string | null;
}

/** A sign-in that has not ended. */
export interface SessionRow {
  user_id: string;
  /** SHA-256 of the secret in the cookie, so that a copy of the database contains no sign-in. */
  id: string;
  /** Milliseconds since the epoch. Some drivers return a string. */
  expires_at: number | string;
}

export interface DeskTables {
  desk_user: UserRow;
  desk_session: SessionRow;
  desk_resource: ResourceRow;
}

export async function createDeskTables(db: Kysely<DeskTables>, dialect: SqlDialect): Promise<void> {
  const isMysql = dialect === 'mysql' || dialect === 'mariadb';
  // the default character set of a MySQL database may lack characters or compare strings loosely
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
    // tenant first, so that an id alone never finds a row of another workspace
    .addPrimaryKeyConstraint('desk_resource_key', ['workspace_id', 'id']);
  const sessions = db.schema
    .createTable('desk_session')
    .ifNotExists()
    .addColumn('user_id', id, (column) => column.notNull())
    .addColumn('id', 'varchar(64)', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('desk_session_key', ['user_id', 'id']);
  for (const table of [people, sessions, resources]) {
    // If several desks open a new database at the same time, PostgreSQL lets one create the table and fails the others,
    // even with "if not exists". They have waited for the first by then, so a second attempt succeeds.
    await table.execute().catch(() => table.execute());
  }
}

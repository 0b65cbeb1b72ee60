// The table that stores the progress of stories: a table of the app, in the same database as those of tenantry.
import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { SqlDialect } from 'tenantry/sql';
import * as z from 'zod/mini';
import { beginning, type Progress, type ProgressStore } from './progress.js';

export interface ProgressTables {
  quickstart_progress: {
    /** SHA-256 of the title, so that length, characters and collation of the column do not matter. */
    story: string;
    /** The number of played steps. */
    done: number;
    /** The rest, as JSON. */
    progress: string;
  };
}

export async function createProgressTable(db: Kysely<ProgressTables>, dialect: SqlDialect): Promise<void> {
  const isMysql = dialect === 'mysql' || dialect === 'mariadb';
  await db.schema
    .createTable('quickstart_progress')
    .ifNotExists()
    .addColumn('story', 'varchar(64)', (column) => column.primaryKey())
    .addColumn('done', 'integer', (column) => column.notNull())
    // on MySQL, `text` ends after 64 KiB, and its character set may lack characters
    .addColumn('progress', isMysql ? sql`mediumtext character set utf8mb4` : 'text', (column) =>
      column.notNull(),
    )
    .execute();
}

/** Pass a transaction to store the progress together with the step. */
export function progressTable(db: Kysely<ProgressTables>): ProgressStore {
  return {
    async begin(title) {
      const story = keyOf(title);
      const row = await db
        .selectFrom('quickstart_progress')
        .select('progress')
        .where('story', '=', story)
        .executeTakeFirst();
      if (row !== undefined) return progressOf(row.progress);
      const progress = beginning();
      await db
        .insertInto('quickstart_progress')
        .values({ story, done: 0, progress: textOf(progress) })
        .execute();
      return progress;
    },
    async claim(title, step) {
      const { numUpdatedRows } = await db
        .updateTable('quickstart_progress')
        .set({ done: step + 1 })
        .where('story', '=', keyOf(title))
        .where('done', '=', step)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async keep(title, progress) {
      await db
        .updateTable('quickstart_progress')
        .set({ progress: textOf(progress) })
        .where('story', '=', keyOf(title))
        .execute();
    },
  };
}

// Pairs, not an object, because a story may use the name '__proto__'.
const texts = z.array(z.tuple([z.string(), z.string()]));
const progressSchema = z.strictObject({
  played: z.array(z.string()),
  workspaces: texts,
  links: texts,
  invitations: z.array(
    z.tuple([z.string(), z.strictObject({ workspaceId: z.string(), invitationId: z.string() })]),
  ),
  sessions: texts,
  waited: z.number(),
});

function textOf({ played, names }: Progress): string {
  const { workspaces, links, invitations, sessions, waited } = names;
  const kept: z.input<typeof progressSchema> = {
    played: [...played],
    workspaces: [...workspaces],
    links: [...links],
    invitations: [...invitations],
    sessions: [...sessions],
    waited,
  };
  return JSON.stringify(kept);
}

function progressOf(text: string): Progress {
  const { played, workspaces, links, invitations, sessions, waited } = progressSchema.parse(JSON.parse(text));
  const names = {
    workspaces: new Map(workspaces),
    links: new Map(links),
    invitations: new Map(invitations),
    sessions: new Map(sessions),
    waited,
  };
  return { played, names };
}

function keyOf(title: string): string {
  return createHash('sha256').update(title).digest('hex');
}

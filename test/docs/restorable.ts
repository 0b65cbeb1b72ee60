// A service on an SQLite file that can be backed up while it runs, and restored.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { defaultMatrix, WorkspaceService, type QuotaAdapter, type TokenOptions } from '../../src/index.js';
import { countingIds, fixedClock, testTokens, type FixedClock } from '../../src/testing/index.js';
import { migrate, sqliteOn } from '../sql/databases.js';

export interface Restorable {
  readonly clock: FixedClock;
  /** The service of the present process: another one after each restore. */
  readonly service: () => WorkspaceService;
  readonly db: () => Kysely<unknown>;
  readonly backUp: () => Promise<void>;
  /** Stops the process, puts the backup in place of the file, and starts another process. */
  readonly restore: (changed?: { readonly tokens?: TokenOptions }) => Promise<void>;
  readonly drop: () => Promise<void>;
}

/** `quota` is kept outside the file, and is not restored. */
export async function restorable(quota?: QuotaAdapter): Promise<Restorable> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-restore-'));
  const [file, backup] = [join(folder, 'live.sqlite'), join(folder, 'backup.sqlite')];
  const clock = fixedClock();
  const dialect = 'sqlite';
  let processes = 0;
  const start = (tokens: TokenOptions = testTokens) => {
    const db = sqliteOn(file);
    processes += 1;
    const service = new WorkspaceService({
      permissions: defaultMatrix,
      storage: sqlStorage({ db, dialect }),
      quota: quota ?? sqlQuota({ db, dialect, defaults: { pods: '10' } }),
      tokens,
      clock,
      ids: countingIds(`p${processes}`),
    });
    return { db, service };
  };
  let running = start();
  await migrate(running.db, { dialect });
  return {
    clock,
    service: () => running.service,
    db: () => running.db,
    backUp: async () => {
      await sql`vacuum into ${backup}`.execute(running.db);
    },
    async restore({ tokens } = {}) {
      await running.db.destroy();
      // The write-ahead log and its index belong to the replaced file.
      for (const part of ['', '-wal', '-shm']) await rm(file + part, { force: true });
      await copyFile(backup, file);
      running = start(tokens);
    },
    async drop() {
      await running.db.destroy();
      await rm(folder, { recursive: true });
    },
  };
}

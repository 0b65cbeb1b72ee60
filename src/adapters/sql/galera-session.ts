// What a connection to a Galera cluster needs. Apart from the checks of sessions, so that printing tables needs no Kysely.
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import { GALERA_WAITS_FOR_READS } from './sessions.js';

/**
 * Makes reads on a connection to a Galera cluster wait until its node has applied the writes of other nodes
 * (`wsrep_sync_wait`). Without it the library refuses the connection, because a removed member would remain authorized for
 * a while on other nodes. Pass it to Kysely's dialect, which awaits it for each new connection.
 *
 * @example
 * ```ts
 * import { Kysely, MysqlDialect } from 'kysely';
 * import { createPool } from 'mysql2';
 * import { galeraSession } from 'tenantry/sql';
 *
 * const pool = createPool({ uri: 'mysql://app@127.0.0.1/app' });
 * const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool, onCreateConnection: galeraSession }) });
 * await db.destroy();
 * ```
 */
export async function galeraSession(connection: DatabaseConnection): Promise<void> {
  await connection.executeQuery(
    CompiledQuery.raw(`set session wsrep_sync_wait = @@wsrep_sync_wait | ${GALERA_WAITS_FOR_READS}`),
  );
}

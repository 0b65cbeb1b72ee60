// What a connection must be set to. On a connection that is set otherwise, a rule of the library would not hold.

/** The check of one kind of database. */
export interface SessionCheck {
  /** Reads the settings: one row for each, with its name and its value. */
  readonly sql: string;
  /** The setting that breaks a promise, and what to set; `null` if all are right. */
  readonly problemOf: (settings: ReadonlyMap<string, string>) => string | null;
}

/**
 * Sets what MariaDB and MySQL must be set to, with the consequence of another value. `setting` is the SQL that fixes it.
 *
 * https://mariadb.com/docs/server/server-management/variables-and-modes/server-system-variables
 */
const mysqlSettings: readonly {
  readonly name: string;
  readonly holds: (value: string) => boolean;
  readonly setting: string;
  readonly why: string;
}[] = [
  {
    name: 'autocommit',
    holds: (value) => value === 'ON',
    setting: 'set autocommit = 1',
    why: 'otherwise reads stay in one old snapshot, and removed members remain authorized',
  },
  {
    name: 'completion_type',
    holds: (value) => value === 'NO_CHAIN',
    setting: "set completion_type = 'NO_CHAIN'",
    why: 'otherwise each commit begins another transaction, with a snapshot that grows old',
  },
  ...['character_set_client', 'character_set_connection', 'character_set_results'].map((name) => ({
    name,
    holds: (value: string) => value === 'utf8mb4',
    setting: "set names utf8mb4, and the pool's option charset: 'utf8mb4'",
    why: 'otherwise two different ids become one',
  })),
  {
    name: 'sql_mode',
    holds: (value) => /\bSTRICT_(TRANS|ALL)_TABLES\b/.test(value),
    setting: "set sql_mode = concat(@@sql_mode, ',STRICT_TRANS_TABLES')",
    why: 'otherwise values that are too long are cut without an error',
  },
  ...['foreign_key_checks', 'unique_checks'].map((name) => ({
    name,
    holds: (value: string) => value === 'ON',
    setting: `set ${name} = 1`,
    why: 'otherwise the tables accept rows that no state of the records has',
  })),
];

/** https://galeracluster.com/library/documentation/mysql-wsrep-options.html#wsrep-sync-wait: bit 1 is for reads. */
export const GALERA_WAITS_FOR_READS = 1;

export const mysqlSession: SessionCheck = {
  // `show` lists only what the server has: the names of Galera are unknown to MySQL.
  sql: `show session variables where variable_name in (${[
    ...mysqlSettings.map(({ name }) => `'${name}'`),
    "'wsrep_on'",
    "'wsrep_sync_wait'",
  ].join(', ')})`,
  problemOf(settings) {
    const wrong = mysqlSettings.find(({ name, holds }) => !holds(settings.get(name) ?? ''));
    if (wrong !== undefined) {
      const { name, setting, why } = wrong;
      return `${name} is '${settings.get(name) ?? ''}': ${setting} on each connection, ${why}`;
    }
    const waits = (Number(settings.get('wsrep_sync_wait')) & GALERA_WAITS_FOR_READS) !== 0;
    if (settings.get('wsrep_on') !== 'ON' || waits) return null;
    return 'a Galera node answers reads before it has applied the writes of other nodes: set wsrep_sync_wait = 1 on each connection (galeraSession of tenantry/sql does it), otherwise removed members remain authorized';
  },
};

export const sqliteSession: SessionCheck = {
  sql: "select 'foreign_keys' as name, foreign_keys as value from pragma_foreign_keys",
  problemOf: (settings) =>
    settings.get('foreign_keys') === '1'
      ? null
      : 'foreign_keys is off: run `pragma foreign_keys = on`, otherwise the tables accept rows that no state of the records has',
};

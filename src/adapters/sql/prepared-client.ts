// A client of `pg` that prepares the library's statements, and whose successes are what the server has confirmed.
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { nameOfText } from './statement.js';

/** What is needed from a pool of `pg`. */
export interface NamingPool extends PostgresPool {
  /** As pg's. */
  connect(): Promise<NamingClient>;
}

/** What is needed from a client of `pg`. */
export interface NamingClient extends PostgresPoolClient {
  /** As pg's: a named statement is prepared at its first call on a connection, and only executed afterwards. */
  query<Row>(named: {
    readonly name: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<PostgresQueryResult<Row>>;
  /** As Kysely calls it. */
  query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  /** As Kysely calls it. */
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  /** As pg's: with an error, the pool closes the connection. */
  release(error?: Error | boolean): void;
  /** As pg's: warnings of the server. Without it, cancelled waits for a standby are not noticed. */
  on?(event: 'notice', listener: (notice: { readonly routine?: string | undefined }) => void): unknown;
}

export function preparedClient(client: NamingClient): PostgresPoolClient {
  let lost: Error | null = null;
  const unconfirmed = new Set<object>();
  client.on?.('notice', (notice) => {
    if (notice.routine === SYNC_WAIT_CANCELLED) unconfirmed.add(notice);
  });

  async function confirmed<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    // Immediately: behind the lost statement, a rollback would wait for as long again.
    if (lost !== null) throw lost;
    unconfirmed.clear();
    let answer: Answer;
    try {
      answer = await ask();
    } catch (error) {
      if (error instanceof Error && !isFromServer(error)) lost = error;
      throw error;
    }
    if (unconfirmed.size > 0) throw new Error(UNCONFIRMED);
    return answer;
  }

  function query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  function query<Row>(
    text: string | PostgresCursor<Row>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<Row>> | PostgresCursor<Row> {
    if (typeof text !== 'string') return client.query(text);
    const name = nameOfText(text);
    return confirmed(() =>
      name === undefined
        ? client.query<Row>(text, values)
        : client.query<Row>({ name, text, values: [...values] }),
    );
  }

  return {
    query,
    // The server may still work on the lost statement, in a transaction that nothing ends: the next user of the
    // connection would write into that transaction, and its acknowledged writes would be rolled back.
    // Kysely 0.29 passes `true` for a connection to destroy.
    release: (destroy?: boolean) => {
      client.release(lost ?? destroy);
    },
  };
}

/** The function of PostgreSQL that warns: the code of the warning (01000) is shared by all, and its text is translated. */
const SYNC_WAIT_CANCELLED = 'SyncRepWaitForLSN';

const UNCONFIRMED =
  'the wait for a synchronous standby was cancelled: the commit is on the primary, and a failover may lose it';

/** Errors of the server have a severity, and leave the connection in a known state. */
function isFromServer(error: Error): boolean {
  return typeof Reflect.get(error, 'severity') === 'string';
}

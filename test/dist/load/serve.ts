// The desk on a database of its own, listening on loopback as in production, but without rate limits.
import { serve, type ServerType } from '@hono/node-server';
import { createDesk, type Desk } from '../../../examples/desk/src/app.js';
import { keysOf } from '../../../examples/desk/src/secret.js';
import { createDeskTables } from '../../../examples/desk/src/tables.js';
import { connect } from '../../../examples/desk/src/connect.js';
import { unsound, wholeWorld } from '../../sql/whole-world.js';
import type { Member } from './crowd.js';

export interface ServedDesk {
  /** The address of its API. */
  readonly base: string;
  /** The failures that it logged. */
  readonly log: readonly string[];
  /** The invariant violations in the database; empty if there are none. */
  readonly unsound: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

const HOST = '127.0.0.1';
const SEATS = 20;

export async function serveDesk(url: string): Promise<ServedDesk> {
  const { db, dialect } = await connect(url, createDeskTables);
  const log: string[] = [];
  let desk: Desk | null = null;
  // It answers only to the host name of its own address, which is known once it listens.
  const fetch: Desk['app']['fetch'] = (request, env) =>
    desk?.app.fetch(request, env) ?? new Response(null, { status: 503 });
  const { server, port } = await new Promise<{ server: ServerType; port: number }>((done) => {
    const listening = serve({ fetch, hostname: HOST, port: 0 }, (address) =>
      done({ server: listening, port: address.port }),
    );
  });
  const origin = `http://${HOST}:${port}`;
  desk = createDesk({
    db,
    dialect,
    keys: keysOf('a secret of the load test, of which nothing depends'),
    origin,
    seats: SEATS,
    invitationsPerMinute: Number.MAX_SAFE_INTEGER,
    signInsPerMinute: Number.MAX_SAFE_INTEGER,
    log: (line) => log.push(line),
  });
  const { live } = desk;
  return {
    base: `${origin}/api`,
    log,
    async unsound() {
      const world = await wholeWorld({ db, tables: { dialect }, table: (name) => `tenantry_${name}` });
      return unsound(world, {
        membersPerWorkspace: SEATS,
        openInvitationsPerWorkspace: 100,
        workspacesPerOwner: 50,
      });
    },
    async close() {
      live.endAll();
      await new Promise((done) => server.close(done));
      await db.destroy();
    },
  };
}

/** Signs in through the API, as a program does. */
export async function signInAt(base: string, name: string): Promise<Member> {
  const response = await fetch(`${base}/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  const answer: unknown = await response.json();
  if (!isSignedIn(answer)) throw new Error(`sign-in: ${response.status}`);
  return { userId: answer.userId, token: answer.session.token };
}

function isSignedIn(answer: unknown): answer is { userId: string; session: { token: string } } {
  if (typeof answer !== 'object' || answer === null) return false;
  return 'userId' in answer && 'session' in answer;
}

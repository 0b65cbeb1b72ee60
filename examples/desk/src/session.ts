// Sign-in sessions: a row in the database, and a signed cookie that names it and is not readable by scripts.
import { createHash, randomBytes } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { Kysely } from 'kysely';
import type { People, Person } from './people.js';
import { stored } from './stored.js';
import type { DeskTables } from './tables.js';

/** Set on every request. `visitor` is `null` if the request is not signed in. */
export interface DeskEnv {
  Bindings: { readonly incoming?: { readonly socket: { readonly remoteAddress?: string | undefined } } };
  Variables: { visitor: Person | null };
}

/** Set on requests that are signed in. */
export interface SignedInEnv {
  Bindings: DeskEnv['Bindings'];
  Variables: DeskEnv['Variables'] & { user: Person };
}

export interface Sessions {
  /** Reads the cookie and sets `visitor`. */
  readonly middleware: MiddlewareHandler<DeskEnv>;
  /** Starts a session, in place of one that the request may have. */
  begin(c: Context, person: Person): Promise<void>;
  /** Ends the session of the request: no copy of its cookie is accepted afterwards. */
  end(c: Context): Promise<void>;
}

export interface SessionOptions {
  readonly db: Kysely<DeskTables>;
  readonly people: People;
  readonly key: Uint8Array<ArrayBuffer>;
  readonly isHttps: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const SECONDS = 12 * 60 * 60;

export function createSessions({ db, people, key, isHttps, now }: SessionOptions): Sessions {
  const name = 'desk';
  // With this prefix, browsers reject the cookie from other hosts of the same domain and without https (RFC 6265bis
  // 4.1.3).
  const prefix = isHttps ? ({ prefix: 'host' } as const) : {};
  const read = (c: Context) =>
    isHttps ? getSignedCookie(c, key, name, 'host') : getSignedCookie(c, key, name);

  return {
    middleware: createMiddleware<DeskEnv>(async (c, next) => {
      c.set('visitor', await visitor(c));
      await next();
    }),
    async begin(c, { id: userId }) {
      await remove(c);
      const secret = randomBytes(16).toString('hex');
      const row = { user_id: userId, id: hashOf(secret), expires_at: now() + SECONDS * 1000 };
      const expired = db
        .deleteFrom('desk_session')
        .where('user_id', '=', userId)
        .where('expires_at', '<=', now());
      await stored(expired.execute());
      await stored(db.insertInto('desk_session').values(row).execute());
      await setSignedCookie(c, name, `${userId}.${secret}`, key, {
        ...prefix,
        path: '/',
        httpOnly: true,
        sameSite: 'Lax',
        secure: isHttps,
        maxAge: SECONDS,
      });
    },
    async end(c) {
      await remove(c);
      deleteCookie(c, name, { ...prefix, path: '/', secure: isHttps });
    },
  };

  async function visitor(c: Context): Promise<Person | null> {
    const session = await sessionOf(c);
    if (session === null) return null;
    const row = db
      .selectFrom('desk_session')
      .select('expires_at')
      .where('user_id', '=', session.userId)
      .where('id', '=', session.id);
    const found = await stored(row.executeTakeFirst());
    if (found === undefined || Number(found.expires_at) <= now()) return null;
    return people.find(session.userId);
  }

  async function remove(c: Context): Promise<void> {
    const session = await sessionOf(c);
    if (session === null) return;
    const row = db
      .deleteFrom('desk_session')
      .where('user_id', '=', session.userId)
      .where('id', '=', session.id);
    await stored(row.execute());
  }

  async function sessionOf(c: Context): Promise<{ readonly userId: string; readonly id: string } | null> {
    const [, userId, secret] = /^(u-[a-f0-9]{24})\.([a-f0-9]{32})$/.exec((await read(c)) || '') ?? [];
    return userId === undefined || secret === undefined ? null : { userId, id: hashOf(secret) };
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Redirects anonymous requests to the sign-in page, which returns to the requested page if that was a GET. */
export const signedInOnly = createMiddleware<SignedInEnv>(async (c, next) => {
  const { visitor } = c.var;
  if (visitor === null) {
    const wanted =
      c.req.method === 'GET' && c.req.path !== '/' ? `?next=${encodeURIComponent(c.req.path)}` : '';
    return c.redirect(`/sign-in${wanted}`, 303);
  }
  c.set('user', visitor);
  await next();
  return undefined;
});

// Who is signed in: a signed cookie that names the person and says until when, and nothing that a script could read.
import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { People, Person } from './people.js';

/** What every request has; `visitor` is `null` for whoever is not signed in. */
export interface DeskEnv {
  Bindings: { readonly incoming?: { readonly socket: { readonly remoteAddress?: string | undefined } } };
  Variables: { visitor: Person | null };
}

/** What the requests of those who are signed in have. */
export interface SignedInEnv {
  Bindings: DeskEnv['Bindings'];
  Variables: DeskEnv['Variables'] & { user: Person };
}

export interface Sessions {
  /** Finds out who it is. */
  readonly middleware: MiddlewareHandler<DeskEnv>;
  begin(c: Context, person: Person): Promise<void>;
  end(c: Context): void;
}

export interface SessionOptions {
  readonly people: People;
  readonly key: Uint8Array<ArrayBuffer>;
  readonly isHttps: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const SECONDS = 12 * 60 * 60;

export function createSessions({ people, key, isHttps, now }: SessionOptions): Sessions {
  const name = 'desk';
  // By the prefix a browser refuses it from another host of the same domain, and without https (RFC 6265bis 4.1.3).
  const prefix = isHttps ? ({ prefix: 'host' } as const) : {};
  const read = (c: Context) =>
    isHttps ? getSignedCookie(c, key, name, 'host') : getSignedCookie(c, key, name);

  return {
    middleware: createMiddleware<DeskEnv>(async (c, next) => {
      c.set('visitor', await visitor(await read(c)));
      await next();
    }),
    async begin(c, { id }) {
      // The end stands in what is signed: the cookie's own age is the browser's to keep or not.
      const until = Math.floor(now() / 1000) + SECONDS;
      await setSignedCookie(c, name, `${id}.${until}`, key, {
        ...prefix,
        path: '/',
        httpOnly: true,
        sameSite: 'Lax',
        secure: isHttps,
        maxAge: SECONDS,
      });
    },
    end(c) {
      deleteCookie(c, name, { ...prefix, path: '/', secure: isHttps });
    },
  };

  async function visitor(value: string | false | undefined): Promise<Person | null> {
    const [, id, until] = /^(.+)\.(\d+)$/.exec(value || '') ?? [];
    if (id === undefined || Number(until) * 1000 <= now()) return null;
    return people.find(id);
  }
}

/** Those who are not signed in are sent to do so: back to the page they wanted, if it is one to look at. */
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

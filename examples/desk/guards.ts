// What every request must pass before a page sees it: headers, where a form comes from, how much, and how often.
import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import type { Actor } from 'tenantry';
import { isCrossOrigin } from 'tenantry/http';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { actorOf } from './people.js';
import type { DeskEnv } from './session.js';

/** Headers for everything; what is not one of the few files is never kept by anybody. */
export function safeHeaders(isHttps: boolean): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy: 'no-referrer',
    crossOriginOpenerPolicy: 'same-origin',
    xFrameOptions: 'DENY',
    strictTransportSecurity: isHttps,
  });
}

export const notKept: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
};

/**
 * A form of another site is refused, though the cookie comes with it. The pages send no referrer, so what a browser
 * without `Sec-Fetch-Site` says of their own forms is `Origin: null`, as of those in a sandboxed frame: refused, too.
 */
export function ownFormsOnly(origin: string): MiddlewareHandler {
  // said once more, for a proxy may call the desk by another host
  const options = { trustedOrigins: [origin] };
  return async (c, next) => {
    if (isCrossOrigin(c.req.raw, options)) throw new HTTPException(403, { message: 'cross-origin' });
    await next();
  };
}

/** How often each may ask. */
export interface Allowance {
  /** Counts once; the seconds to wait, where it was once too often. */
  wait(payer: string): Promise<number | null>;
}

export function createAllowance(perMinute: number): Allowance {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return {
    async wait(payer) {
      try {
        await limiter.consume(payer);
        return null;
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      }
    },
  };
}

/** In front of the pages that make or take invitations: nobody can try tokens, or flood a workspace with links. */
export function limitedBy(allowance: Allowance): MiddlewareHandler<DeskEnv> {
  return createMiddleware<DeskEnv>(async (c, next) => {
    const { visitor } = c.var;
    const seconds = await allowance.wait(payerOf(c, visitor && actorOf(visitor)));
    if (seconds !== null) {
      c.header('Retry-After', String(seconds));
      throw new HTTPException(429, { message: 'too many' });
    }
    await next();
  });
}

/** Whose allowance it is: each person's, and each address's of those who are not signed in. */
export function payerOf(c: Context<DeskEnv>, actor: Actor | null): string {
  if (actor !== null) return 'operator' in actor ? `operator ${actor.operator}` : `user ${actor.userId}`;
  return `address ${addressOf(c)}`;
}

/** Behind a proxy all share the proxy's: what X-Forwarded-For says, anybody may have written. A test has no address. */
function addressOf({ env }: { readonly env: DeskEnv['Bindings'] | undefined }): string {
  return env?.incoming?.socket.remoteAddress ?? '';
}

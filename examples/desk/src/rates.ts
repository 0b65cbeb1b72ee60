// Rate limits: no one can guess tokens by the thousand, flood a workspace with links, or create users without end.
import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import type { Actor } from 'tenantry';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { DeskEnv } from './session.js';

/** Counts one request. Returns the seconds to wait if the limit is exceeded, otherwise `null`. */
type Charge = (c: Context<DeskEnv>, actor: Actor | null) => Promise<number | null>;

export interface Rates {
  /**
   * Requests that create or use invitations. Also limited by address: a new user costs nothing here and would start a
   * new count.
   */
  readonly invitations: Charge;
  readonly signIns: Charge;
  /**
   * Requests that verify a session token. A server may send many of them, and needs no session to do so. They are
   * counted separately, so that they do not use up the invitation limit of the address.
   */
  readonly verifications: Charge;
}

export interface RateOptions {
  readonly invitationsPerMinute: number;
  readonly signInsPerMinute: number;
}

/** The limit of an address, in limits of one person. */
const PEOPLE_OF_AN_ADDRESS = 10;

export function createRates({ invitationsPerMinute, signInsPerMinute }: RateOptions): Rates {
  const [people, signIns] = [perMinute(invitationsPerMinute), perMinute(signInsPerMinute)];
  const ofAddress = invitationsPerMinute * PEOPLE_OF_AN_ADDRESS;
  const [addresses, verifications] = [perMinute(ofAddress), perMinute(ofAddress)];
  return {
    // a person over their own limit does not use up the limit of their address
    invitations: async (c, actor) => (await people(payerOf(c, actor))) ?? (await addresses(addressOf(c))),
    signIns: (c) => signIns(addressOf(c)),
    verifications: (c) => verifications(addressOf(c)),
  };
}

/** Middleware for pages. */
export function limitedBy(charge: Charge): MiddlewareHandler<DeskEnv> {
  return createMiddleware<DeskEnv>(async (c, next) => {
    const { visitor } = c.var;
    const seconds = await charge(c, visitor && { userId: visitor.id });
    if (seconds !== null) {
      c.header('Retry-After', String(seconds));
      throw new HTTPException(429, { message: 'too many' });
    }
    await next();
  });
}

function perMinute(points: number): (payer: string) => Promise<number | null> {
  const limiter = new RateLimiterMemory({ points, duration: 60 });
  return async (payer) => {
    try {
      await limiter.consume(payer);
      return null;
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    }
  };
}

/** The key of the count: the person, or the address of an anonymous request. */
function payerOf(c: Context<DeskEnv>, actor: Actor | null): string {
  if (actor !== null) return 'operator' in actor ? `operator ${actor.operator}` : `user ${actor.userId}`;
  return addressOf(c);
}

/**
 * Behind a proxy, this is the address of the proxy, because clients can forge X-Forwarded-For. Tests have no address.
 */
function addressOf({ env }: { readonly env: DeskEnv['Bindings'] | undefined }): string {
  return `address ${env?.incoming?.socket.remoteAddress ?? ''}`;
}

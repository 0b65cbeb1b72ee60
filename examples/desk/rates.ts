// How often each may ask: nobody can try tokens by the thousand, flood a workspace with links, or make names without end.
import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import type { Actor } from 'tenantry';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { DeskEnv } from './session.js';

/** Counts once; the seconds to wait, where it was once too often. */
type Charge = (c: Context<DeskEnv>, actor: Actor | null) => Promise<number | null>;

export interface Rates {
  /** What makes or takes invitations. Of the address, too: people cost nothing here, and each would begin anew. */
  readonly invitations: Charge;
  readonly signIns: Charge;
  /**
   * What anybody may ask about a session token: a server may ask for all of its users. Counted apart, for who asks needs to
   * be nobody, and would use up everybody's invitations at that address.
   */
  readonly verifications: Charge;
}

export interface RateOptions {
  readonly invitationsPerMinute: number;
  readonly signInsPerMinute: number;
}

/** So many people at one address may use their invitations up. */
const PEOPLE_OF_AN_ADDRESS = 10;

export function createRates({ invitationsPerMinute, signInsPerMinute }: RateOptions): Rates {
  const [people, signIns] = [perMinute(invitationsPerMinute), perMinute(signInsPerMinute)];
  const ofAddress = invitationsPerMinute * PEOPLE_OF_AN_ADDRESS;
  const [addresses, verifications] = [perMinute(ofAddress), perMinute(ofAddress)];
  return {
    // whoever has used up their own takes nothing of the others at their address
    invitations: async (c, actor) => (await people(payerOf(c, actor))) ?? (await addresses(addressOf(c))),
    signIns: (c) => signIns(addressOf(c)),
    verifications: (c) => verifications(addressOf(c)),
  };
}

/** In front of pages. */
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

/** Whose allowance it is: each person's, and each address's of those who are not signed in. */
function payerOf(c: Context<DeskEnv>, actor: Actor | null): string {
  if (actor !== null) return 'operator' in actor ? `operator ${actor.operator}` : `user ${actor.userId}`;
  return addressOf(c);
}

/** Behind a proxy all share the proxy's: what X-Forwarded-For says, anybody may have written. A test has no address. */
function addressOf({ env }: { readonly env: DeskEnv['Bindings'] | undefined }): string {
  return `address ${env?.incoming?.socket.remoteAddress ?? ''}`;
}

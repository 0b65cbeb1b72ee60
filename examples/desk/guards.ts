// What every request must pass before a page sees it: headers, whom it calls, and where a form comes from.
import type { MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { isCrossOrigin } from 'tenantry/http';

/**
 * Only what is asked of the desk by a name of its own. Whoever has a name made that leads to this machine can open the desk
 * under it, and a browser takes their pages and the desk's for the same origin (DNS rebinding).
 */
export function ownHostsOnly(origins: readonly string[]): MiddlewareHandler {
  const hosts = new Set(origins.flatMap(hostsOf));
  return async (c, next) => {
    if (hosts.has(new URL(c.req.url).host)) return next();
    return c.text('The desk is not at this address.\n', 421);
  };
}

/** A machine calls itself by several names, and nobody else by them. */
const loopback: readonly string[] = ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '[::]'];

function hostsOf(origin: string): readonly string[] {
  const { host, hostname, port } = new URL(origin);
  if (!loopback.includes(hostname)) return [host];
  return loopback.map((name) => (port === '' ? name : `${name}:${port}`));
}

/** Headers for everything; but the policy of the API, which shows nothing, is its own and stricter. */
export function safeHeaders(isHttps: boolean): MiddlewareHandler {
  const common = {
    referrerPolicy: 'no-referrer',
    crossOriginOpenerPolicy: 'same-origin',
    xFrameOptions: 'DENY',
    strictTransportSecurity: isHttps,
  };
  const ofApi = secureHeaders(common);
  const ofPages = secureHeaders({
    ...common,
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
  });
  return (c, next) => (/^\/api(\/|$)/.test(c.req.path) ? ofApi(c, next) : ofPages(c, next));
}

/** What is not one of the few files is never kept by anybody. */
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

// Checks before every page: security headers, the host, and the origin of forms.
import type { MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { isCrossOrigin } from 'tenantry/http';

/**
 * Accepts only requests for the desk's own hosts. Otherwise an attacker could point a domain at this machine, and a
 * browser would treat the attacker's pages and the desk as one origin (DNS rebinding).
 */
export function ownHostsOnly(origins: readonly string[]): MiddlewareHandler {
  const hosts = new Set(origins.flatMap(hostsOf));
  return async (c, next) => {
    if (hosts.has(new URL(c.req.url).host)) return next();
    return c.text('The desk does not answer at this address.\n', 421);
  };
}

/** The names by which a machine reaches itself. */
const loopback: readonly string[] = ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '[::]'];

function hostsOf(origin: string): readonly string[] {
  const { host, hostname, port } = new URL(origin);
  if (!loopback.includes(hostname)) return [host];
  return loopback.map((name) => (port === '' ? name : `${name}:${port}`));
}

/** Security headers for all responses. The API shows nothing and has a stricter content security policy of its own. */
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

/** Only the static files may be cached. */
export const notKept: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
};

/**
 * Rejects forms of other sites. Pages send no referrer, so a browser without `Sec-Fetch-Site` sends `Origin: null` for
 * the desk's own forms as well as from sandboxed frames. Both are rejected.
 */
export function ownFormsOnly(origin: string): MiddlewareHandler {
  // listed explicitly, because a proxy may forward another host
  const options = { trustedOrigins: [origin] };
  return async (c, next) => {
    if (isCrossOrigin(c.req.raw, options)) throw new HTTPException(403, { message: 'cross-origin' });
    await next();
  };
}

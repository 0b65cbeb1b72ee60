// Requests that a page of somebody else's made a browser send.

/** Options of {@link isCrossOrigin}. */
export interface OriginOptions {
  /**
   * Other origins whose pages may send requests that change something, as `https://app.example`.
   * @default none
   */
  readonly trustedOrigins?: readonly string[] | undefined;
}

/**
 * Whether a request that may change something comes from a page of another origin, by what the browser itself says
 * (`Sec-Fetch-Site`, or `Origin` where a browser says no more). Such a request carries the cookies of whoever looks at
 * the page, so it is refused: the protection against cross-site request forgery of forms and cookies.
 *
 * `false` for GET, HEAD and OPTIONS, which must change nothing; for what has a bearer token, which no browser adds by
 * itself; and for clients that are no browsers, which send neither header and no cookies of anybody.
 *
 * @example
 * ```ts
 * import { isCrossOrigin } from 'tenantry/http';
 *
 * const headers = { 'Sec-Fetch-Site': 'cross-site' };
 * isCrossOrigin(new Request('https://app.example/leave', { method: 'POST', headers })); // true
 * ```
 */
export function isCrossOrigin(request: Request, { trustedOrigins = [] }: OriginOptions = {}): boolean {
  const { method, headers, url } = request;
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  if (/^bearer /i.test(headers.get('Authorization') ?? '')) return false;
  const origin = headers.get('Origin');
  // Not `includes`, which a string has, too, and which would then trust every part of it.
  if (trustedOrigins.some((trusted) => trusted === origin)) return false;
  const site = headers.get('Sec-Fetch-Site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  if (origin === null) return false;
  // By host: a proxy in front may have ended TLS. `null`, of a sandbox or a page without referrer, is nobody's.
  return !URL.canParse(origin) || new URL(origin).host !== new URL(url).host;
}

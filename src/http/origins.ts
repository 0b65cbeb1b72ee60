// Detects requests that a page of another origin made a browser send.
import { urlOf } from '../core/values.js';

/** Options of {@link isCrossOrigin}. */
export interface OriginOptions {
  /**
   * Other origins whose pages may send changing requests, as `https://app.example`.
   * @default none
   */
  readonly trustedOrigins?: readonly string[] | undefined;
  /**
   * Whether requests with `Authorization: Bearer` pass unchecked. A browser does not add that header by itself, but a sign-in proxy
   * may create it from a cookie, and then a page of another origin sends it, too. Enable it only if no proxy adds or changes the
   * header, and if your app ignores cookies of requests that have it.
   * @default false
   */
  readonly exemptBearer?: boolean | undefined;
}

/**
 * Whether a changing request comes from a page of another origin, by the headers that browsers set (`Sec-Fetch-Site`, or
 * `Origin` in older browsers). Such a request carries the user's cookies, so reject it: this is the protection against
 * cross-site request forgery.
 *
 * `false` for GET, HEAD and OPTIONS, which must change nothing, and for clients that are not browsers, which send neither
 * header. A bearer token makes no difference, unless `exemptBearer` is enabled.
 *
 * @throws TypeError if `exemptBearer` is not a boolean, or `trustedOrigins` is not a list
 *
 * @example
 * ```ts
 * import { isCrossOrigin } from 'tenantry/http';
 *
 * const headers = { 'Sec-Fetch-Site': 'cross-site' };
 * isCrossOrigin(new Request('https://app.example/leave', { method: 'POST', headers })); // true
 * ```
 */
export function isCrossOrigin(
  request: Request,
  { trustedOrigins = [], exemptBearer = false }: OriginOptions = {},
): boolean {
  if (typeof exemptBearer !== 'boolean') throw new TypeError('isCrossOrigin: exemptBearer must be a boolean');
  const { method, headers, url } = request;
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  if (exemptBearer && /^bearer /i.test(headers.get('Authorization') ?? '')) return false;
  const origin = headers.get('Origin');
  // Not `includes`: a string has it as well, and every part of it would be trusted.
  if (trustedOrigins.some((trusted) => trusted === origin)) return false;
  const site = headers.get('Sec-Fetch-Site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  if (origin === null) return false;
  // Compare the host: a proxy may have terminated TLS. `null`, of a sandbox or a page without referrer, is untrusted.
  return urlOf(origin)?.host !== new URL(url).host;
}

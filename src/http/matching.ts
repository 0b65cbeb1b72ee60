// Finds the route of a request.
import { HttpError } from './problems.js';
import type { Route } from './route.js';
import type { RouteName, RouteShape } from './routes.js';

/** A route, and the fields in its path. */
export interface Match {
  readonly name: RouteName;
  readonly route: Route;
  readonly fields: ReadonlyMap<string, string>;
}

interface Step {
  readonly text: string;
  readonly isField: boolean;
}

/**
 * Finds routes by path and verb. HEAD is answered like GET.
 *
 * @throws HttpError `ROUTE_NOT_FOUND`, `METHOD_NOT_ALLOWED`
 */
export function matcherOf(
  routes: readonly (readonly [RouteName, Route])[],
  basePath: string,
): (method: string, pathname: string) => Match {
  const known = routes.map(([name, route]) => ({ name, route, steps: stepsOf(route.path) }));
  return (method, pathname) => {
    const segments = segmentsOf(pathname, basePath);
    const candidates = known.flatMap(({ name, route, steps }) => {
      const fields = segments && fieldsOf(steps, segments);
      return fields ? [{ name, route, fields }] : [];
    });
    if (candidates.length === 0) throw new HttpError('ROUTE_NOT_FOUND', 'no route has this path');
    const verb = method === 'HEAD' ? 'GET' : method;
    const found = candidates.find(({ route }) => route.verb === verb);
    if (found !== undefined) return found;
    const allowed = candidates.map(({ route }) => route.verb).flatMap(withHead);
    throw new HttpError('METHOD_NOT_ALLOWED', `this path supports ${allowed.join(', ')}`, {
      headers: { Allow: allowed.join(', ') },
    });
  };
}

function withHead(verb: RouteShape['verb']): readonly string[] {
  return verb === 'GET' ? ['GET', 'HEAD'] : [verb];
}

/** The steps of a template, as `/workspaces/{workspaceId}`. */
function stepsOf(path: string): readonly Step[] {
  return path
    .slice(1)
    .split('/')
    .map((part) => ({ text: part.replace(/^\{|\}$/g, ''), isField: part.startsWith('{') }));
}

/** The segments as they were sent; `null` for a path outside the base path. */
function segmentsOf(pathname: string, basePath: string): readonly string[] | null {
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length + 1).split('/') : null;
}

/**
 * Fixed segments are compared as they were sent, like the paths in rules of proxies: `/%61ccounts` is not `/accounts`. Each field
 * is decoded separately, so that `a%2Fb` is one field. A field cannot be `.` or `..`, even escaped: URL parsers remove such
 * segments (RFC 3986 5.2.4), which results in another path.
 */
function fieldsOf(steps: readonly Step[], segments: readonly string[]): ReadonlyMap<string, string> | null {
  if (steps.length !== segments.length) return null;
  const fields = new Map<string, string>();
  for (const [index, { text, isField }] of steps.entries()) {
    const segment = segments[index] ?? '';
    const field = isField ? decodedField(segment) : null;
    if (field !== null) fields.set(text, field);
    else if (isField || segment !== text) return null;
  }
  return fields;
}

/** `null` for an empty segment, and for one with an invalid percent-escape. */
function decodedField(segment: string): string | null {
  try {
    return decodeURIComponent(segment) || null;
  } catch {
    return null;
  }
}

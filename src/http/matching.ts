// Which route a request is for.
import { HttpError } from './problems.js';
import type { Route, RouteName, RouteShape } from './route.js';

/** A route by its name, with the fields that stand in its path. */
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
 * Finds routes by path and verb. HEAD finds what GET does.
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
    if (candidates.length === 0) throw new HttpError('ROUTE_NOT_FOUND', 'there is nothing at this path');
    const verb = method === 'HEAD' ? 'GET' : method;
    const found = candidates.find(({ route }) => route.verb === verb);
    if (found !== undefined) return found;
    const allowed = candidates.map(({ route }) => route.verb).flatMap(withHead);
    throw new HttpError('METHOD_NOT_ALLOWED', `this path takes ${allowed.join(', ')}`, {
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

/**
 * `null` for a path outside of the base, and for one with an escape that is none. Each segment is decoded by itself, so
 * that `a%2Fb` is one field. A field cannot be `.` or `..`, however they are escaped: every URL parser removes such
 * segments (RFC 3986 5.2.4) before anybody sees them, and what is left is another path.
 */
function segmentsOf(pathname: string, basePath: string): readonly string[] | null {
  if (!pathname.startsWith(`${basePath}/`)) return null;
  try {
    return pathname
      .slice(basePath.length + 1)
      .split('/')
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}

function fieldsOf(steps: readonly Step[], segments: readonly string[]): ReadonlyMap<string, string> | null {
  if (steps.length !== segments.length) return null;
  const fields = new Map<string, string>();
  for (const [place, { text, isField }] of steps.entries()) {
    const segment = segments[place] ?? '';
    if (isField && segment !== '') fields.set(text, segment);
    else if (isField || segment !== text) return null;
  }
  return fields;
}

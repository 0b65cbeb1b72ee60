// Routes of one service: each row of the table with what the registry knows of its method.
import type * as z from 'zod/mini';
import type { CallerKind } from '../commands/define.js';
import { methods, schemasFor } from '../commands/index.js';
import { isOperator, type Actor } from '../core/actor.js';
import { WorkspaceError, type WorkspaceErrorCode } from '../errors.js';
import { parse } from '../service/parse.js';
import type { AnyWorkspaceService } from '../service/workspace-service.js';
import type { AnswerName } from './answers.js';
import { HttpError } from './problems.js';
import { routeRows, type RouteName, type RouteRow, type RouteShape } from './routes.js';

export const allRouteNames: readonly RouteName[] = Object.freeze(Object.keys(routeRows).filter(isRouteName));

/**
 * The routes that exist by default, to choose from or to add to: all except those that change accounts or quotas, and
 * those for operators, such as `addMember`.
 *
 * @example
 * ```ts
 * import { routeNames, type RouteName } from 'tenantry/http';
 *
 * const fewer: RouteName[] = routeNames.filter((name) => name !== 'deleteWorkspace');
 * const more: RouteName[] = [...routeNames, 'setQuota'];
 * ```
 */
export const routeNames: readonly RouteName[] = Object.freeze(
  allRouteNames.filter((name) => {
    const row: RouteRow = routeRows[name];
    return row.isOptIn === undefined;
  }),
);

export function isRouteName(name: string): name is RouteName {
  return Object.hasOwn(routeRows, name);
}

/** A route of one service. */
export interface Route extends RouteShape {
  readonly answer: AnswerName | null;
  readonly schema: z.ZodMiniType;
  /**
   * Checks the caller, and returns the function that calls the method.
   *
   * @throws HttpError `UNAUTHENTICATED`, `ACTOR_NOT_ALLOWED`
   */
  readonly admit: (actor: Actor | null) => (input: unknown) => Promise<unknown>;
}

/** What an app may see of a route: to read, not to call or to change. */
export function shapeOf({ admit: _admit, schema: _schema, ...shape }: Route): RouteShape {
  return Object.freeze({ ...shape, errors: Object.freeze([...shape.errors]) });
}

/** The routes of a service, in the order of the table. */
export function routesOf(workspaces: AnyWorkspaceService): (readonly [RouteName, Route])[] {
  const schemas = schemasFor(workspaces.permissions);
  return allRouteNames.map((name) => [name, routeOf(workspaces, name, schemas[name])]);
}

function routeOf(workspaces: AnyWorkspaceService, name: RouteName, schema: z.ZodMiniType): Route {
  const { wrappedIn, isOptIn: _isOptIn, ...row }: RouteRow = routeRows[name];
  const caller = row.caller ?? methods[name].caller;
  const service: Readonly<Record<RouteName, (...args: never) => unknown>> = workspaces;
  const method = service[name];
  return {
    ...row,
    caller,
    errors: errorsOf(name, caller),
    schema,
    admit(actor) {
      const admitted = admittedActor(actor, caller);
      return async (body) => {
        const input = parse(schema, body);
        if (caller === 'subject') checkSubject(admitted, input);
        const takesActor = caller !== 'anyone' && caller !== 'subject';
        // Called by name: the method parses its arguments again, so a wrong one is an error and nothing else.
        const result: unknown = await Reflect.apply(
          method,
          workspaces,
          takesActor ? [admitted, input] : [input],
        );
        return wrappedIn === undefined ? result : { [wrappedIn]: result };
      };
    },
  };
}

/** The codes of a route's method. An operator holds every permission. */
function errorsOf(name: RouteName, caller: CallerKind): WorkspaceErrorCode[] {
  const { kind, errors } = methods[name];
  return [
    ...(kind === 'command' ? (['CONFLICT', 'UNAVAILABLE', 'VETOED'] as const) : (['UNAVAILABLE'] as const)),
    ...(caller === 'subject' ? (['ACCOUNT_NOT_FOUND'] as const) : []),
    ...errors.filter((code) => caller !== 'operator' || code !== 'PERMISSION_DENIED'),
  ];
}

/** @throws HttpError `UNAUTHENTICATED`, `ACTOR_NOT_ALLOWED` */
function admittedActor(actor: Actor | null, caller: CallerKind): Actor | null {
  if (caller === 'anyone') return null;
  if (actor === null) throw new HttpError('UNAUTHENTICATED', 'no session: sign in first');
  if (caller === 'user' && isOperator(actor)) {
    throw new HttpError('ACTOR_NOT_ALLOWED', 'only users may call this route, not operators');
  }
  if (caller === 'operator' && !isOperator(actor)) {
    throw new HttpError('ACTOR_NOT_ALLOWED', 'only operators may call this route');
  }
  return actor;
}

/** A user may name only their own account. Another answers like an unknown one, so that ids cannot be probed. */
function checkSubject(actor: Actor | null, input: unknown): void {
  const userId = typeof input === 'object' && input !== null && 'userId' in input ? String(input.userId) : '';
  if (actor === null || isOperator(actor) || actor.userId === userId) return;
  throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId });
}

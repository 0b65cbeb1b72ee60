// What a route is, and how one is made of a method: who may ask is checked, the input is parsed, the method is called.
import type * as z from 'zod/mini';
import { isOperator, type Actor, type OperatorActor, type UserActor } from '../domain/actor.js';
import { commandSchemas, type MethodName } from '../domain/commands/schemas.js';
import type { WorkspaceErrorCode } from '../errors.js';
import { parse } from '../service/parse.js';
import type { AnswerName } from './answers.js';
import { HttpError } from './problems.js';

/**
 * The methods that have a route: all but `withQuota`, which runs a function of the host's between reserving and
 * committing.
 */
export type RouteName = Exclude<MethodName, 'withQuota'> | 'activeWorkspace';

/**
 * Every name of a route, to choose from.
 *
 * @example
 * ```ts
 * import { routeNames } from 'tenantry/http';
 *
 * const methods = routeNames.filter((name) => name !== 'openAccount' && name !== 'setQuota');
 * ```
 */
export const routeNames: readonly RouteName[] = Object.freeze([
  ...Object.keys(commandSchemas).filter(isRouted),
  'activeWorkspace' as const,
]);

function isRouted(name: string): name is Exclude<MethodName, 'withQuota'> {
  return name !== 'withQuota' && Object.hasOwn(commandSchemas, name);
}

/** What a route is, apart from the service behind it. */
export interface RouteShape {
  readonly verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With a `{field}` for each field of the input that stands in the path. */
  readonly path: string;
  /** In a few words. */
  readonly summary: string;
  /** `null`: nothing, with status 204. */
  readonly answer: AnswerName | null;
  /** @default 200, or 204 without an answer */
  readonly status?: 201;
  /** What the method refuses, besides what every route may answer. */
  readonly refusals: readonly WorkspaceErrorCode[];
}

/** A route of one service. */
export interface Route extends RouteShape {
  /** Whom it asks for: `anyone` needs no session, for the token in the body says it all. */
  readonly who: 'anyone' | 'actor' | 'user' | 'operator';
  readonly schema: z.ZodMiniType;
  /**
   * Lets the caller in, and answers with what calls the method.
   *
   * @throws HttpError `UNAUTHENTICATED`, `ACTOR_NOT_ALLOWED`
   */
  readonly admit: (actor: Actor | null) => (input: unknown) => Promise<unknown>;
}

/** Every route of a service, by the name of its method. */
export type Routes = Readonly<Record<RouteName, Route>>;

/** What a host may see of a route: to read, not to call or to change. */
export function shapeOf(route: Route): RouteShape {
  const { admit: _admit, schema: _schema, who: _who, ...shape } = route;
  return Object.freeze({ ...shape, refusals: Object.freeze([...shape.refusals]) });
}

export const byActor = routeBy('actor', someoneIn);
export const byUser = routeBy('user', userIn);
export const byOperator = routeBy('operator', operatorIn);
export const byAnyone = routeBy('anyone', () => null);

function routeBy<Caller>(who: Route['who'], callerIn: (actor: Actor | null) => Caller) {
  return <Schema extends z.ZodMiniType>(
    schema: Schema,
    call: (caller: Caller, input: z.output<Schema>) => Promise<unknown>,
    shape: RouteShape,
  ): Route => ({
    ...shape,
    who,
    schema,
    admit: (actor) => {
      const caller = callerIn(actor);
      return async (input) => call(caller, parse(schema, input));
    },
  });
}

function someoneIn(actor: Actor | null): Actor {
  if (actor === null) throw new HttpError('UNAUTHENTICATED', 'there is no session: sign in');
  return actor;
}

function userIn(actor: Actor | null): UserActor {
  const someone = someoneIn(actor);
  if (!isOperator(someone)) return someone;
  throw new HttpError('ACTOR_NOT_ALLOWED', 'an operator has no workspaces of its own');
}

function operatorIn(actor: Actor | null): OperatorActor {
  const someone = someoneIn(actor);
  if (isOperator(someone)) return someone;
  throw new HttpError('ACTOR_NOT_ALLOWED', 'this is for operators');
}

// How a method is declared: once, in one module. Schemas, hook types, routes and the tables in tests derive from it.
import type * as z from 'zod/mini';
import type { Actor, OperatorActor, UserActor } from '../core/actor.js';
import type { Decision, DecisionContext } from '../core/decision.js';
import type { LimitSubject } from '../core/limits.js';
import { withOpenAccounts, withoutDeleted, type ReadSet, type Snapshot } from '../core/read-set.js';
import type { RefusalCode } from '../core/refusals.js';

/** The actor that a method takes, by kind of caller. */
export interface Callers {
  /** A user or an operator. */
  actor: Actor;
  user: UserActor;
  operator: OperatorActor;
  /** No actor: the user whom the input names. Over HTTP, that user or an operator. */
  subject: UserActor;
  /** No actor: the token in the input is the credential. */
  anyone: null;
}

/** Who may call a method. */
export type CallerKind = keyof Callers;

type InputSchema = z.ZodMiniType<object>;

/** What every method declares. */
interface MethodDefinition<Schema extends InputSchema, Caller extends CallerKind> {
  /** The schema of the input object. */
  readonly input: Schema;
  readonly caller: Caller;
  /**
   * The codes that the method may end with, besides those of every method (`INVALID_INPUT`, `UNAVAILABLE`) and of every
   * command (`CONFLICT`, `VETOED`).
   */
  readonly errors: readonly RefusalCode[];
  /** Whether an operator may not call it on behalf of a user (`onBehalfOf`). */
  readonly isNotOnBehalf?: true;
}

/** What a command declares as well: hooks find it by its name. */
interface NamedDefinition<Name extends string, Schema extends InputSchema, Caller extends CallerKind>
  extends MethodDefinition<Schema, Caller> {
  readonly name: Name;
}

/** What is known when the records of a command are read. */
export type ReadContext<Caller extends Actor = Actor> = Omit<
  DecisionContext<Caller>,
  'limits' | 'matrix' | 'ownershipTransfer' | 'graceSeconds'
>;

/** A method that changes records: what it reads, whose limits apply, and how it decides. */
export interface CommandDefinition<
  Command = never,
  Caller extends Exclude<CallerKind, 'anyone'> = never,
  Name extends string = string,
  Schema extends InputSchema = InputSchema,
> extends NamedDefinition<Name, Schema, Caller> {
  /** The records that the decision needs. */
  readonly read: (command: Command, context: ReadContext<Callers[Caller]>) => ReadSet;
  /**
   * Whether the decision sees accounts that are closing or closed. To all other decisions they do not exist, and neither
   * are the memberships of their users.
   */
  readonly seesClosedAccounts?: true;
  /** Whether the decision sees workspaces that are deleted but not purged. To all other decisions they do not exist. */
  readonly seesDeletedWorkspaces?: true;
  /** Commands of one process with the same key run one after the other. */
  readonly queueKey: (command: NoInfer<Command>, actor: Callers[Caller]) => string;
  /** Whose limits `decide` compares with. Without it, all limits are 0. */
  readonly limitedBy?: (
    snapshot: Snapshot,
    command: NoInfer<Command>,
    actor: Callers[Caller],
  ) => LimitSubject | null;
  readonly decide: (
    snapshot: Snapshot,
    command: NoInfer<Command>,
    context: DecisionContext<Callers[Caller]>,
  ) => Decision;
}

/**
 * Declares a command that a decision answers. `Command` is the parsed input; where the service adds to it, such as a
 * generated id, annotate the first parameter of `read`.
 */
export function defineCommand<
  const Name extends string,
  Schema extends InputSchema,
  Caller extends Exclude<CallerKind, 'anyone'>,
  Command = z.output<Schema>,
>(definition: CommandDefinition<Command, Caller, Name, Schema>) {
  const { limitedBy, decide, seesClosedAccounts, seesDeletedWorkspaces } = definition;
  const seen = (snapshot: Snapshot): Snapshot => {
    const existing = seesDeletedWorkspaces ? snapshot : withoutDeleted(snapshot);
    return seesClosedAccounts ? existing : withOpenAccounts(existing);
  };
  return Object.freeze({
    kind: 'command',
    ...definition,
    ...(limitedBy && {
      limitedBy: (snapshot: Snapshot, command: Command, actor: Callers[Caller]) =>
        limitedBy(seen(snapshot), command, actor),
    }),
    decide: (snapshot: Snapshot, command: Command, context: DecisionContext<Callers[Caller]>) =>
      decide(seen(snapshot), command, context),
  } as const);
}

/** Declares a command that the quota adapter answers. */
export function defineQuotaCommand<
  const Name extends string,
  Schema extends InputSchema,
  Caller extends CallerKind,
>(definition: NamedDefinition<Name, Schema, Caller>) {
  return Object.freeze({ kind: 'command', ...definition } as const);
}

/** Declares a method that calls other commands, each with its own hooks. */
export function defineComposite<Schema extends InputSchema, Caller extends CallerKind>(
  definition: MethodDefinition<Schema, Caller>,
) {
  return Object.freeze({ kind: 'composite', ...definition } as const);
}

/** Declares a method that only reads. */
export function defineQuery<Schema extends InputSchema, Caller extends CallerKind>(
  definition: MethodDefinition<Schema, Caller>,
) {
  return Object.freeze({ kind: 'query', ...definition } as const);
}

/** The queue of a user's own records. */
export function accountQueue({ userId }: { readonly userId: string }): string {
  return `account:${userId}`;
}

/** The queue of a workspace. */
export function workspaceQueue({ workspaceId }: { readonly workspaceId: string }): string {
  return `workspace:${workspaceId}`;
}

/** The queue of a deleted workspace, in which no member waits. */
export function deletedQueue({ workspaceId }: { readonly workspaceId: string }): string {
  return `deleted:${workspaceId}`;
}

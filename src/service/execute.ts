// The steps that commands share: parse, run the hooks, queue, run.
import type * as z from 'zod/mini';
import { workspaceQueue, type Callers, type CallerKind, type CommandDefinition } from '../commands/define.js';
import { commands } from '../commands/index.js';
import { isOnBehalf, isOperator, operatorActorSchema, type Actor, type UserActor } from '../core/actor.js';
import type { WorkspaceId } from '../core/ids.js';
import type { Snapshot } from '../core/read-set.js';
import { isFor, type InvitationRecord, type NamedInvitation } from '../core/invitation.js';
import { isObject, required } from '../core/values.js';
import { WorkspaceError } from '../errors.js';
import { findAccess, loadFrom } from './access.js';
import type { Turn } from './command-queue.js';
import type { ServiceContext } from './context.js';
import type { CommandName } from './hooks.js';
import { createInvitationLink, readProof, type InvitationLink } from './invitation-links.js';
import { parse, parseActor, parseUser } from './parse.js';
import { runCommand, type Task } from './run-command.js';

type InputSchema = z.ZodMiniType<object>;
type Caller = Exclude<CallerKind, 'anyone'>;

/** A method call with parsed arguments. */
interface Call<Schema extends z.ZodMiniType, Kind extends Caller> {
  readonly caller: Callers[Kind];
  readonly parsed: z.output<Schema>;
}

const actorParsers: { readonly [Kind in Caller]: (actor: unknown) => Callers[Kind] } = {
  actor: parseActor,
  user: parseUser,
  subject: parseUser,
  operator: (actor) => parse(operatorActorSchema, actor, 'actor'),
};

/** @throws WorkspaceError `INVALID_INPUT`, `NOT_ON_BEHALF` */
export function parseCall<Schema extends z.ZodMiniType, Kind extends Caller>(
  method: {
    readonly input: Schema;
    readonly caller: Kind;
    readonly name?: string;
    readonly isNotOnBehalf?: true;
  },
  actor: unknown,
  input: unknown,
): Call<Schema, Kind> {
  const call = { caller: actorParsers[method.caller](actor), parsed: parse(method.input, input) };
  // Before anything is read: it depends on the caller alone.
  if (method.isNotOnBehalf && isOnBehalf(call.caller)) {
    throw new WorkspaceError('NOT_ON_BEHALF', { method: method.name ?? '' });
  }
  return call;
}

/** Call it before the queue, so that a slow hook delays no other command. */
export function runHooks(
  { hub, transaction, limitsTimeout }: ServiceContext,
  command: CommandName,
  actor: Actor,
  input: object,
): Promise<void> | null {
  const call = { command, actor, input };
  return transaction === undefined
    ? hub.runHooks(call)
    : hub.runHooks(call, { transaction, timeout: limitsTimeout });
}

/** Parses the arguments of a command and runs its hooks. */
export async function admit<Schema extends InputSchema, Kind extends Caller>(
  context: ServiceContext,
  method: { readonly name: CommandName; readonly input: Schema; readonly caller: Kind },
  actor: unknown,
  input: unknown,
): Promise<Call<Schema, Kind>> {
  const call = parseCall(method, actor, input);
  await runHooks(context, method.name, call.caller, call.parsed);
  return call;
}

/**
 * For a method that commits step by step.
 *
 * @throws TypeError inside `withTransaction`: nothing would be released before the commit of the transaction, and its lists
 * may be of a snapshot that is older than its records
 */
export function assertOutside({ transaction }: ServiceContext, method: string): void {
  if (transaction === undefined) return;
  throw new TypeError(`${method}: call it outside of \`withTransaction\`, because it commits step by step`);
}

/** Runs a command after those before it in its queue, and returns the records after it. */
export function enqueue<Command, Kind extends Caller>(
  context: ServiceContext,
  definition: CommandDefinition<Command, Kind>,
  actor: Callers[Kind],
  command: Command,
  listeners?: Pick<Task<Command, Callers[Kind]>, 'onRefusal' | 'onCommitted'>,
): Promise<Snapshot> {
  const turn = turnOf(context, definition.queueKey(command, actor), actor, workspaceIdOf(command));
  return context.queue(turn, () => runCommand(context, { ...listeners, definition, actor, command }));
}

/** Issues an invitation when its turn has come, so that it does not expire while it waits. */
export async function issueInvitation(
  context: ServiceContext,
  actor: Actor,
  input: z.output<typeof commands.inviteMember.input>,
): Promise<{ readonly invitation: InvitationRecord; readonly link: InvitationLink }> {
  const definition = commands.inviteMember;
  const turn = turnOf(context, workspaceQueue(input), actor, input.workspaceId);
  return context.queue(turn, async () => {
    const { link, issued } = await createInvitationLink(context, input);
    const after = await runCommand(context, { definition, actor, command: { ...input, ...issued } });
    return { invitation: required(after.invitation), link };
  });
}

/** Callers without access do not wait behind many commands of a workspace: they are refused before. */
function turnOf(context: ServiceContext, key: string, actor: Actor, workspaceId: WorkspaceId | null): Turn {
  if (isOperator(actor)) return { key, caller: `operator:${actor.operator}` };
  const turn = { key, caller: `user:${actor.userId}` };
  if (workspaceId === null || key !== workspaceQueue({ workspaceId })) return turn;
  return {
    ...turn,
    beforeLongWait: async () => {
      // This only refuses: the decision reads the membership again.
      if ((await findAccess(context, { actor, workspaceId })) === undefined)
        throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
    },
  };
}

function workspaceIdOf(command: unknown): WorkspaceId | null {
  const workspaceId: unknown = isObject(command) ? Reflect.get(command, 'workspaceId') : null;
  return typeof workspaceId === 'string' ? workspaceId : null;
}

/** All steps of a command whose parsed input is complete. */
export async function execute<Schema extends InputSchema, Kind extends Caller>(
  context: ServiceContext,
  definition: CommandDefinition<z.output<Schema>, Kind, CommandName, Schema>,
  actor: unknown,
  input: unknown,
): Promise<Call<Schema, Kind> & { readonly after: Snapshot }> {
  const { caller, parsed } = parseCall(definition, actor, input);
  // Not by `admit`: one async layer less for every command.
  const hooks = runHooks(context, definition.name, caller, parsed);
  if (hooks !== null) await hooks;
  return { caller, parsed, after: await enqueue(context, definition, caller, parsed) };
}

/** All steps of a command that answers an invitation, by token or by id. Hooks receive the invitation, not its token. */
export async function answerInvitation(
  context: ServiceContext,
  definition: typeof commands.acceptInvitation | typeof commands.declineInvitation,
  actor: unknown,
  input: unknown,
) {
  const { caller, parsed } = parseCall(definition, actor, input);
  const { token, workspaceId = '', invitationId = '' } = parsed;
  const named = { workspaceId, invitationId };
  const answered = token === undefined ? named : await readProof(context, token);
  const hooked = { workspaceId: answered.workspaceId, invitationId: answered.invitationId };
  await runHooks(context, definition.name, caller, hooked);
  // The caller of an invitation is no member: the token is what gives access, or being its recipient.
  const turn = turnOf(context, definition.queueKey(answered, caller), caller, null);
  const waiting =
    token === undefined ? { ...turn, beforeLongWait: () => checkRecipient(context, caller, named) } : turn;
  const run = (): Promise<Snapshot> => runCommand(context, { definition, actor: caller, command: answered });
  return { caller, after: await context.queue(waiting, run) };
}

/** @throws WorkspaceError `INVITATION_INVALID` unless the invitation is for the user. The decision reads it again. */
async function checkRecipient(
  context: ServiceContext,
  caller: UserActor,
  named: NamedInvitation,
): Promise<void> {
  const { invitation } = await loadFrom(context, named);
  if (invitation === null || !isFor(invitation.recipient, caller))
    throw new WorkspaceError('INVITATION_INVALID', {});
}

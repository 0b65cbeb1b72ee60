// The calls of each command, derived from its schema: every actor, with every value of every field.
import * as z from 'zod/mini';
import type { ReadContext } from '../../commands/define.js';
import type { CloseStep } from '../../commands/accounts/close-account.js';
import { reconciliationPlan } from '../../commands/members/reconcile-members.js';
import type { PurgeStep } from '../../commands/workspaces/purge-workspaces.js';
import type { commands as shipped } from '../../commands/index.js';
import type { Actor, OperatorActor, UserActor } from '../../core/actor.js';
import type { Decision, DecisionContext } from '../../core/decision.js';
import type { WorkspaceId } from '../../core/ids.js';
import { recipientKey, type InvitationRecord } from '../../core/invitation.js';
import { closedLimits, type LimitSubject } from '../../core/limits.js';
import type { ReadSet, Snapshot } from '../../core/read-set.js';
import { examplesOf, fieldsOf, isRequired, type CallableMethod } from '../inputs.js';
import { load, type Records } from './records.js';
import {
  DIRECTORY,
  LIFETIME_SECONDS,
  NEW_INVITATION,
  NOW,
  TEAM,
  invitationId,
  personalWorkspaceOf,
  secretHash,
} from './state.js';

/** The commands, by the names of the methods that run them. */
export type Commands = typeof shipped;
export type CommandName = keyof Commands;

/** One call: a command with its caller and its input, ready to be decided. */
export interface Move {
  readonly command: CommandName;
  readonly actor: Actor;
  readonly input: object;
  decide(
    records: Records,
    context: Pick<DecisionContext, 'limits' | 'matrix' | 'graceSeconds'>,
  ): { readonly snapshot: Snapshot; readonly decision: Decision };
}

/** What a call acts on: the team, a personal workspace, or an invitation of the team. */
export interface Target {
  readonly workspaceId: WorkspaceId;
  readonly invitation?: { readonly index: number; readonly expired: boolean };
}

/** The callers, and what their calls may name. */
export interface Callers {
  readonly users: readonly UserActor[];
  readonly roles: readonly string[];
}

/** The calls of all commands that act on a target. */
export function movesOn(target: Target, commands: Commands, callers: Callers): Move[] {
  return Object.values<AnyCommand>(commands)
    .filter((command) => actsOn(command, target))
    .flatMap((command) =>
      actorsOf(command, callers).flatMap((actor) =>
        inputsOf(command, target, { ...callers, actor }).map((input) => moveOf(command, actor, input)),
      ),
    );
}

/** Any command. Methods, not functions, so that TypeScript lets each command have its own input. */
interface AnyCommand extends CallableMethod {
  readonly name: CommandName;
  read(command: object, context: ReadContext): ReadSet;
  limitedBy?(snapshot: Snapshot, command: object, actor: Actor): LimitSubject | null;
  decide(snapshot: Snapshot, command: object, context: DecisionContext): Decision;
}

const OPERATOR: OperatorActor = { operator: 'operator' };

const ATTRIBUTES = {
  changes: { members: { alias: 'Ada' }, operators: {} },
  permissions: ['member:change-role'],
} as const;

/** Numbers of uses to invite with. Two uses reach every state of a counter: unused, partly used, used up. */
const USES = [1, 2, 'unlimited'] as const;

/** Commands about accounts whose decisions do not read the team, so they are not tried in every state of it. */
const BEFORE_THE_TEAM: readonly CommandName[] = ['renameAccount'];

function actsOn(command: AnyCommand, { workspaceId, invitation }: Target): boolean {
  const fields = fieldsOf(command);
  if (fields.includes('token') || isRequired(command, 'invitationId')) return invitation !== undefined;
  if (invitation !== undefined) return false;
  if (fields.includes('workspaceId')) return true;
  return BEFORE_THE_TEAM.includes(command.name) === (workspaceId !== TEAM);
}

function actorsOf({ caller }: AnyCommand, { users }: Callers): readonly Actor[] {
  if (caller === 'operator') return [OPERATOR];
  return caller === 'actor' ? [...users, OPERATOR] : users;
}

/** Every combination of the values of the fields that the schema accepts, with what the service adds to it. */
function inputsOf(
  command: AnyCommand,
  target: Target,
  context: Callers & { readonly actor: Actor },
): object[] {
  const { workspaceId, invitation } = target;
  if (fieldsOf(command).includes('token') && invitation !== undefined) {
    const { index, expired } = invitation;
    const expiresAt = expired ? NOW : NOW + LIFETIME_SECONDS * 1000;
    const named = { workspaceId, invitationId: invitationId(index) };
    return [{ ...named, secretHash: secretHash(index), expiresAt }, named];
  }
  let inputs: Readonly<Record<string, unknown>>[] = [{}];
  for (const field of fieldsOf(command)) {
    const values = valuesOf(field, command, target, context);
    inputs = inputs.flatMap((input) => values.map((value) => ({ ...input, [field]: value })));
  }
  const { actor } = context;
  // An expired invitation is opened again for its recipient alone: the decision compares.
  const reopened = command.name === 'reissueInvitation' ? [{}, ...reopenings(context)] : [{}];
  const added = {
    secretHash: 'hash-new',
    issuedAt: NOW,
    invitationId: NEW_INVITATION,
    newWorkspaceId: 'userId' in actor ? personalWorkspaceOf(actor.userId) : '',
  };
  return inputs.flatMap((input) => {
    const { success, data } = z.safeParse(command.input, input);
    // Not a spread of both, which makes the whole search slower.
    if (!success || typeof data !== 'object') return [];
    return reopened.map((more) => Object.assign({}, added, data, more));
  });
}

function reopenings({ users }: Callers): object[] {
  return [{ reopenedFor: null }, ...users.map((user) => ({ reopenedFor: { userId: user.userId } }))];
}

/** A field that is not listed has the examples of its schema; without a value here, an optional one is left out. */
function valuesOf(
  field: string,
  command: AnyCommand,
  { workspaceId, invitation }: Target,
  { users, roles, actor }: Callers & { readonly actor: Actor },
): readonly unknown[] {
  const opens = command.name === 'openAccount' && 'userId' in actor;
  switch (field) {
    case 'workspaceId':
      return [workspaceId];
    case 'invitationId':
      return [invitation === undefined ? NEW_INVITATION : invitationId(invitation.index)];
    case 'userId':
      // The workspace and one member: no other command reads attributes, so more members only repeat states.
      if (command.name === 'updateAttributes') return [undefined, users[0]?.userId];
      return opens ? [actor.userId] : users.map(({ userId }) => userId);
    case 'managedBy':
      return [DIRECTORY];
    case 'members':
      return desiredStates(users, roles);
    case 'recipient':
      return [undefined, ...users];
    case 'role':
      return roles;
    case 'formerOwnerRole':
      return [undefined, ...roles];
    case 'maxUses':
      return USES;
    case 'expiresInSeconds':
      return [LIFETIME_SECONDS];
    case 'username':
      return opens ? [actor.userId] : ['renamed'];
    case 'name':
      // A workspace is called what its id is.
      return command.name === 'createWorkspace' ? [workspaceId] : ['renamed'];
    default:
      return isRequired(command, field) ? examplesOf(command, field) : [undefined];
  }
}

/** What a directory wants: no one, or one user. More would be decided alike, and multiply the states. */
function desiredStates(users: readonly UserActor[], roles: readonly string[]): object[][] {
  return [[], ...roles.flatMap((role) => users.map(({ userId }) => [{ userId, role }]))];
}

/** All that the service would do in several steps, as one: the users are fewer than those of a step. */
function reconciliationStep({ workspaces }: Records, input: object) {
  const members = [...(workspaces.get(TEAM)?.members.values() ?? [])];
  const desired = 'members' in input && Array.isArray(input.members) ? input.members : [];
  const present = members.filter(({ managedBy }) => managedBy === DIRECTORY);
  return { entries: reconciliationPlan(present, desired), before: { seats: 0, ended: [] } };
}

function nextPurgeStep({ workspaces }: Records): PurgeStep {
  return workspaces.get(TEAM)?.workspace.deletion?.isPurging === true ? 'finish' : 'start';
}

/** The step that the service takes next: each is a move of its own, so that others come in between. */
function nextCloseStep(records: Records, input: object): CloseStep {
  const { accounts, workspaces } = records;
  const userId = 'userId' in input ? String(input.userId) : '';
  if (accounts.get(userId)?.status !== 'closing') return { kind: 'start' };
  const team = workspaces.get(TEAM);
  const isFor = ({ state, recipient }: InvitationRecord): boolean =>
    state === 'open' && recipient !== null && recipientKey(recipient) === recipientKey({ userId });
  if (team?.workspace.ownerId === userId)
    return { kind: 'purge', workspaceId: TEAM, step: nextPurgeStep(records) };
  if (team?.members.has(userId)) return { kind: 'leave', workspaceId: TEAM };
  if ([...(team?.invitations.values() ?? [])].some(isFor)) {
    return { kind: 'end-invitations', workspaceId: TEAM, recipients: [{ userId }] };
  }
  return { kind: 'finish' };
}

function withStep(command: CommandName, records: Records, input: object): object {
  if (command === 'closeAccount') return { ...input, step: nextCloseStep(records, input) };
  // As the service sorts them. Their values are no part of a state, because no other command reads them.
  if (command === 'updateAttributes') return { ...input, ...ATTRIBUTES };
  if (command === 'purgeWorkspaces') return { ...input, isDue: false, step: nextPurgeStep(records) };
  return command === 'reconcileMembers' ? { ...input, ...reconciliationStep(records, input) } : input;
}

function moveOf(command: AnyCommand, actor: Actor, input: object): Move {
  // Not counted: a counter would be part of the state, and the states would grow with it.
  const invitationsPerActorPerDay = 'unlimited';
  const ownershipTransfer = 'direct';
  const reading = { actor, now: NOW, invitationsPerActorPerDay } as const;
  return {
    command: command.name,
    actor,
    input,
    decide(records, { limits, matrix, graceSeconds }) {
      const given = withStep(command.name, records, input);
      const snapshot = load(records, command.read(given, reading));
      const limited = command.limitedBy?.(snapshot, given, actor) ? limits : closedLimits;
      // A literal, not a spread: it makes the whole search a quarter faster.
      const context = {
        actor,
        now: NOW,
        limits: limited,
        matrix,
        invitationsPerActorPerDay,
        ownershipTransfer,
        graceSeconds,
      } as const;
      return { snapshot, decision: command.decide(snapshot, given, context) };
    },
  };
}

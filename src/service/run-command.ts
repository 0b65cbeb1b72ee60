// The path of every command: load -> decide -> commit -> publish, and again when others were faster.
import { actorRef, type Actor } from '../domain/actor.js';
import type { Commit } from '../domain/changes.js';
import type { CommandSpec } from '../domain/decision.js';
import { commitOf } from '../domain/draft.js';
import type { StoredEvent } from '../domain/events.js';
import type { UserId } from '../domain/ids.js';
import { closedLimits, limitsProblem, type LimitSubject, type Limits } from '../domain/limits.js';
import type { PermissionMatrix } from '../domain/permissions.js';
import { refuse, type Refusal, type Refused } from '../domain/refusals.js';
import type { Snapshot } from '../domain/snapshot.js';
import { WorkspaceError, errorOf, isWorkspaceError, type ErrorDetails } from '../errors.js';
import type { Clock, Ids } from '../ports/runtime.js';
import type { DuplicateField, StorageAdapter } from '../ports/storage.js';
import type { EventHub } from './event-hub.js';

/** The limits of every workspace and owner, or a function that knows them. */
export type LimitsSource = Limits | ((subject: LimitSubject) => Limits | Promise<Limits>);

/** What the shell puts at the disposal of every command. */
export interface Shell {
  readonly storage: StorageAdapter;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly matrix: PermissionMatrix;
  readonly limits: LimitsSource;
  readonly hub: EventHub;
  /** After so many losses in a row a command ends with `CONFLICT`. */
  readonly maxAttempts: number;
}

/** Each loss means that somebody else's commit won; 20 in a row is a hot spot that only the caller can wait out. */
export const MAX_ATTEMPTS = 20;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 200;

/**
 * Runs one command to its end and answers with the records as they are then. `onRefusal` is told what a refusal was
 * decided on, before it is thrown.
 */
export async function runCommand<Command, Caller extends Actor>(
  shell: Shell,
  spec: CommandSpec<Command, Caller>,
  actor: Caller,
  command: Command,
  onRefusal?: (snapshot: Snapshot) => Promise<void>,
): Promise<Snapshot> {
  const { storage, clock, hub, maxAttempts } = shell;
  const task = { spec, actor, command };
  const limits = limitsFor(shell.limits);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    // Who lost once waits in a row with the others, where the storage has one, and need not sleep first.
    const waitsInRow = attempt > 1 && storage.exclusively !== undefined && limits.areKnown(spec);
    if (attempt > (waitsInRow ? 2 : 1)) await clock.sleep(pauseBefore(attempt));
    const ending = waitsInRow
      ? await answered('storage', () => attemptInRow(shell, task, limits.known))
      : await attemptOnce(shell, storage, task, {
          limits: limits.ask,
          asked: (call) => answered('storage', call),
        });
    switch (ending.is) {
      case 'done':
        hub.publish(ending.events);
        return ending.after;
      case 'refused':
        await onRefusal?.(ending.snapshot);
        throw errorOf(ending.refusal);
      case 'lost':
        break;
      default:
        ending satisfies never;
    }
  }
  throw new WorkspaceError('CONFLICT', { attempts: maxAttempts });
}

interface Task<Command, Caller extends Actor> {
  readonly spec: CommandSpec<Command, Caller>;
  readonly actor: Caller;
  readonly command: Command;
}

/** How one attempt ended. A value: nothing is thrown through a transaction of the storage's. */
type Ending =
  | { readonly is: 'done'; readonly after: Snapshot; readonly events: readonly StoredEvent[] }
  | { readonly is: 'refused'; readonly refusal: Refusal; readonly snapshot: Snapshot }
  | { readonly is: 'lost' };

const LOST: Ending = Object.freeze({ is: 'lost' });

/** load -> decide -> commit, once. `null` limits are not known: the attempt is given up. */
async function attemptOnce<Command, Caller extends Actor>(
  { clock, ids, matrix }: Shell,
  storage: StorageAdapter,
  { spec, actor, command }: Task<Command, Caller>,
  {
    limits: limitsOf,
    asked,
  }: {
    readonly limits: (subject: LimitSubject) => Limits | null | Promise<Limits>;
    readonly asked: <Value>(call: () => Promise<Value>) => Promise<Value>;
  },
): Promise<Ending> {
  const now = clock.now();
  const snapshot = await asked(() => storage.load(spec.slice(command, { actor, now })));
  const subject = spec.limitedBy?.(snapshot, command, actor);
  const limits = subject ? await limitsOf(subject) : closedLimits;
  if (limits === null) return LOST;

  const decision = spec.decide(snapshot, command, { actor, now, limits, matrix });
  if (!decision.ok) return { is: 'refused', refusal: decision.refusal, snapshot };
  if (decision.events.length === 0) return { is: 'done', after: snapshot, events: [] };

  const { events, issued } = decision;
  const eventIds = events.map(() => ids.eventId());
  const stamp = { actor: actorRef(actor), now, eventIds, issued };
  const { commit, after } = commitOf(snapshot, events, stamp);
  const result = await asked(() => storage.commit(commit));
  if (result.ok) return { is: 'done', after, events: commit.events };
  const taken = result.reason === 'duplicate' ? refusedDuplicate(result.field, commit) : null;
  return taken ? { is: 'refused', refusal: taken.refusal, snapshot } : LOST;
}

/** One attempt while nobody else makes one on the same records. Nothing of the host's is waited for meanwhile. */
async function attemptInRow<Command, Caller extends Actor>(
  shell: Shell,
  task: Task<Command, Caller>,
  limits: (subject: LimitSubject) => Limits | null,
): Promise<Ending> {
  const { storage, clock } = shell;
  const { spec, actor, command } = task;
  const slice = spec.slice(command, { actor, now: clock.now() });
  const result = await storage.exclusively?.(slice, (own) =>
    attemptOnce(shell, own, task, { limits, asked: (call) => call() }),
  );
  return result?.ok ? result.value : LOST;
}

/** What the source answers; an outage becomes `UNAVAILABLE`, with the source's own error as its cause. */
export async function answered<Value>(
  source: ErrorDetails['UNAVAILABLE']['source'],
  ask: () => Value | Promise<Value>,
): Promise<Value> {
  try {
    return await ask();
  } catch (cause) {
    throw outage(source, cause);
  }
}

/**
 * Whatever a source threw: a "no" of its own would be a value. But for a lost race that cost the host the transaction that
 * the adapters stand on: whatever was asked there, only the host can begin it anew.
 */
export function outage(source: ErrorDetails['UNAVAILABLE']['source'], cause: unknown): WorkspaceError {
  if (source !== 'limits' && isWorkspaceError(cause, 'CONFLICT')) return cause;
  return new WorkspaceError('UNAVAILABLE', { source }, { cause });
}

/** The limits of one command: asked of their source, or as they were answered in an earlier attempt. */
function limitsFor(source: LimitsSource) {
  // Of this owner: the workspace is the same in every attempt, and only its owner may be another by then.
  let last: { readonly ownerId: UserId; readonly limits: Limits } | null = null;
  return {
    ask: async (subject: LimitSubject): Promise<Limits> => {
      if (typeof source !== 'function') return source;
      const limits = await answered('limits', () => source(subject));
      const problem = limitsProblem(limits);
      if (problem !== null) throw new TypeError(`the limits function answered badly: ${problem}`);
      last = { ownerId: subject.ownerId, limits };
      return limits;
    },
    /** `null` where they would have to be asked for, as the next attempt then does. */
    known: ({ ownerId }: LimitSubject): Limits | null => {
      if (typeof source !== 'function') return source;
      if (last?.ownerId !== ownerId) last = null;
      return last?.limits ?? null;
    },
    areKnown: ({ limitedBy }: { readonly limitedBy?: unknown }): boolean =>
      typeof source !== 'function' || limitedBy === undefined || last !== null,
  };
}

/** Names span workspaces, so no version guards them: the storage's unique keys decide. Other keys are decided again. */
export function refusedDuplicate(field: DuplicateField, { changes }: Commit): Refused | null {
  for (const change of changes) {
    if (field === 'username' && 'account' in change) {
      return refuse('USERNAME_TAKEN', { username: change.account.username });
    }
    if (field === 'name' && 'workspace' in change)
      return refuse('NAME_TAKEN', { name: change.workspace.name });
  }
  return null;
}

/** Full jitter (exponential, from 0): those who collided do not meet again. */
export function pauseBefore(attempt: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}

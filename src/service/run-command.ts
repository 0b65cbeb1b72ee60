// The path of every command: load -> decide -> commit -> publish, and again when others were faster.
import { actorRef, type Actor } from '../domain/actor.js';
import type { Commit } from '../domain/changes.js';
import type { CommandSpec } from '../domain/decision.js';
import { commitOf } from '../domain/draft.js';
import { closedLimits, limitsProblem, type LimitSubject, type Limits } from '../domain/limits.js';
import type { PermissionMatrix } from '../domain/permissions.js';
import { refuse, type Refused } from '../domain/refusals.js';
import type { Snapshot } from '../domain/snapshot.js';
import { WorkspaceError, errorOf, type ErrorDetails } from '../errors.js';
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
}

/** Each loss means that somebody else's commit won; 20 in a row is a hot spot that only the caller can wait out. */
const MAX_ATTEMPTS = 20;
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
  const { storage, clock, ids, matrix, hub } = shell;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    if (attempt > 1) await clock.sleep(pauseBefore(attempt));
    const now = clock.now();
    const snapshot = await answered('storage', () => storage.load(spec.slice(command, { actor, now })));
    const subject = spec.limitedBy?.(snapshot, command, actor);
    const limits = subject ? await limitsOf(shell.limits, subject) : closedLimits;

    const decision = spec.decide(snapshot, command, { actor, now, limits, matrix });
    if (!decision.ok) {
      await onRefusal?.(snapshot);
      throw errorOf(decision.refusal);
    }
    if (decision.events.length === 0) return snapshot;

    const { events, issued } = decision;
    const eventIds = events.map(() => ids.eventId());
    const { commit, after } = commitOf(snapshot, events, {
      actor: actorRef(actor),
      now,
      eventIds,
      issued,
    });
    const result = await answered('storage', () => storage.commit(commit));
    if (result.ok) {
      hub.publish(commit.events);
      return after;
    }
    const taken = result.reason === 'duplicate' ? refusedDuplicate(result.field, commit) : null;
    if (taken) throw errorOf(taken.refusal);
  }
  throw new WorkspaceError('CONFLICT', { attempts: MAX_ATTEMPTS });
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

/** Whatever a source threw: a "no" of its own would be a value. */
export function outage(source: ErrorDetails['UNAVAILABLE']['source'], cause: unknown): WorkspaceError {
  return new WorkspaceError('UNAVAILABLE', { source }, { cause });
}

async function limitsOf(source: LimitsSource, subject: LimitSubject): Promise<Limits> {
  if (typeof source !== 'function') return source;
  const limits = await answered('limits', () => source(subject));
  const problem = limitsProblem(limits);
  if (problem !== null) throw new TypeError(`the limits function answered badly: ${problem}`);
  return limits;
}

/** Names span workspaces, so no version guards them: the storage's unique keys decide. Other keys are decided again. */
function refusedDuplicate(field: DuplicateField, { changes }: Commit): Refused | null {
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
function pauseBefore(attempt: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}

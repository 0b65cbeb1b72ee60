// The path of every command: read -> decide -> commit -> emit, and again after a lost race.
import type { ReadContext } from '../commands/define.js';
import { eventActor, type Actor } from '../core/actor.js';
import { applyEvents } from '../core/apply-events.js';
import type { Commit } from '../core/changes.js';
import type { Accepted, Decision, DecisionContext } from '../core/decision.js';
import type { StoredEvent } from '../core/events.js';
import type { UserId } from '../core/ids.js';
import { closedLimits, type LimitSubject, type Limits } from '../core/limits.js';
import type { ReadSet, Snapshot } from '../core/read-set.js';
import { refuse, type Refusal, type Refused } from '../core/refusals.js';
import { WorkspaceError, errorOf } from '../errors.js';
import type { DuplicateField, StorageAdapter } from '../ports/storage.js';
import type { ServiceContext } from './context.js';
import { commitOf, snapshotOf } from './answers.js';
import { queryLimits } from './limits.js';
import { wrapOutage } from './outages.js';

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 200;

/** A command with its definition's functions: everything that an attempt needs. */
export interface Task<Command, Caller extends Actor> {
  readonly definition: {
    readonly read: (command: Command, context: ReadContext<Caller>) => ReadSet;
    readonly limitedBy?: (snapshot: Snapshot, command: Command, actor: Caller) => LimitSubject | null;
    readonly decide: (snapshot: Snapshot, command: Command, context: DecisionContext<Caller>) => Decision;
  };
  readonly actor: Caller;
  readonly command: Command;
  /** Receives the snapshot of a refusal before it is thrown. */
  readonly onRefusal?: ((snapshot: Snapshot) => Promise<void>) | undefined;
  /** Receives the decision after its commit, or after it found nothing to do. */
  readonly onCommitted?: ((decision: Accepted) => void) | undefined;
}

/**
 * Runs one command until it is committed or refused, and returns the records after it.
 *
 * @throws WorkspaceError the refusal; `CONFLICT` after too many lost races; `UNAVAILABLE`
 */
export async function runCommand<Command, Caller extends Actor>(
  context: ServiceContext,
  task: Task<Command, Caller>,
): Promise<Snapshot> {
  const { storage, clock, hub, maxAttempts } = context;
  const limits = limitsFor(context);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    // After a lost race, queue for the row lock if the storage has one. The queue replaces the first pause.
    const usesLock = attempt > 1 && storage.withLock !== undefined && limits.areKnown(task.definition);
    if (attempt > (usesLock ? 2 : 1)) await clock.sleep(pauseBefore(attempt));
    const result = usesLock
      ? await wrapOutage('storage', () => attemptWithLock(context, task, limits.known))
      : await attemptOnce(context, storage, task, {
          limitsOf: limits.query,
          call: (run) => wrapOutage('storage', run),
        });
    switch (result.kind) {
      case 'committed':
        hub.publish(result.events);
        task.onCommitted?.(result.decision);
        return result.after;
      case 'refused':
        await task.onRefusal?.(result.snapshot);
        throw errorOf(result.refusal);
      case 'conflict':
        break;
      default:
        result satisfies never;
    }
  }
  throw new WorkspaceError('CONFLICT', { attempts: maxAttempts });
}

/** The result of one attempt. A value, because an exception would abort the storage's transaction. */
type AttemptResult =
  | {
      readonly kind: 'committed';
      readonly decision: Accepted;
      readonly after: Snapshot;
      readonly events: readonly StoredEvent[];
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly snapshot: Snapshot }
  | { readonly kind: 'conflict' };

const CONFLICT: AttemptResult = Object.freeze({ kind: 'conflict' });

interface AttemptOptions {
  /** `null` if the limits are not known yet: the attempt is given up. */
  readonly limitsOf: (subject: LimitSubject) => Limits | null | Promise<Limits>;
  /** Calls the storage. */
  readonly call: <Value>(run: () => Promise<Value>) => Promise<Value>;
}

/** read -> decide -> commit, once. */
async function attemptOnce<Command, Caller extends Actor>(
  {
    clock,
    ids,
    matrix,
    uniqueUsernames,
    invitationsPerActorPerDay,
    ownershipTransfer,
    graceSeconds,
  }: ServiceContext,
  storage: StorageAdapter,
  { definition, actor, command }: Task<Command, Caller>,
  { limitsOf, call }: AttemptOptions,
): Promise<AttemptResult> {
  const now = clock.now();
  const readSet = definition.read(command, { actor, now, invitationsPerActorPerDay });
  const snapshot = snapshotOf(await call(() => storage.load(readSet)), readSet);
  const subject = definition.limitedBy?.(snapshot, command, actor);
  const limits = subject ? await limitsOf(subject) : closedLimits;
  if (limits === null) return CONFLICT;

  const decision = definition.decide(snapshot, command, {
    actor,
    now,
    limits,
    matrix,
    invitationsPerActorPerDay,
    ownershipTransfer,
    graceSeconds,
  });
  if (!decision.ok) return { kind: 'refused', refusal: decision.refusal, snapshot };
  const { events, issued, emailKeys, counted, erased, attributes } = decision;
  if (events.length === 0 && erased === undefined) {
    return { kind: 'committed', decision, after: snapshot, events: [] };
  }

  const eventIds = events.map(() => ids.eventId());
  const metadata = {
    ...eventActor(actor),
    now,
    eventIds,
    issued,
    emailKeys,
    counted,
    erased,
    attributes,
    uniqueUsernames,
  };
  const { commit, after } = applyEvents(snapshot, events, metadata);
  const result = commitOf(await call(() => storage.commit(commit)));
  if (result.ok) return { kind: 'committed', decision, after, events: commit.events };
  const taken = result.reason === 'duplicate' ? refusedDuplicate(result.field, commit) : null;
  return taken ? { kind: 'refused', refusal: taken.refusal, snapshot } : CONFLICT;
}

/** One attempt while the records are locked. It must not wait for code of the app. */
async function attemptWithLock<Command, Caller extends Actor>(
  context: ServiceContext,
  task: Task<Command, Caller>,
  limitsOf: (subject: LimitSubject) => Limits | null,
): Promise<AttemptResult> {
  const { storage, clock, invitationsPerActorPerDay } = context;
  const { definition, actor, command } = task;
  const readSet = definition.read(command, { actor, now: clock.now(), invitationsPerActorPerDay });
  const result = await storage.withLock?.(readSet, (locked) =>
    attemptOnce(context, locked, task, { limitsOf, call: (run) => run() }),
  );
  return result?.ok ? result.value : CONFLICT;
}

/** The limits of one command: queried from their source, or as an earlier attempt received them. */
function limitsFor(context: ServiceContext) {
  const { limits: source } = context;
  // Of this owner: every attempt is about the same workspace, but its owner may change meanwhile.
  let last: { readonly ownerId: UserId; readonly limits: Limits } | null = null;
  return {
    query: async (subject: LimitSubject): Promise<Limits> => {
      const limits = await queryLimits(context, subject);
      last = { ownerId: subject.ownerId, limits };
      return limits;
    },
    /** `null` if they would have to be queried; the next attempt then does. */
    known: ({ ownerId }: LimitSubject): Limits | null => {
      if (typeof source !== 'function') return source;
      if (last?.ownerId !== ownerId) last = null;
      return last?.limits ?? null;
    },
    areKnown: ({ limitedBy }: { readonly limitedBy?: unknown }): boolean =>
      typeof source !== 'function' || limitedBy === undefined || last !== null,
  };
}

/** Names span workspaces, so no version guards them: the storage's unique keys decide. Any other key is a lost race. */
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

/** Full jitter (exponential, from 0), so that competing callers do not collide again. */
export function pauseBefore(attempt: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}

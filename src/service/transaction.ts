// A service inside a transaction of the host's: what it is given, how its events wait for the host's commit, and when the
// whole of it is begun anew.
import type { TenantryEvent } from '../domain/events.js';
import { isWorkspaceError, WorkspaceError } from '../errors.js';
import type { QuotaAdapter } from '../ports/quota.js';
import type { StorageAdapter } from '../ports/storage.js';
import type { EventHub } from './event-hub.js';
import { outage, pauseBefore, refusedDuplicate, type Shell } from './run-command.js';

/** What {@link WorkspaceService.inTransaction} takes: adapters that stand on the transaction. */
export interface TransactionAdapters {
  /** A storage on the transaction, as `sqlStorage({ db: transaction, .. })`. */
  readonly storage: StorageAdapter;
  /** A quota adapter on the transaction. Must be given if the service has one. */
  readonly quota?: QuotaAdapter;
}

/**
 * The host's own way to run something in a transaction: it begins one, calls `run` with adapters that stand on it and with
 * `own`, whatever else the work needs, as the transaction itself; and commits, or, where `run` rejects, rolls back. It
 * resolves with what `run` answered once that is committed, and rejects with what `run`, or the database, threw.
 */
export type BeginTransaction<Own> = <Result>(
  run: (adapters: TransactionAdapters, own: Own) => Promise<Result>,
) => Promise<Result>;

/** What is to be answered, and told, once the transaction has committed. */
export interface Kept<Result> {
  readonly result: Result;
  readonly publish: () => void;
}

/**
 * Runs a transaction of the host's to its end, and begins it anew where it lost to others and nothing was done. What is
 * thrown otherwise is thrown on: whether a transaction whose commit was not answered took effect, nobody here knows.
 */
export async function runTransaction<Own, Result>(
  { clock, storage, maxAttempts }: Shell,
  begin: BeginTransaction<Own>,
  work: (adapters: TransactionAdapters, own: Own) => Promise<Kept<Result>>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    if (attempt > 1) await clock.sleep(pauseBefore(attempt));
    let kept: Kept<Result>;
    try {
      kept = await begin(work);
    } catch (error) {
      if (!isWorkspaceError(error, 'CONFLICT') && storage.isConflict?.(error) !== true) throw error;
      if (attempt < maxAttempts) continue;
      throw new WorkspaceError('CONFLICT', { attempts: attempt }, { cause: error });
    }
    kept.publish();
    return kept.result;
  }
}

/**
 * Whether the transaction can still be trusted: after an outage or a lost race, which `ending` then is, nobody knows what
 * its commit will do.
 */
export interface Course {
  ending: WorkspaceError | null;
}

/**
 * The adapters, until one of them fails or loses a race: from then on every call fails at once. PostgreSQL answers a
 * commit of what has failed with a silent rollback, and MariaDB goes on outside of any transaction after a deadlock.
 */
export function untilOver(
  { storage, quota }: TransactionAdapters,
  course: Course,
): { readonly storage: StorageAdapter; readonly quota?: QuotaAdapter } {
  const guarded =
    (source: 'storage' | 'quota') =>
    async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
      if (course.ending !== null) throw laterThan(course.ending);
      try {
        return await call();
      } catch (error) {
        // Nothing of the host's transaction will be kept, so the whole of it can be made again: no outage, whatever was asked.
        const isLost = storage.isConflict?.(error) === true;
        course.ending = isLost
          ? new WorkspaceError('CONFLICT', { attempts: 1 }, { cause: error })
          : outage(source, error);
        throw isLost ? course.ending : error;
      }
    };
  const [stored, charged] = [guarded('storage'), guarded('quota')];
  return {
    storage: {
      load: (slice) => stored(() => storage.load(slice)),
      commit: async (commit) => {
        const result = await stored(() => storage.commit(commit));
        // A name that is taken ends in a refusal; whatever else is taken was a race.
        if (!result.ok && (result.reason === 'conflict' || refusedDuplicate(result.field, commit) === null)) {
          course.ending = new WorkspaceError('CONFLICT', { attempts: 1 });
        }
        return result;
      },
      findMember: (workspaceId, userId) => stored(() => storage.findMember(workspaceId, userId)),
      listWorkspaces: (userId, page) => stored(() => storage.listWorkspaces(userId, page)),
      listMembers: (workspaceId, page) => stored(() => storage.listMembers(workspaceId, page)),
      listInvitations: (workspaceId, page) => stored(() => storage.listInvitations(workspaceId, page)),
      listEvents: (workspaceId, page) => stored(() => storage.listEvents(workspaceId, page)),
      listAccountEvents: (userId, page) => stored(() => storage.listAccountEvents(userId, page)),
      isConflict: (error) => storage.isConflict?.(error) === true,
    },
    ...(quota && {
      quota: {
        report: (subject, now) => charged(() => quota.report(subject, now)),
        setLimits: (subject, limits, now) => charged(() => quota.setLimits(subject, limits, now)),
        reserve: (subject, request) => charged(() => quota.reserve(subject, request)),
        commit: (subject, request) => charged(() => quota.commit(subject, request)),
        release: (subject, request) => charged(() => quota.release(subject, request)),
        forget: (workspaceId) => charged(() => quota.forget(workspaceId)),
      },
    }),
  };
}

/** A lost race is one for every later call, too: of parallel calls any may be the first to be heard of. */
function laterThan(ending: WorkspaceError): Error {
  if (isWorkspaceError(ending, 'CONFLICT')) return ending;
  return new Error('this transaction is over: an earlier call in it failed', { cause: ending });
}

/** A hub whose events wait; hooks and listeners are those of the other. */
export function waitingHub(hub: EventHub, course: Course): EventHub & { readonly publishAll: () => void } {
  const waiting: TenantryEvent[] = [];
  return {
    on: (type, listener) => hub.on(type, listener),
    before: (command, hook) => hub.before(command, hook),
    ask: (context) => hub.ask(context),
    publish(events) {
      for (const event of events) waiting.push(event);
    },
    publishAll() {
      if (course.ending !== null) {
        throw new TypeError(
          'publish: a call in this transaction failed or lost a race, so it did not commit',
          { cause: course.ending },
        );
      }
      hub.publish(waiting.splice(0));
    },
  };
}

// The service inside a transaction of the app: its adapters, its buffered events, and the retries of the transaction.
import { methods } from '../commands/index.js';
import type { Commit } from '../core/changes.js';
import type { SerializedEvent } from '../core/event-view.js';
import { isWorkspaceError, WorkspaceError } from '../errors.js';
import type { QuotaAdapter } from '../ports/quota.js';
import type { StorageAdapter } from '../ports/storage.js';
import { commandQueue } from './command-queue.js';
import type { ServiceContext } from './context.js';
import { bufferedEventHub } from './event-hub.js';
import { outage, wrapOutage } from './outages.js';
import { pauseBefore, refusedDuplicate } from './run-command.js';
import { areStored } from './stored-events.js';

/** Adapters that run on the app's transaction. */
export interface TransactionAdapters {
  /** A storage on the transaction, as `sqlStorage({ db: transaction, .. })`. */
  readonly storage: StorageAdapter;
  /** A quota adapter on the transaction. Required if the service has one. */
  readonly quota?: QuotaAdapter;
}

/**
 * How your app runs something in a transaction of its own database: open one, call `run` with adapters on it and with `own`,
 * the argument that `work` receives, such as the transaction itself; then commit, or roll back if `run` rejects. The
 * promise resolves with the result of `run` after the commit, and rejects with the error of `run` or of the database.
 */
export type BeginTransaction<Own> = <Result>(
  run: (adapters: TransactionAdapters, own: Own) => Promise<Result>,
) => Promise<Result>;

/** The result of the work, and its events, for after the commit. */
export interface TransactionResult<Result> {
  readonly result: Result;
  readonly flush: () => void;
}

/**
 * Runs a transaction of the app, and starts it again after a lost race, which leaves no trace. Other errors are rethrown:
 * whether a commit without an answer took effect is unknown.
 */
export async function runTransaction<Own, Result>(
  { clock, storage, hub, maxAttempts }: ServiceContext,
  begin: BeginTransaction<Own>,
  work: (
    adapters: TransactionAdapters,
    own: Own,
    denials: SerializedEvent[],
  ) => Promise<TransactionResult<Result>>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    if (attempt > 1) await clock.sleep(pauseBefore(attempt));
    const denials: SerializedEvent[] = [];
    let done: TransactionResult<Result>;
    try {
      done = await begin((adapters, own) => work(adapters, own, denials));
    } catch (error) {
      const isLost = isWorkspaceError(error, 'CONFLICT') || storage.isConflict?.(error) === true;
      // The next attempt decides again.
      if (isLost && attempt < maxAttempts) continue;
      // A denial is no part of what was rolled back.
      hub.publish(denials);
      throw isLost ? new WorkspaceError('CONFLICT', { attempts: attempt }, { cause: error }) : error;
    }
    done.flush();
    return done.result;
  }
}

/** A context inside the transaction, and how the work runs with a service on it. `denials` receives denied reservations. */
export function insideTransaction(
  context: ServiceContext,
  {
    adapters,
    own,
    denials,
  }: {
    readonly adapters: TransactionAdapters;
    readonly own: unknown;
    readonly denials: SerializedEvent[];
  },
) {
  const state: TransactionState = { ending: null, isOver: false };
  const running = new Set<Promise<unknown>>();
  const hub = bufferedEventHub(context.hub, denials);
  const queue = commandQueue();
  return {
    context: {
      ...context,
      ...guardAdapters(adapters, state),
      hub,
      // One after the other, also on different records: two on one account would end in a conflict that no retry avoids.
      queue: (_turn, run) => queue({ key: '', caller: '' }, run),
      transaction: own ?? null,
      // Only the app can start its transaction again.
      maxAttempts: 1,
      // An abandoned call would keep writing between the app's own statements.
      quotaTimeout: null,
    } satisfies ServiceContext,
    /**
     * Runs the work, and ends with it: no call of the service may reach the database after the app has committed or rolled
     * back.
     *
     * @throws TypeError if the work did not wait for a call; and what failed in the transaction, even if the work caught
     * it: thrown through the transaction of the app, so that it rolls back
     */
    async run<Result>(service: object, work: () => Promise<Result>): Promise<TransactionResult<Result>> {
      watch(service, running, state);
      let result: Result;
      let unfinished: number;
      try {
        result = await work();
      } finally {
        unfinished = running.size;
        state.isOver = true;
        // Their next use of an adapter fails.
        await Promise.allSettled(running);
      }
      if (state.ending !== null) throw state.ending;
      if (unfinished > 0) throw new TypeError(`withTransaction: ${unfinished} ${NOT_AWAITED}`);
      const { storage, quota } = adapters;
      await wrapOutage('storage', async () => storage.checkTransaction?.());
      const isKept =
        (await wrapOutage('storage', () => areStored(storage, hub.buffered))) &&
        (await wrapOutage('quota', async () => (await quota?.checkTransaction?.()) ?? true));
      if (!isKept) throw new TypeError(UNDONE);
      return { result, flush: hub.flush };
    },
  };
}

const UNDONE =
  'withTransaction: what a call wrote is no longer in the transaction: do not roll back to a savepoint that was set before a call';

const NOT_AWAITED = 'calls were still running when `work` ended: await every call inside `work`';

/** Lets every method of a service be counted while it runs, and fail once the transaction is over. */
function watch(service: object, running: Set<Promise<unknown>>, state: TransactionState): void {
  for (const name of Object.keys(methods)) {
    const method = Reflect.get(service, name) as (...input: readonly unknown[]) => Promise<unknown>;
    const watched = (...input: readonly unknown[]): Promise<unknown> => {
      if (state.isOver) return Promise.reject(isOver());
      const call = Reflect.apply(method, service, input);
      running.add(call);
      const done = (): void => void running.delete(call);
      call.then(done, done);
      return call;
    };
    Object.defineProperty(service, name, { value: watched });
  }
  const nested = (): Promise<never> =>
    Promise.reject(
      new TypeError('withTransaction: this service is inside a transaction already: call its methods'),
    );
  Object.defineProperty(service, 'withTransaction', { value: nested });
}

function isOver(): Error {
  return new TypeError('withTransaction: the transaction is over: await every call inside `work`');
}

/** Set once an adapter failed or lost a race in the transaction: what its commit would do is unknown from then on. */
interface TransactionState {
  ending: WorkspaceError | null;
  /** Set when the work has ended. */
  isOver: boolean;
}

/**
 * The adapters until one of them fails or loses a race: from then on every call fails immediately. PostgreSQL answers the
 * commit of a failed transaction with a silent rollback, and MariaDB continues outside of any transaction after a deadlock.
 */
function guardAdapters(
  { storage, quota }: TransactionAdapters,
  state: TransactionState,
): { readonly storage: StorageAdapter; readonly quota?: QuotaAdapter } {
  const guarded =
    (source: 'storage' | 'quota') =>
    async <Value>(call: () => Value): Promise<Awaited<Value>> => {
      if (state.isOver) throw isOver();
      if (state.ending !== null) throw errorAfter(state.ending);
      try {
        return await call();
      } catch (error) {
        // The whole transaction is rolled back and can be started again: a conflict, not an outage.
        const isLost = storage.isConflict?.(error) === true;
        state.ending = isLost
          ? new WorkspaceError('CONFLICT', { attempts: 1 }, { cause: error })
          : outage(source, error);
        throw isLost ? state.ending : error;
      }
    };
  const stored = guarded('storage');
  return {
    storage: callThrough(stored, storage, {
      async commit(commit: Commit) {
        const result = await stored(() => storage.commit(commit));
        // A taken name is a refusal. Every other duplicate is a lost race.
        if (!result.ok && (result.reason === 'conflict' || refusedDuplicate(result.field, commit) === null)) {
          state.ending = new WorkspaceError('CONFLICT', { attempts: 1 });
        }
        return result;
      },
      withLock: undefined,
      isConflict: (error: unknown) => storage.isConflict?.(error) === true,
    }),
    ...(quota && { quota: callThrough(guarded('quota'), quota, {}) }),
  };
}

/** The adapter with methods of its own, whose other methods are called through `call`. */
function callThrough<Adapter extends object>(
  call: (method: () => unknown) => Promise<unknown>,
  adapter: Adapter,
  own: object,
): Adapter {
  // A copy as the target, because a proxy must return the methods of a frozen target unchanged.
  return new Proxy(
    { ...adapter },
    {
      get(_copy, name) {
        const isOwn = Object.hasOwn(own, name);
        const method: unknown = Reflect.get(isOwn ? own : adapter, name);
        if (isOwn || typeof method !== 'function') return method;
        return (...args: unknown[]) => call(() => Reflect.apply(method, adapter, args));
      },
    },
  );
}

/** After a lost race every later call reports it, too: of parallel calls, any may be awaited first. */
function errorAfter(ending: WorkspaceError): Error {
  if (isWorkspaceError(ending, 'CONFLICT')) return ending;
  return new Error('an earlier call in this transaction failed: roll it back', { cause: ending });
}

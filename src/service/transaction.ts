// A service inside a transaction of the host's: what it is given, and how its events wait for the host's commit.
import type { TenantryEvent } from '../domain/events.js';
import type { QuotaAdapter } from '../ports/quota.js';
import type { StorageAdapter } from '../ports/storage.js';
import type { EventHub } from './event-hub.js';

/** What {@link WorkspaceService.inTransaction} takes: adapters that stand on the transaction. */
export interface TransactionAdapters {
  /** A storage on the transaction, as `sqlStorage({ db: transaction, .. })`. */
  readonly storage: StorageAdapter;
  /** A quota adapter on the transaction. Must be given if the service has one. */
  readonly quota?: QuotaAdapter;
}

/** Whether the transaction can still be trusted: after an outage or a lost race nobody knows what its commit will do. */
export interface Course {
  isOver: boolean;
}

/**
 * The adapters, until one of them fails or loses a race: from then on every call fails at once. PostgreSQL answers a
 * commit of what has failed with a silent rollback, and MariaDB goes on outside of any transaction after a deadlock.
 */
export function untilOver(
  { storage, quota }: TransactionAdapters,
  course: Course,
): { readonly storage: StorageAdapter; readonly quota?: QuotaAdapter } {
  const guarded = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    if (course.isOver)
      throw new Error('this transaction is over: an earlier call in it failed, or lost a race');
    try {
      return await call();
    } catch (error) {
      course.isOver = true;
      throw error;
    }
  };
  return {
    storage: {
      load: (slice) => guarded(() => storage.load(slice)),
      commit: async (commit) => {
        const result = await guarded(() => storage.commit(commit));
        if (!result.ok && result.reason === 'conflict') course.isOver = true;
        return result;
      },
      findMember: (workspaceId, userId) => guarded(() => storage.findMember(workspaceId, userId)),
      listWorkspaces: (userId, page) => guarded(() => storage.listWorkspaces(userId, page)),
      listMembers: (workspaceId, page) => guarded(() => storage.listMembers(workspaceId, page)),
      listInvitations: (workspaceId, page) => guarded(() => storage.listInvitations(workspaceId, page)),
      listEvents: (workspaceId, page) => guarded(() => storage.listEvents(workspaceId, page)),
      listAccountEvents: (userId, page) => guarded(() => storage.listAccountEvents(userId, page)),
    },
    ...(quota && {
      quota: {
        report: (subject, now) => guarded(() => quota.report(subject, now)),
        setLimits: (subject, limits, now) => guarded(() => quota.setLimits(subject, limits, now)),
        reserve: (subject, request) => guarded(() => quota.reserve(subject, request)),
        commit: (subject, request) => guarded(() => quota.commit(subject, request)),
        release: (subject, request) => guarded(() => quota.release(subject, request)),
        forget: (workspaceId) => guarded(() => quota.forget(workspaceId)),
      },
    }),
  };
}

/** A hub whose events wait; hooks and listeners are those of the other. */
export function waitingHub(hub: EventHub, course: Course): EventHub & { readonly publishAll: () => void } {
  const waiting: TenantryEvent[] = [];
  return {
    on: (type, listener) => hub.on(type, listener),
    before: (command, hook) => hub.before(command, hook),
    ask: (context) => hub.ask(context),
    publish(events) {
      waiting.push(...events);
    },
    publishAll() {
      if (course.isOver) {
        throw new TypeError(
          'publish: a call in this transaction failed or lost a race, so it did not commit',
        );
      }
      hub.publish(waiting.splice(0));
    },
  };
}

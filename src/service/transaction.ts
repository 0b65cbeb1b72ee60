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

/** A hub whose events wait; hooks and listeners are those of the other. */
export function waitingHub(hub: EventHub): EventHub & { readonly publishAll: () => void } {
  const waiting: TenantryEvent[] = [];
  return {
    on: (type, listener) => hub.on(type, listener),
    before: (command, hook) => hub.before(command, hook),
    ask: (context) => hub.ask(context),
    publish(events) {
      waiting.push(...events);
    },
    publishAll() {
      hub.publish(waiting.splice(0));
    },
  };
}

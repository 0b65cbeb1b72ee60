// The events of a memory storage: by their subject, and those that name an e-mail address by that address.
import { invitedEmailKey } from '../../core/erase.js';
import type { AccountEvent, StoredEvent, StoredEventOf, WorkspaceEvent } from '../../core/events.js';
import { deepFreeze } from '../../core/frozen.js';
import type { UserId, WorkspaceId } from '../../core/ids.js';
import type { EventPageQuery, PageQuery } from '../../ports/storage.js';
import { eventPage, replaceEvent } from './audit-log.js';
import { OrderedSet } from './ordered-set.js';

type InvitationEvent = StoredEventOf<'invitation.created'>;

export class EventLog {
  readonly #ofWorkspaces = new Map<WorkspaceId, WorkspaceEvent<string>[]>();
  readonly #ofAccounts = new Map<UserId, AccountEvent<string>[]>();
  readonly #byEmailKey = new Map<string, OrderedSet<InvitationEvent>>();

  append(event: StoredEvent): void {
    deepFreeze(event);
    if ('workspaceId' in event) listOf(this.#ofWorkspaces, event.workspaceId).push(event);
    else listOf(this.#ofAccounts, event.userId).push(event);
    this.#index(event);
  }

  /** Replaces the event with this subject, version and index, if there is one. */
  erase(event: StoredEvent): void {
    deepFreeze(event);
    const before =
      'workspaceId' in event
        ? replaceEvent(this.#ofWorkspaces.get(event.workspaceId) ?? [], event)
        : replaceEvent(this.#ofAccounts.get(event.userId) ?? [], event);
    if (before === undefined) return;
    const key = invitedEmailKey(before);
    if (key !== null && before.type === 'invitation.created') {
      const named = this.#byEmailKey.get(key);
      named?.remove(before);
      if (named?.isEmpty() === true) this.#byEmailKey.delete(key);
    }
    this.#index(event);
  }

  ofWorkspace(workspaceId: WorkspaceId, page: EventPageQuery): WorkspaceEvent<string>[] {
    return eventPage(this.#ofWorkspaces.get(workspaceId) ?? [], page);
  }

  ofAccount(userId: UserId, page: EventPageQuery): AccountEvent<string>[] {
    return eventPage(this.#ofAccounts.get(userId) ?? [], page);
  }

  naming(emailKey: string, { after, limit }: PageQuery): InvitationEvent[] {
    return this.#byEmailKey.get(emailKey)?.after(after, limit) ?? [];
  }

  all(): StoredEvent[] {
    return [...this.#ofWorkspaces.values(), ...this.#ofAccounts.values()].flat();
  }

  #index(event: StoredEvent): void {
    const key = invitedEmailKey(event);
    if (key === null || event.type !== 'invitation.created') return;
    const named =
      this.#byEmailKey.get(key) ?? new OrderedSet<InvitationEvent>(({ at, id }) => [Date.parse(at), id]);
    named.put(event);
    this.#byEmailKey.set(key, named);
  }
}

function listOf<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

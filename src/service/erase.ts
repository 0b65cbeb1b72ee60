// Finds what is stored of a person who closes the account, page by page: each event is erased in a commit of its own.
import type { CloseStep } from '../commands/accounts/close-account.js';
import { erasedEvent, invitedEmailKey } from '../core/erase.js';
import type { AccountEvent, StoredEvent, StoredEventOf, WorkspaceEvent } from '../core/events.js';
import type { UserId, WorkspaceId } from '../core/ids.js';
import type { PageKey } from '../ports/storage.js';
import { rowsOf } from './answers.js';
import type { ServiceContext } from './context.js';
import { wrapOutage } from './outages.js';

/** How many events are read at a time. */
const PAGE = 50;

type Take = (step: CloseStep) => Promise<unknown>;

/** Erases an address from every invitation for it, open or not, in every workspace, deleted or not. */
export async function eraseInvitations(context: ServiceContext, emailKey: string, take: Take): Promise<void> {
  const { storage } = context;
  await eraseAll<StoredEventOf<'invitation.created'>>(take, {
    read: (after) => storage.listInvitationEvents(emailKey, { after, limit: PAGE }),
    isAsked: (event) => invitedEmailKey(event) === emailKey,
    keyOf: ({ at, id }) => [Date.parse(at), id],
  });
}

/** Erases the names of a person from the events of the account, of its personal workspace, and of those before it. */
export async function eraseNames(context: ServiceContext, userId: UserId, take: Take): Promise<void> {
  const { storage } = context;
  const personal: WorkspaceId[] = [];
  await eraseAll<AccountEvent<string>>(take, {
    read: (after) => storage.listAccountEvents(userId, { after, limit: PAGE, order: 'oldest' }),
    isAsked: (event) => event.userId === userId,
    keyOf: ({ version, index }) => [version, index],
    onEach: (event) => {
      if (event.type === 'account.opened') personal.push(event.data.personalWorkspaceId);
    },
  });
  for (const workspaceId of personal) {
    await eraseAll<WorkspaceEvent<string>>(take, {
      read: (after) => storage.listEvents(workspaceId, { after, limit: PAGE, order: 'oldest' }),
      isAsked: (event) => event.workspaceId === workspaceId,
      keyOf: ({ version, index }) => [version, index],
    });
  }
}

/** Reads a list page by page, and erases what an event holds of the person. An event keeps its key. */
async function eraseAll<Event extends StoredEvent>(
  take: Take,
  list: {
    readonly read: (after: PageKey | null) => Promise<readonly Event[]>;
    readonly isAsked: (event: Event) => boolean;
    readonly keyOf: (event: Event) => PageKey;
    readonly onEach?: (event: Event) => void;
  },
): Promise<void> {
  for (let after: PageKey | null = null; ; ) {
    const from: PageKey | null = after;
    const found = await wrapOutage('storage', async () => rowsOf(await list.read(from), list.isAsked));
    for (const event of found) {
      list.onEach?.(event);
      if (erasedEvent(event) !== null) await take({ kind: 'erase', event });
    }
    const last = found.at(-1);
    if (found.length < PAGE || last === undefined) return;
    after = list.keyOf(last);
  }
}

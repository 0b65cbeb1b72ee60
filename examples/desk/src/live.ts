// Live updates: notifies the pages of current members that their workspace changed.
import type { Membership, Page, TenantryEvent } from 'tenantry';
import type { Workspaces } from './desk.js';

/** The notifications of one open page. */
export interface Stream {
  /**
   * Waits for changes. Resolves to the workspaces that changed since the last call, or to `null` when the stream has
   * ended.
   */
  next(): Promise<readonly string[] | null>;
  end(): void;
}

export interface Live {
  /** Returns the limit that is reached if there are too many streams: of this person, or of all people. */
  open(userId: string): Stream | 'person' | 'everyone';
  /** Ends the streams of a person. Pages that are still signed in reconnect immediately. */
  endOf(userId: string): void;
  endAll(): void;
  /** The number of open streams. */
  readonly size: number;
}

export interface LiveLimits {
  readonly streamsPerUser: number;
  /** Of all people together. */
  readonly streams: number;
}

interface Listener {
  readonly userId: string;
  readonly streams: Set<OpenStream>;
  /**
   * Workspaces in which the person was a member at the last check. Events of other workspaces need no check; and after
   * a deletion there are no members left to check.
   */
  readonly known: Set<string>;
  /** Whether `known` is complete: the list of memberships was read to its end. */
  isComplete: boolean;
  /** Serializes the checks of one person, so that an older answer cannot overwrite a newer one. */
  turn: Promise<void>;
}

interface OpenStream extends Stream {
  notify(workspaceId: string): void;
}

export function createLive(workspaces: Workspaces, { streamsPerUser, streams: most }: LiveLimits): Live {
  const listeners = new Map<string, Listener>();
  let size = 0;

  // one check for each person, however many streams they have
  workspaces.on('*', async (event) => {
    await Promise.all([...listeners.values()].map((each) => enqueue(each, () => handle(each, event))));
  });

  return {
    open(userId) {
      const listener = listeners.get(userId) ?? listenerFor(userId);
      if (listener.streams.size >= streamsPerUser) return 'person';
      if (size >= most) return 'everyone';
      listeners.set(userId, listener);
      size++;
      const stream = openStream(() => {
        // a stream that is ended twice must not remove a newer listener of the same person
        if (!listener.streams.delete(stream)) return;
        size--;
        if (listener.streams.size === 0) listeners.delete(userId);
      });
      listener.streams.add(stream);
      // Repeated for each opened page, because the person may have joined a workspace through another process.
      void enqueue(listener, () => loadMemberships(listener));
      return stream;
    },
    endOf(userId) {
      for (const stream of listeners.get(userId)?.streams ?? []) stream.end();
    },
    endAll() {
      for (const { streams } of listeners.values()) for (const stream of streams) stream.end();
    },
    get size() {
      return size;
    },
  };

  async function handle(listener: Listener, event: TenantryEvent): Promise<void> {
    const workspaceId = await workspaceToNotify(listener, event);
    if (workspaceId !== null) for (const stream of listener.streams) stream.notify(workspaceId);
  }

  /** The workspace to notify about, or `null` if the person may not know about the event. */
  async function workspaceToNotify(
    { userId, known, isComplete }: Listener,
    event: TenantryEvent,
  ): Promise<string | null> {
    switch (event.type) {
      case 'account.opened':
        return event.userId === userId ? event.data.personalWorkspaceId : null;
      case 'account.switched':
        return event.userId === userId ? event.data.to : null;
      case 'workspace.deleted':
        return known.delete(event.workspaceId) ? event.workspaceId : null;
      default: {
        // other account events change no page: renaming an account renames its personal workspace in an event of its
        // own
        if (!('workspaceId' in event)) return null;
        const { workspaceId } = event;
        // Before the check: if the check fails, the next event in this workspace checks again.
        if (admits(event, userId)) known.add(workspaceId);
        if (isComplete && !known.has(workspaceId) && !endedFor(event, userId)) return null;
        // Checked at each event: a person who was just removed only receives their own removal.
        if (await workspaces.can({ userId }, { workspaceId, permission: 'workspace:view' })) {
          known.add(workspaceId);
          return workspaceId;
        }
        known.delete(workspaceId);
        return endedFor(event, userId) ? workspaceId : null;
      }
    }
  }

  /** If the list cannot be read, each event checks the membership, until the person opens another page. */
  async function loadMemberships(listener: Listener): Promise<void> {
    const { userId, known } = listener;
    try {
      let cursor: string | null = null;
      do {
        const page: Page<Membership> = await workspaces.listWorkspaces({ userId }, { limit: 200, cursor });
        for (const { workspace } of page.items) known.add(workspace.id);
        cursor = page.nextCursor;
      } while (cursor !== null);
      listener.isComplete = true;
    } catch {
      // no caller waits for this, and no notification is lost
    }
  }
}

function listenerFor(userId: string): Listener {
  return { userId, streams: new Set(), known: new Set(), isComplete: false, turn: Promise.resolve() };
}

/** Runs after all earlier work for this person. A failure does not block later work. */
function enqueue(listener: Listener, work: () => Promise<void>): Promise<void> {
  const done = listener.turn.then(work);
  listener.turn = done.catch(() => undefined);
  return done;
}

/** Whether the event may have shown the person a workspace that was unknown until now. */
function admits(event: TenantryEvent, userId: string): boolean {
  switch (event.type) {
    case 'workspace.created':
      return event.data.ownerId === userId;
    case 'workspace.restored':
      return true;
    case 'workspace.transferred':
      return event.data.to === userId;
    case 'member.joined':
      return event.data.userId === userId;
    default:
      return false;
  }
}

/** Whether the event ended the person's own membership. */
function endedFor(event: TenantryEvent, userId: string): boolean {
  return (event.type === 'member.removed' || event.type === 'member.left') && event.data.userId === userId;
}

/** Stores which workspaces changed, not the events, so that a slow reader uses little memory. */
function openStream(onEnd: () => void): OpenStream {
  const changed = new Set<string>();
  let isOver = false;
  let wake = (): void => undefined;

  return {
    notify(workspaceId) {
      changed.add(workspaceId);
      wake();
    },
    end() {
      isOver = true;
      onEnd();
      wake();
    },
    async next() {
      if (!isOver && changed.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (isOver) return null;
      const batch = [...changed];
      changed.clear();
      return batch;
    },
  };
}

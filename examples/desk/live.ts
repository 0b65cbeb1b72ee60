// Who is told that something changed: the pages of those who are members at that moment, and only where it was.
import type { Membership, Page, TenantryEvent } from 'tenantry';
import type { Workspaces } from './desk.js';

/** What one open page hears. */
export interface Stream {
  /** The workspaces in which something changed since the last call; `null` once the stream is over. Waits for one. */
  next(): Promise<readonly string[] | null>;
  end(): void;
}

export interface Live {
  /** Or who it is that has as many streams as they may have: this person, or all together. */
  open(userId: string): Stream | 'person' | 'everybody';
  /** Who is still signed in comes back at once. */
  endOf(userId: string): void;
  endAll(): void;
  /** How many there are. */
  readonly size: number;
}

export interface LiveLimits {
  readonly streamsPerUser: number;
  /** Of everybody. */
  readonly streams: number;
}

interface Listener {
  readonly userId: string;
  readonly streams: Set<OpenStream>;
  /**
   * Where the person was a member when it was last looked. Of what happens elsewhere nobody is asked about them, and after
   * a deletion there are no members to look for.
   */
  readonly known: Set<string>;
  /** Whether that is every workspace of theirs: it could be read to its end. */
  isWhole: boolean;
  /** What is done for the person is done in turn, so that no answer about a membership overtakes a later one. */
  turn: Promise<void>;
}

interface OpenStream extends Stream {
  tell(workspaceId: string): void;
}

export function createLive(workspaces: Workspaces, { streamsPerUser, streams: most }: LiveLimits): Live {
  const listeners = new Map<string, Listener>();
  let size = 0;

  // each person is asked about once, however many streams they have
  workspaces.on('*', async (event) => {
    await Promise.all([...listeners.values()].map((each) => inTurn(each, () => hear(each, event))));
  });

  return {
    open(userId) {
      const listener = listeners.get(userId) ?? listenerFor(userId);
      if (listener.streams.size >= streamsPerUser) return 'person';
      if (size >= most) return 'everybody';
      listeners.set(userId, listener);
      size++;
      const stream = openStream(() => {
        // ended once more, it must not take a later listener of the same person along
        if (!listener.streams.delete(stream)) return;
        size--;
        if (listener.streams.size === 0) listeners.delete(userId);
      });
      listener.streams.add(stream);
      // Again for each page that is opened: the person may have joined something by way of another process.
      void inTurn(listener, () => learn(listener));
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

  async function hear(listener: Listener, event: TenantryEvent): Promise<void> {
    const workspaceId = await placeFor(listener, event);
    if (workspaceId !== null) for (const stream of listener.streams) stream.tell(workspaceId);
  }

  /** Where this happened, if the person may know of it. */
  async function placeFor(
    { userId, known, isWhole }: Listener,
    event: TenantryEvent,
  ): Promise<string | null> {
    switch (event.type) {
      case 'account.opened':
        return event.userId === userId ? event.data.personalWorkspaceId : null;
      case 'account.switched':
        return event.userId === userId ? event.data.to : null;
      case 'account.renamed':
        // the personal workspace is renamed with it, and that is told
        return null;
      case 'workspace.deleted':
        return known.delete(event.workspaceId) ? event.workspaceId : null;
      default: {
        const { workspaceId } = event;
        // Before it is asked: where there is no answer, the next event there asks again.
        if (admits(event, userId)) known.add(workspaceId);
        if (isWhole && !known.has(workspaceId) && !endedFor(event, userId)) return null;
        // Asked at each event: whoever was removed a moment ago hears nothing more, but that it was they.
        if (await workspaces.can({ userId }, { workspaceId, permission: 'workspace:view' })) {
          known.add(workspaceId);
          return workspaceId;
        }
        known.delete(workspaceId);
        return endedFor(event, userId) ? workspaceId : null;
      }
    }
  }

  /** Where it cannot be read, each event asks, until the next page of the person is opened. */
  async function learn(listener: Listener): Promise<void> {
    const { userId, known } = listener;
    try {
      let cursor: string | null = null;
      do {
        const page: Page<Membership> = await workspaces.listWorkspaces({ userId }, { limit: 200, cursor });
        for (const { workspace } of page.items) known.add(workspace.id);
        cursor = page.nextCursor;
      } while (cursor !== null);
      listener.isWhole = true;
    } catch {
      // nobody waits for it, and nothing is missed
    }
  }
}

function listenerFor(userId: string): Listener {
  return { userId, streams: new Set(), known: new Set(), isWhole: false, turn: Promise.resolve() };
}

/** After all that was to be done for this person before. One that fails keeps no other from its turn. */
function inTurn(listener: Listener, work: () => Promise<void>): Promise<void> {
  const done = listener.turn.then(work);
  listener.turn = done.catch(() => undefined);
  return done;
}

/** Whether it may have made the person a member, of a workspace that was unknown until then. */
function admits(event: TenantryEvent, userId: string): boolean {
  switch (event.type) {
    case 'workspace.created':
      return event.data.ownerId === userId;
    case 'workspace.transferred':
      return event.data.to === userId;
    case 'member.joined':
      return event.data.userId === userId;
    default:
      return false;
  }
}

/** Whether it ended the person's own membership. */
function endedFor(event: TenantryEvent, userId: string): boolean {
  return (event.type === 'member.removed' || event.type === 'member.left') && event.data.userId === userId;
}

/** Remembers where something changed, not what: however slow a reader is, it waits for little. */
function openStream(onEnd: () => void): OpenStream {
  const changed = new Set<string>();
  let isOver = false;
  let wake = (): void => undefined;

  return {
    tell(workspaceId) {
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
      const told = [...changed];
      changed.clear();
      return told;
    },
  };
}

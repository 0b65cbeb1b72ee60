// Who is told that something changed: the pages of those who are members at that moment, and only where it was.
import type { TenantryEvent } from 'tenantry';
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
  /** Where the person was a member when it was last looked: after a deletion there are no members to look for. */
  readonly known: Set<string>;
}

interface OpenStream extends Stream {
  tell(workspaceId: string): void;
}

export function createLive(workspaces: Workspaces, { streamsPerUser, streams: most }: LiveLimits): Live {
  const listeners = new Map<string, Listener>();
  let size = 0;

  // each person is asked about once, however many streams they have
  workspaces.on('*', async (event) => {
    await Promise.all([...listeners.values()].map((listener) => hear(listener, event)));
  });

  return {
    open(userId) {
      const listener = listeners.get(userId) ?? { userId, streams: new Set(), known: new Set() };
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
      void learn(listener);
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
  async function placeFor({ userId, known }: Listener, event: TenantryEvent): Promise<string | null> {
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

  /** Of more workspaces than a page of the list holds, the deletion of a later one is not told while it is unknown. */
  async function learn({ userId, known }: Listener): Promise<void> {
    const page = await workspaces.listWorkspaces({ userId }, { limit: 200 }).catch(() => null);
    for (const { workspace } of page?.items ?? []) known.add(workspace.id);
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

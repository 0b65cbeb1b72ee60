// How far a story was played, and what its names stand for: what the host keeps beside the workspaces.
import { createHash } from 'node:crypto';
import type { Step } from './story.js';

/** What the names of a story stand for. */
export interface Names {
  readonly workspaces: Map<string, string>;
  /** A real host never keeps a link: whoever has it may use it. A story does, so that its next run can. */
  readonly links: Map<string, string>;
  readonly invitations: Map<string, { readonly workspaceId: string; readonly invitationId: string }>;
  /** The session token of each person's last switch. */
  readonly sessions: Map<string, string>;
  /** Milliseconds that have passed in the story alone. */
  waited: number;
}

export interface Progress {
  /** The mark of each step that was played. */
  readonly played: readonly string[];
  readonly names: Names;
}

/** Where progress is kept, by the title of the story. */
export interface ProgressStore {
  /** What was kept, or the beginning. */
  begin(title: string): Promise<Progress>;
  /**
   * Takes the step of this number, from 0, before it is played: two processes that play one story on one database
   * never play the same step. `false`: another has it.
   */
  claim(title: string, step: number): Promise<boolean>;
  keep(title: string, progress: Progress): Promise<void>;
}

export function beginning(): Progress {
  const names = {
    workspaces: new Map(),
    links: new Map(),
    invitations: new Map(),
    sessions: new Map(),
    waited: 0,
  };
  return { played: [], names };
}

/** Tells steps apart; a note is no part of what is done. */
export function markOf({ note, ...step }: Step): string {
  return createHash('sha256').update(JSON.stringify(step)).digest('base64url').slice(0, 16);
}

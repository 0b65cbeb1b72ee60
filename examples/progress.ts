// The progress of a story and the values of its names: what the app stores in addition to the workspaces.
import { createHash } from 'node:crypto';
import type { Step } from './story.js';

/** The values that the names of a story refer to. */
export interface Names {
  readonly workspaces: Map<string, string>;
  /** A real app never stores a link, because a link grants access. A story does, so that the next run can use it. */
  readonly links: Map<string, string>;
  readonly invitations: Map<string, { readonly workspaceId: string; readonly invitationId: string }>;
  /** The session token of each person's last switch. */
  readonly sessions: Map<string, string>;
  /** How far the clock of the story is ahead, in milliseconds. */
  waited: number;
}

export interface Progress {
  /** One fingerprint for each played step. */
  readonly played: readonly string[];
  readonly names: Names;
}

/** Stores progress by the title of the story. */
export interface ProgressStore {
  /** Returns the stored progress, or an empty one. */
  begin(title: string): Promise<Progress>;
  /**
   * Claims the step with this index, from 0, before it is played, so that two processes never play the same step on one
   * database. Returns `false` if another process has claimed it.
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

/** A fingerprint of a step. Its note does not count. */
export function markOf({ note, ...step }: Step): string {
  return createHash('sha256').update(JSON.stringify(step)).digest('base64url').slice(0, 16);
}

/** @throws Error for a name that no step has set */
export function found<Value>(names: ReadonlyMap<string, Value>, name: string): Value {
  const value = names.get(name);
  if (value === undefined) throw new Error(`unknown name '${name}'`);
  return value;
}

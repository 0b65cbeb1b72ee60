// A complete state of a storage, and what the checks of the invariants share.
import type { AccountRecord } from '../account.js';
import type { DepartureRecord } from '../departure.js';
import type { StoredEvent } from '../events.js';
import type { WorkspaceId } from '../ids.js';
import type { InvitationRecord } from '../invitation.js';
import type { Limits } from '../limits.js';
import type { MemberRecord } from '../member.js';
import type { PermissionMatrix } from '../permissions.js';
import type { WorkspaceRecord } from '../workspace.js';

/** Everything in a storage. */
export interface World {
  readonly accounts: readonly AccountRecord[];
  readonly workspaces: readonly WorkspaceRecord[];
  readonly members: readonly MemberRecord[];
  readonly invitations: readonly InvitationRecord[];
  readonly departures: readonly DepartureRecord[];
  readonly events: readonly StoredEvent[];
  /** Ids of deleted workspaces. */
  readonly tombstones: readonly WorkspaceId[];
}

/** What the state is compared with. */
export interface InvariantOptions {
  readonly matrix: PermissionMatrix;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /**
   * Limits that have applied since the first event. Without them, counts are not compared.
   * @default undefined
   */
  readonly limits?: Limits;
}

/** Records a violation of the rule unless the condition holds. */
export type Check = (rule: string, holds: boolean, message: string) => void;

export function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export function unique<Item>(items: readonly Item[], keyOf: (item: Item) => unknown): boolean {
  return new Set(items.map(keyOf)).size === items.length;
}

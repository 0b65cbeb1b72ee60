// A commit: record writes that need no logic in a storage beyond comparing versions and storing records.
import type { AccountRecord } from './account.js';
import type { DepartureRecord } from './departure.js';
import type { StoredEvent } from './events.js';
import type { UserId, WorkspaceId } from './ids.js';
import type { InvitationRecord } from './invitation.js';
import type { MemberRecord } from './member.js';
import type { WorkspaceRecord } from './workspace.js';

/**
 * One record write. Deleting a workspace deletes its members, departures and invitations, and leaves a tombstone of its id.
 * `event.erase` replaces the data of the stored event with the same subject, version and index, also after the workspace was
 * deleted; an event that is not stored stays so.
 */
export type Change =
  | { readonly kind: 'account.insert' | 'account.update'; readonly account: AccountRecord }
  | { readonly kind: 'workspace.insert' | 'workspace.update'; readonly workspace: WorkspaceRecord }
  | { readonly kind: 'workspace.delete'; readonly workspaceId: WorkspaceId }
  | { readonly kind: 'member.insert' | 'member.update'; readonly member: MemberRecord }
  | { readonly kind: 'departure.insert' | 'departure.update'; readonly departure: DepartureRecord }
  | { readonly kind: 'member.delete'; readonly workspaceId: WorkspaceId; readonly userId: UserId }
  | { readonly kind: 'invitation.insert' | 'invitation.update'; readonly invitation: InvitationRecord }
  | { readonly kind: 'event.erase'; readonly event: StoredEvent };

/** A version that was read and must still be current when the commit is applied. */
export type Expectation =
  | { readonly workspace: WorkspaceId; readonly version: number }
  | { readonly account: UserId; readonly version: number };

/** Records and events together, all or nothing, if the expected versions are current. */
export interface Commit {
  readonly expect: readonly Expectation[];
  readonly changes: readonly Change[];
  readonly events: readonly StoredEvent[];
}

// What a commit is: record writes, so dumb that a storage only compares versions and puts records where they belong.
import type { AccountRecord } from './account.js';
import type { StoredEvent } from './events.js';
import type { UserId, WorkspaceId } from './ids.js';
import type { InvitationRecord } from './invitation.js';
import type { MemberRecord } from './member.js';
import type { WorkspaceRecord } from './workspace.js';

/** One record write. Deleting a workspace takes its members and invitations with it and leaves the tombstone of its id. */
export type Change =
  | { readonly kind: 'account.insert' | 'account.update'; readonly account: AccountRecord }
  | { readonly kind: 'workspace.insert' | 'workspace.update'; readonly workspace: WorkspaceRecord }
  | { readonly kind: 'workspace.delete'; readonly workspaceId: WorkspaceId }
  | { readonly kind: 'member.insert' | 'member.update'; readonly member: MemberRecord }
  | { readonly kind: 'member.delete'; readonly workspaceId: WorkspaceId; readonly userId: UserId }
  | { readonly kind: 'invitation.insert' | 'invitation.update'; readonly invitation: InvitationRecord };

/** A version that was read and must still be the current one when the commit is applied. */
export type Expectation =
  | { readonly workspace: WorkspaceId; readonly version: number }
  | { readonly account: UserId; readonly version: number };

/** All or nothing: records and events together, under the versions that were read. */
export interface Commit {
  readonly expect: readonly Expectation[];
  readonly changes: readonly Change[];
  readonly events: readonly StoredEvent[];
}

// The storage port: types only. The conformance suite in `tenantry/testing` tests the rest of the contract.
import type { AccountRecord, AccountStatus } from '../core/account.js';
import type { Commit } from '../core/changes.js';
import type { AccountEvent, EventOrder, StoredEventOf, WorkspaceEvent } from '../core/events.js';
import type { UserId, WorkspaceId } from '../core/ids.js';
import type { InvitationRecord, OpenInvitationRecord, Recipient } from '../core/invitation.js';
import type { MemberRecord } from '../core/member.js';
import type { ReadSet, Snapshot } from '../core/read-set.js';
import type { WorkspaceKind, WorkspaceRecord, WorkspaceStatus } from '../core/workspace.js';

/**
 * A unique key that a commit would violate. `username` and `name` become refusals; after any other, the command is decided
 * again.
 */
export type DuplicateField =
  | 'userId'
  | 'username'
  | 'workspaceId'
  | 'name'
  | 'member'
  | 'invitationId'
  | 'recipient';

/** How a commit ended. A conflict is a value; only an outage is an exception. */
export type CommitResult =
  | { readonly ok: true }
  /** An expected version is not current, or its record was deleted. */
  | { readonly ok: false; readonly reason: 'conflict' }
  /** The versions were current, but a unique key is taken. */
  | { readonly ok: false; readonly reason: 'duplicate'; readonly field: DuplicateField };

/** The key of an item in its list. It does not change while the item exists. */
export type PageKey = readonly [number, string | number];

/**
 * A page of a list: at most `limit` items strictly after `after`, in ascending order of their keys unless the query names another
 * order.
 */
export interface PageQuery {
  /** The key of the last item before the page, which may have been deleted; `null` for the first page. */
  readonly after: PageKey | null;
  /** From 1. A storage returns all items up to this number, never fewer. */
  readonly limit: number;
}

/**
 * A page of an audit log. `oldest` is the ascending order of the keys. `newest` is the descending one: a page starts with the
 * greatest key, and the items after `after` have smaller keys.
 */
export interface EventPageQuery extends PageQuery {
  readonly order: EventOrder;
}

/** An open invitation with its workspace and the account of the user who issued it; `null` if an operator did. */
export interface ReceivedInvitation {
  readonly invitation: OpenInvitationRecord;
  readonly workspace: WorkspaceRecord;
  readonly issuer: AccountRecord | null;
}

/** A page of a list that leaves out what belongs to deleted workspaces, unless it is asked for. */
export interface ExistingPageQuery extends PageQuery {
  /** Also of workspaces whose `deletion` is not `null`. */
  readonly withDeleted?: true;
}

/** Which accounts to find. A filter that is left out admits all. */
export interface AccountFilter {
  /** What the `usernameKey` begins with. */
  readonly prefix?: string;
  readonly status?: AccountStatus;
}

/** A page of the accounts that a filter admits. */
export type AccountsQuery = AccountFilter & PageQuery;

/** Which workspaces to find. A filter that is left out admits all. */
export interface WorkspaceFilter {
  readonly ownerId?: UserId;
  readonly kind?: WorkspaceKind;
  readonly status?: WorkspaceStatus;
}

/** A page of the workspaces that a filter admits. */
export type WorkspacesQuery = WorkspaceFilter & PageQuery;

/**
 * Stores the records and events.
 *
 * `load` returns records from one consistent read. A storage that needs several reads reads the versions first, compares them
 * again after the last read, and starts over if one has changed: a commit would detect inconsistent records, but a refusal has
 * no commit. On a transaction of the app, `load` and `findMembership` return the latest committed records besides those that the
 * transaction wrote, or reject with a conflict (`isConflict`): a snapshot that the transaction took earlier must not decide
 * who may do what. Lists may be of that snapshot. Every call but `listInvitationsFor`, `listInvitationEvents`, `findAccounts`, `findWorkspaces` and `listPurgeable` names the workspace or the user, and other data is never returned. Results are frozen, or copies. An
 * outage is an exception of any class; the service wraps it. With `retryable: false` it reports a mistake in the set-up, and
 * callers are told not to retry.
 */
export interface StorageAdapter {
  /** The records of a read set. */
  load(readSet: ReadSet): Promise<Snapshot>;
  /**
   * Applies all changes and appends all events, or nothing.
   *
   * First every expected version is compared with the stored one (`conflict`), then unique keys are checked (`duplicate`):
   * the id of a user; the key of a username; the id of a workspace, also after its deletion; the key of a name per owner; a
   * member per workspace; the id of an invitation; a recipient per workspace among open invitations.
   */
  commit(commit: Commit): Promise<CommitResult>;
  /**
   * Locks the records, runs `attempt` with a storage that holds the lock, and commits what it wrote. Other callers of
   * `withLock` for the same records wait, in every process. This only avoids lost races: versions still decide. `attempt` must
   * not wait for anything else. `conflict`: the lock was not granted, and nothing was done.
   *
   * Optional: for storages that can lock.
   */
  withLock?<Value>(
    readSet: ReadSet,
    attempt: (storage: StorageAdapter) => Promise<Value>,
  ): Promise<
    { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: 'conflict' }
  >;
  /**
   * Whether an error in a transaction of the app means that it lost a race and is rolled back, so that it can be started
   * again. The error may come from an adapter, from a statement of the app, or from the commit. Never return `true` by guess.
   *
   * Optional: for storages that know the error codes of their driver.
   */
  isConflict?(error: unknown): boolean;
  /**
   * Rejects if the transaction that the adapter is on has ended, or can only be rolled back, because of an error that the
   * app caught. Called once before the app commits: some databases answer a commit with a silent rollback.
   *
   * Optional: for storages on transactions.
   */
  checkTransaction?(): Promise<void>;
  /** One membership with its workspace, also a deleted one, in one round trip: `authorize` reads nothing else. */
  findMembership(
    workspaceId: WorkspaceId,
    userId: UserId,
  ): Promise<{ readonly workspace: WorkspaceRecord; readonly member: MemberRecord } | null>;
  /** A user's workspaces, by (joinedAt, workspaceId), without deleted ones. */
  listWorkspaces(
    userId: UserId,
    page: ExistingPageQuery,
  ): Promise<readonly { readonly workspace: WorkspaceRecord; readonly member: MemberRecord }[]>;
  /**
   * A workspace's members, by (joinedAt, userId): with `role`, only those with exactly this role; with `managedBy`, only
   * those of exactly this directory. At most one of the two is given.
   */
  listMembers(
    workspaceId: WorkspaceId,
    page: PageQuery & { readonly role?: string; readonly managedBy?: string },
  ): Promise<readonly { readonly member: MemberRecord; readonly account: AccountRecord }[]>;
  /** A workspace's invitations, by (createdAt, id); with `openAt`, only those open and unexpired at that instant. */
  listInvitations(
    workspaceId: WorkspaceId,
    page: PageQuery & { readonly openAt?: number },
  ): Promise<readonly InvitationRecord[]>;
  /**
   * The open invitations for any of these recipients, in all workspaces: by (createdAt, `workspaceId,id`), the ids joined by a
   * comma and compared as one string; without those to deleted workspaces. With `openAt`, without those that have expired at
   * that instant. Recipients are compared by `recipientKey`.
   */
  listInvitationsFor(
    recipients: readonly Recipient[],
    page: ExistingPageQuery & { readonly openAt?: number },
  ): Promise<readonly ReceivedInvitation[]>;
  /** The accounts that the filter admits, by (0, `usernameKey`), also closed ones. */
  findAccounts(query: AccountsQuery): Promise<readonly AccountRecord[]>;
  /** The workspaces that the filter admits, by (0, id), also deleted ones. */
  findWorkspaces(query: WorkspacesQuery): Promise<readonly WorkspaceRecord[]>;
  /** The deleted workspaces whose `purgeAt` is this instant or earlier, by (`purgeAt`, id). */
  listPurgeable(at: number, page: PageQuery): Promise<readonly WorkspaceRecord[]>;
  /** The events of a workspace by (version, index), from either end, also after its deletion. */
  listEvents(workspaceId: WorkspaceId, page: EventPageQuery): Promise<readonly WorkspaceEvent<string>[]>;
  /**
   * The `invitation.created` events whose `invitedEmailKey` this is, in all workspaces, also in those that were deleted: by (`at` in
   * milliseconds since the epoch, id).
   */
  listInvitationEvents(
    emailKey: string,
    page: PageQuery,
  ): Promise<readonly StoredEventOf<'invitation.created'>[]>;
  /** The events of an account by (version, index), from either end. */
  listAccountEvents(userId: UserId, page: EventPageQuery): Promise<readonly AccountEvent<string>[]>;
}

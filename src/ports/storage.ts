// What the core needs of a storage. Types only; the conformance suite in `tenantry/testing` says the rest.
import type { AccountRecord } from '../domain/account.js';
import type { Commit } from '../domain/changes.js';
import type { AccountEvent, EventOrder, WorkspaceEvent } from '../domain/events.js';
import type { UserId, WorkspaceId } from '../domain/ids.js';
import type { InvitationRecord } from '../domain/invitation.js';
import type { MemberRecord } from '../domain/member.js';
import type { Slice, Snapshot } from '../domain/snapshot.js';
import type { WorkspaceRecord } from '../domain/workspace.js';

/**
 * A unique key that a commit would have broken. `username` and `name` are refusals to the caller; after any other
 * the command is decided again.
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
  /** A version that the commit expects is not the current one, or its record is gone. */
  | { readonly ok: false; readonly reason: 'conflict' }
  /** The versions were current, and a unique key stands in the way. */
  | { readonly ok: false; readonly reason: 'duplicate'; readonly field: DuplicateField };

/** The place of an item in its list: immutable as long as the item is there. */
export type PageKey = readonly [number, string | number];

/**
 * Which part of a list: at most `limit` items that come strictly after `after` in the order of the list, which is the
 * ascending order of their keys unless the query says otherwise.
 */
export interface PageQuery {
  /** The key of the last item before the page, whether that is still there or not; `null` for the first page. */
  readonly after: PageKey | null;
  /** From 1. A storage returns as many as there are, up to this; never fewer in silence. */
  readonly limit: number;
}

/**
 * Which part of an audit trail. `oldest` is the ascending order of the keys, `newest` the descending one: then a page
 * begins with the greatest key, and what comes after `after` is what has a smaller key.
 */
export interface EventPageQuery extends PageQuery {
  readonly order: EventOrder;
}

/**
 * Where records are kept.
 *
 * `load` answers with records that stood together at one instant. A storage that needs several reads for it reads the
 * versions first, compares them again after the last read, and starts over when one has moved: a commit would notice a
 * mixture, but a refusal has no commit. Every call names the workspace, and what lies in another workspace is not there. What is returned is the caller's to keep:
 * frozen, or a copy. An outage is an exception, of any class; the service wraps it.
 */
export interface StorageAdapter {
  /** The records of a slice. */
  load(slice: Slice): Promise<Snapshot>;
  /**
   * Applies all changes and appends all events, or nothing.
   *
   * First every expectation is compared with the stored version (`conflict`), then unique keys are held
   * (`duplicate`): a user's id; a username's key; a workspace's id, for ever; a name's key per owner; a member per
   * workspace; an invitation's id; a recipient per workspace among the invitations whose state is `open`.
   */
  commit(commit: Commit): Promise<CommitResult>;
  /**
   * Runs `attempt` while others who ask for the same records exclusively wait, in whatever process, on a storage of its
   * own; what `attempt` commits there counts once this resolves. Only spares races that would be lost: the versions
   * stay the rule. `attempt` must wait for nothing else. `conflict`: others were in the way, and nothing was done.
   *
   * Optional: for storages that can lock.
   */
  exclusively?<Value>(
    slice: Slice,
    attempt: (storage: StorageAdapter) => Promise<Value>,
  ): Promise<
    { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: 'conflict' }
  >;
  /**
   * Whether an error, thrown in a transaction of the host's on the same database by an adapter, by a statement of the
   * host's own or by the commit, says that others were in the way and that nothing will be kept: then the whole can be made
   * again. Never `true` by guess.
   *
   * Optional: for storages that know their driver's codes.
   */
  isConflict?(error: unknown): boolean;
  /** One membership: all that `authorize` reads, so in one round trip. */
  findMember(workspaceId: WorkspaceId, userId: UserId): Promise<MemberRecord | null>;
  /** A user's workspaces, by (joinedAt, workspaceId). */
  listWorkspaces(
    userId: UserId,
    page: PageQuery,
  ): Promise<readonly { readonly workspace: WorkspaceRecord; readonly member: MemberRecord }[]>;
  /** A workspace's members, by (joinedAt, userId). */
  listMembers(
    workspaceId: WorkspaceId,
    page: PageQuery,
  ): Promise<readonly { readonly member: MemberRecord; readonly account: AccountRecord }[]>;
  /** A workspace's invitations, by (createdAt, id); with `openAt`, only those open and not expired at that instant. */
  listInvitations(
    workspaceId: WorkspaceId,
    page: PageQuery & { readonly openAt?: number },
  ): Promise<readonly InvitationRecord[]>;
  /** What happened in a workspace, by (version, index), from either end; also after its deletion. */
  listEvents(workspaceId: WorkspaceId, page: EventPageQuery): Promise<readonly WorkspaceEvent[]>;
  /** What happened to an account, by (version, index), from either end. */
  listAccountEvents(userId: UserId, page: EventPageQuery): Promise<readonly AccountEvent[]>;
}

// The documented methods about workspaces, and their inputs.
import type { Actor, OperatorActor, UserActor } from '../../core/actor.js';
import type { UserId, WorkspaceId } from '../../core/ids.js';
import type { WorkspaceKind, WorkspaceStatus } from '../../core/workspace.js';
import type {
  DeletedWorkspace,
  FoundWorkspace,
  Membership,
  Page,
  PurgedWorkspaces,
  Workspace,
  WorkspaceDetails,
} from '../views.js';

/** Input of the methods that need only a workspace. */
export interface WorkspaceInput {
  /** The workspace. */
  readonly workspaceId: WorkspaceId;
}

/** Input of `createWorkspace`. */
export interface CreateWorkspaceInput {
  /** 1 to 100 characters; unique among the owner's workspaces, compared without case and width. */
  readonly name: string;
  /** A DNS label of your own, which makes a retry safe. Generated if it is left out. */
  readonly workspaceId?: WorkspaceId | undefined;
}

/** Input of `renameWorkspace`. */
export interface RenameWorkspaceInput extends WorkspaceInput {
  /** 1 to 100 characters. */
  readonly name: string;
}

/** Input of `deleteWorkspace`. */
export interface DeleteWorkspaceInput extends WorkspaceInput {
  /** The name as the user typed it to confirm. Compared with the workspace's name if it is given. */
  readonly confirmName?: string | undefined;
}

/** Input of `purgeWorkspaces`. */
export interface PurgeWorkspacesInput {
  /** This deleted workspace alone, also before its grace period is over. */
  readonly workspaceId?: WorkspaceId | undefined;
  /**
   * The most workspaces to purge, from 1 to 1,000.
   * @default 100
   */
  readonly limit?: number | undefined;
}

/** Input of `suspendWorkspace`. */
export interface SuspendWorkspaceInput extends WorkspaceInput {
  /** Why, in 1 to 100 characters. Members see it. */
  readonly reason: string;
}

/** Which page of a list. */
export interface PageInput {
  /**
   * The most items to return, from 1 to 200.
   * @default 50
   */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page; `null` or `undefined` for the first page. */
  readonly cursor?: string | null | undefined;
}

/** Input of `findWorkspaces`. A filter that is left out admits all. */
export interface FindWorkspacesInput extends PageInput {
  /** This workspace. */
  readonly workspaceId?: WorkspaceId | undefined;
  /** The workspaces of this owner. */
  readonly ownerId?: UserId | undefined;
  readonly kind?: WorkspaceKind | undefined;
  readonly status?: WorkspaceStatus | undefined;
}

/** Input of `listMembers`; the other lists of a workspace extend it. */
export interface WorkspacePageInput extends WorkspaceInput, PageInput {}

/** Methods about workspaces: creating, renaming, deleting, and reading them. */
export interface WorkspaceMethods<Role extends string> {
  /**
   * Creates a team workspace with the actor as its owner and only member. With a `workspaceId` of your own, a retry
   * returns the same workspace.
   *
   * @throws WorkspaceError `ACCOUNT_NOT_FOUND`, `NAME_TAKEN`, `ID_TAKEN`, `LIMIT_EXCEEDED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   *
   * const workspace = await workspaces.createWorkspace(ada, { name: 'hello' });
   * workspace.kind; // 'team'
   * workspace.ownerId; // 'u1'
   * ```
   */
  createWorkspace(actor: UserActor, input: CreateWorkspaceInput): Promise<Workspace>;

  /**
   * Renames a team workspace. Needs `workspace:rename`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `NAME_TAKEN`, `WORKSPACE_SUSPENDED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const { name } = await workspaces.renameWorkspace(ada, { workspaceId, name: 'world' });
   * name; // 'world'
   * ```
   */
  renameWorkspace(actor: Actor, input: RenameWorkspaceInput): Promise<Workspace>;

  /**
   * Deletes a team workspace with its members, invitations and quota. Operators can still read its events, and its
   * id is never issued again. Needs `workspace:delete`.
   *
   * With the option `deletion: { graceSeconds }` it is gone for everyone as well, but its records are kept: its owner and
   * operators can restore it (`restoreWorkspace`) until `purgeWorkspaces` deletes it. Meanwhile it does not count against
   * `workspacesPerOwner`, and its name stays reserved.
   *
   * Without a grace period, the quota is deleted after the commit. It remains if that call ends with `UNAVAILABLE`, or if the process dies
   * in between. An operator who repeats the call deletes it; since the workspace no longer exists, that call ends
   * with `WORKSPACE_NOT_FOUND`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `CONFIRMATION_MISMATCH`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * await workspaces.deleteWorkspace(ada, { workspaceId, confirmName: 'hello' });
   * (await workspaces.listWorkspaces(ada)).items.length; // 1: the personal one
   * ```
   */
  deleteWorkspace(actor: Actor, input: DeleteWorkspaceInput): Promise<void>;

  /**
   * Restores a deleted workspace in its grace period: members, roles, invitations and quota are as they were. Its owner and
   * operators may, as with `workspace:delete`. Does nothing if the workspace is not deleted.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND` also once it is purged, `PERMISSION_DENIED`, `LIMIT_EXCEEDED`
   * (`workspacesPerOwner`), `ACCOUNT_NOT_FOUND` if the owner has closed the account
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces({ deletion: { graceSeconds: 30 * 24 * 3600 } });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * await workspaces.deleteWorkspace(ada, { workspaceId });
   * (await workspaces.listDeletedWorkspaces(ada)).items.map(({ name }) => name); // ['hello']
   * const { status } = await workspaces.restoreWorkspace(ada, { workspaceId });
   * status; // 'active'
   * ```
   */
  restoreWorkspace(actor: Actor, input: WorkspaceInput): Promise<Workspace>;

  /**
   * Deletes workspaces for good whose grace period is over, with their members, invitations and quota. For operators: call it
   * from a nightly job until `hasMore` is `false`. A call that broke off is completed by the next one. It commits step by
   * step, so it does not work inside `withTransaction`.
   *
   * With a `workspaceId` it purges that workspace at once.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND` if there is no deleted workspace of this id
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces, clock } = createTestWorkspaces({ deletion: { graceSeconds: 3600 } });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * await workspaces.deleteWorkspace(ada, { workspaceId });
   *
   * clock.advance(3_600_000);
   * const { purged, hasMore } = await workspaces.purgeWorkspaces({ operator: 'nightly' }, { limit: 500 });
   * purged.includes(workspaceId); // true
   * hasMore; // false
   * ```
   */
  purgeWorkspaces(actor: OperatorActor, input?: PurgeWorkspacesInput): Promise<PurgedWorkspaces>;

  /**
   * Suspends a workspace, personal ones included, or changes the reason. For operators. Until `resumeWorkspace`, members
   * can view, leave, remove, delete and release; everything that adds or spends ends with `WORKSPACE_SUSPENDED`, for
   * operators too. `can` returns `false`, and `explain` has the reason.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * await workspaces.suspendWorkspace({ operator: 'billing' }, { workspaceId, reason: 'unpaid' });
   * await workspaces.can(ada, { workspaceId, permission: 'invitation:create' }); // false
   * const { reason, suspendedFor } = await workspaces.explain(ada, {
   *   workspaceId,
   *   permission: 'invitation:create',
   * });
   * reason; // 'suspended'
   * suspendedFor; // 'unpaid'
   * ```
   */
  suspendWorkspace(actor: OperatorActor, input: SuspendWorkspaceInput): Promise<Workspace>;

  /**
   * Ends the suspension of a workspace; without effect if it is active. For operators.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const billing = { operator: 'billing' };
   * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace({ userId: 'u1' }, { name: 'hello' });
   * await workspaces.suspendWorkspace(billing, { workspaceId, reason: 'unpaid' });
   *
   * const { status } = await workspaces.resumeWorkspace(billing, { workspaceId });
   * status; // 'active'
   * ```
   */
  resumeWorkspace(actor: OperatorActor, input: WorkspaceInput): Promise<Workspace>;

  /**
   * Returns one workspace, with its seats and open invitations and the limits of both, which explain a
   * `LIMIT_EXCEEDED`. Needs `workspace:view`. Calls the limits function of a team workspace, after the permission is
   * checked: if that fails, the call ends with `UNAVAILABLE`. `getMembership` calls no limits function.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * await workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses: 3 });
   *
   * const { name, seats, openInvitations } = await workspaces.getWorkspace(ada, { workspaceId });
   * name; // 'hello'
   * seats; // { used: 1, reserved: 3, limit: 100 }
   * openInvitations; // { count: 1, limit: 100 }
   * ```
   */
  getWorkspace(actor: Actor, input: WorkspaceInput): Promise<WorkspaceDetails<Role>>;

  /**
   * Returns one workspace and the actor's membership in it, from one consistent read. For users: an operator has no
   * membership. Needs `workspace:view`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const { workspace, member } = await workspaces.getMembership(ada, { workspaceId });
   * `${workspace.name}, where you are ${member.role}`; // 'hello, where you are owner'
   * workspaces.permissions.can(member.role, 'workspace:rename'); // true: show the form
   * ```
   */
  getMembership(actor: UserActor, input: WorkspaceInput): Promise<Membership<Role>>;

  /**
   * Lists the actor's workspaces with the role in each, in the order of joining.
   *
   * @throws WorkspaceError `ACCOUNT_NOT_FOUND`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const { items, nextCursor } = await workspaces.listWorkspaces(ada, { limit: 20 });
   * items.map(({ workspace }) => workspace.name); // ['ada', 'hello']
   * nextCursor; // null: that was the last page
   * ```
   */
  listWorkspaces(actor: UserActor, input?: PageInput): Promise<Page<Membership<Role>>>;

  /**
   * Lists the deleted workspaces that the user owns and can restore, by id.
   *
   * @throws WorkspaceError `ACCOUNT_NOT_FOUND`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces({ deletion: { graceSeconds: 3600 } });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * await workspaces.deleteWorkspace(ada, { workspaceId });
   *
   * const { items } = await workspaces.listDeletedWorkspaces(ada);
   * items.map(({ name, status }) => [name, status]); // [['hello', 'deleted']]
   * ```
   */
  listDeletedWorkspaces(actor: UserActor, input?: PageInput): Promise<Page<DeletedWorkspace>>;

  /**
   * Finds workspaces of all tenants: all, or those that every given filter admits. By id, page by page. For operators.
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
   * await workspaces.createWorkspace({ userId: 'u1' }, { name: 'hello' });
   *
   * const operator = { operator: 'support' };
   * const { items } = await workspaces.findWorkspaces(operator, { ownerId: 'u1', kind: 'team' });
   * items.map(({ name }) => name); // ['hello']
   * ```
   */
  findWorkspaces(actor: OperatorActor, input: FindWorkspacesInput): Promise<Page<FoundWorkspace>>;
}

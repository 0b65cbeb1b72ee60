// The documented methods about members, and their inputs.
import type { Actor, OperatorActor, UserActor } from '../../core/actor.js';
import type { UserId } from '../../core/ids.js';
import type { GrantableRole } from '../../core/permissions.js';
import type { ChangedMember, RemovedMember } from '../open-links.js';
import type { Reconciliation } from '../reconciliation-view.js';
import type { ListedMember, Member, Page } from '../views.js';
import type { WorkspaceInput, WorkspacePageInput } from './workspaces.js';

/** Input of the methods that act on a member. */
export interface MemberInput extends WorkspaceInput {
  /** The member. */
  readonly userId: UserId;
}

/** Input of `addMember`. */
export interface AddMemberInput<Role extends string> extends MemberInput {
  /** The role of the new member. */
  readonly role: GrantableRole<Role>;
  /**
   * The verified e-mail address of the user, if your app knows it. Open invitations to it end, as those to the user id do,
   * and it cannot be invited while the user is a member.
   */
  readonly email?: string | undefined;
}

/** Input of `changeRole`. */
export interface ChangeRoleInput<Role extends string> extends MemberInput {
  /** The new role. */
  readonly role: GrantableRole<Role>;
  /**
   * Also revoke the open links that offer more than the new role. Needs `invitation:revoke`; links whose role the caller
   * may not revoke stay open.
   * @default false
   */
  readonly closeLinks?: boolean | undefined;
}

/** Input of `listMembers`. */
export interface ListMembersInput<Role extends string> extends WorkspacePageInput {
  /**
   * Only the members with this role. A cursor is good for the role that it came from.
   * @default every role
   */
  readonly role?: Role | undefined;
  /**
   * Only the members whom this directory manages, as `reconcileMembers` names it; not together with `role`. A cursor is good
   * for the directory that it came from.
   * @default every member
   */
  readonly managedBy?: string | undefined;
}

/** Input of `reconcileMembers`. */
export interface ReconcileMembersInput<Role extends string> extends WorkspaceInput {
  /**
   * The directory, by a name of yours: 1 to 64 characters, none invisible. Names are compared exactly. A member whom the
   * call adds keeps it as `managedBy`.
   */
  readonly managedBy: string;
  /** All members that the directory wants in this workspace: at most 1,000, and no user twice. */
  readonly members: readonly DirectoryMember<Role>[];
  /**
   * Answers what the call would do, and does nothing.
   * @default false
   */
  readonly dryRun?: boolean | undefined;
}

/** A member whom a directory wants. */
export interface DirectoryMember<Role extends string> {
  /** The user, who must have an account. */
  readonly userId: UserId;
  readonly role: GrantableRole<Role>;
  /** As in {@link AddMemberInput}. Only for a user who is not a member yet. */
  readonly email?: string | undefined;
}

/** Input of `removeMember`. */
export interface RemoveMemberInput extends MemberInput {
  /**
   * Also revoke the open links, by which the person could join again. Needs `invitation:revoke`; links whose role the
   * caller may not revoke stay open.
   * @default false
   */
  readonly closeLinks?: boolean | undefined;
}

/** Methods about members: changing roles, removing, leaving, and listing them. */
export interface MemberMethods<Role extends string> {
  /**
   * Makes a user a member without an invitation: for provisioning by a directory, single sign-on or support. Everything
   * holds that holds for accepting an invitation, except for the invitation. Open invitations for the user end in the same
   * commit. A member who has the role already is returned, and nothing changes.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERSONAL_WORKSPACE`, `PERMISSION_DENIED` (no one can grant the role),
   * `ACCOUNT_NOT_FOUND`, `ALREADY_MEMBER` (with another role: call `changeRole`), `LIMIT_EXCEEDED`, `WORKSPACE_SUSPENDED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * await workspaces.openAccount({ userId: 'u2', username: 'ben' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const directory = { operator: 'directory' };
   * const member = await workspaces.addMember(directory, { workspaceId, userId: 'u2', role: 'developer' });
   * member.role; // 'developer'
   * ```
   */
  addMember(actor: OperatorActor, input: AddMemberInput<Role>): Promise<Member<Role>>;

  /**
   * Changes a member's role. If the member already has it, nothing changes. Needs `member:change-role` and a role
   * that may grant both the old and the new one. Open invitations that the member may no longer issue are revoked in
   * the same commit.
   *
   * A demoted member who leaves does not get the former role back by an invitation that is open now: it gives at most the
   * role held at leaving. The open links that offer more are in the answer; `closeLinks` revokes them in the same commit.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `MEMBER_NOT_FOUND`,
   * `OWNER_REQUIRED`, `WORKSPACE_SUSPENDED`, `MEMBER_MANAGED` (a directory manages the member, and the caller is a user)
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const [ada, ben] = [{ userId: 'u1' }, { userId: 'u2' }];
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * await workspaces.openAccount({ ...ben, username: 'ben' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
   * await workspaces.acceptInvitation(ben, { token });
   *
   * const { role } = await workspaces.changeRole(ada, { workspaceId, userId: 'u2', role: 'manager' });
   * role; // 'manager'
   * ```
   */
  changeRole(actor: Actor, input: ChangeRoleInput<Role>): Promise<ChangedMember<Role>>;

  /**
   * Removes a member with immediate effect, and revokes the open invitations that the member issued. Needs
   * `member:remove` and a role that may grant the member's. Removing yourself is leaving: it needs no permission,
   * and hooks of `leaveWorkspace` run too.
   *
   * The open links, by which the person could join again, are in the answer; `closeLinks` revokes them in the same commit.
   * An invitation that was open before gives the person at most the role held until now.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `MEMBER_NOT_FOUND`,
   * `OWNER_REQUIRED`, `MEMBER_MANAGED` (a directory manages the member, and the caller is a user)
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const [ada, ben] = [{ userId: 'u1' }, { userId: 'u2' }];
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * await workspaces.openAccount({ ...ben, username: 'ben' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
   * await workspaces.acceptInvitation(ben, { token });
   *
   * await workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses: 'unlimited' });
   * const { openLinks } = await workspaces.removeMember(ada, { workspaceId, userId: 'u2' });
   * await workspaces.can(ben, { workspaceId, permission: 'workspace:view' }); // false
   * openLinks.length; // 1: pass `closeLinks: true` to revoke it with the removal
   * ```
   */
  removeMember(actor: Actor, input: RemoveMemberInput): Promise<RemovedMember<Role>>;

  /**
   * Makes the members of one directory equal to its desired state: adds, changes and removes until exactly `members` are
   * managed by it. For a directory that sends its whole state, as by a nightly job.
   *
   * It takes several commits of at most 50 users each: removals first, because they free seats. If the call is interrupted,
   * make it again: it goes on. The same state again changes nothing and emits no event. Make one call at a time for a
   * directory. It cannot be called inside `withTransaction`, because it commits step by step.
   *
   * The rules of `addMember`, `changeRole` and `removeMember` hold for each user, and what they refuse is in the answer:
   *
   * - `LIMIT_EXCEEDED`: no seat is left. Seats that open invitations reserve count.
   * - `ACCOUNT_NOT_FOUND`: call `openAccount` first.
   * - `ALREADY_MEMBER`: a member whom no directory manages. `removeMember` first, to let the directory manage the user.
   * - `MEMBER_MANAGED`: another directory manages the member.
   * - `WORKSPACE_SUSPENDED`: members are still removed, but none are added or changed.
   * - `PERMISSION_DENIED`: no one can grant the role.
   *
   * The owner is never changed or removed, and is always in `kept`. Users cannot change or remove a managed member, who cannot
   * leave either (`MEMBER_MANAGED`). Operators can, and closing the account ends the membership.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERSONAL_WORKSPACE`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * await workspaces.openAccount({ userId: 'u2', username: 'ben' });
   * await workspaces.openAccount({ userId: 'u3', username: 'cem' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const sync = { operator: 'directory sync' };
   * const directory = { workspaceId, managedBy: 'entra' };
   * const [ben, cem] = [{ userId: 'u2', role: 'developer' as const }, { userId: 'u3', role: 'manager' as const }];
   * await workspaces.reconcileMembers(sync, { ...directory, members: [ben, cem] });
   *
   * const { removed, kept } = await workspaces.reconcileMembers(sync, { ...directory, members: [cem] });
   * removed; // [{ userId: 'u2', role: 'developer' }]
   * kept; // [{ userId: 'u3', code: null }, { userId: 'u1', code: 'OWNER_REQUIRED' }]
   * ```
   */
  reconcileMembers(actor: OperatorActor, input: ReconcileMembersInput<Role>): Promise<Reconciliation<Role>>;

  /**
   * Ends the actor's own membership, and revokes the open invitations that the actor issued. An invitation that was open
   * before admits the actor again with at most the role held until now.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERSONAL_WORKSPACE`, `OWNER_REQUIRED`, `MEMBER_MANAGED` (the
   * directory ends the membership)
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const [ada, ben] = [{ userId: 'u1' }, { userId: 'u2' }];
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * await workspaces.openAccount({ ...ben, username: 'ben' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
   * await workspaces.acceptInvitation(ben, { token });
   *
   * await workspaces.leaveWorkspace(ben, { workspaceId });
   * const { items } = await workspaces.listMembers(ada, { workspaceId });
   * items.length; // 1: ada alone
   * ```
   */
  leaveWorkspace(actor: UserActor, input: WorkspaceInput): Promise<void>;

  /**
   * Lists the members in the order of joining, all or those with one role. Needs `member:view`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const [ada, ben] = [{ userId: 'u1' }, { userId: 'u2' }];
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * await workspaces.openAccount({ ...ben, username: 'ben' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
   * await workspaces.acceptInvitation(ben, { token });
   *
   * const first = await workspaces.listMembers(ada, { workspaceId, limit: 1 });
   * const second = await workspaces.listMembers(ada, { workspaceId, limit: 1, cursor: first.nextCursor });
   * second.items.map(({ username, role }) => [username, role]); // [['ben', 'developer']]
   * ```
   */
  listMembers(actor: Actor, input: ListMembersInput<Role>): Promise<Page<ListedMember<Role>>>;
}

// The documented methods about members, and their inputs.
import type { Actor, OperatorActor, UserActor } from '../../core/actor.js';
import type { UserId } from '../../core/ids.js';
import type { GrantableRole } from '../../core/permissions.js';
import type { ChangedMember, RemovedMember } from '../open-links.js';
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
   * `OWNER_REQUIRED`, `WORKSPACE_SUSPENDED`
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
   * `OWNER_REQUIRED`
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
   * Ends the actor's own membership, and revokes the open invitations that the actor issued. An invitation that was open
   * before admits the actor again with at most the role held until now.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERSONAL_WORKSPACE`, `OWNER_REQUIRED`
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

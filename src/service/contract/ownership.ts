// The documented methods about ownership, and their inputs.
import type { Actor, UserActor } from '../../core/actor.js';
import type { GrantableRole } from '../../core/permissions.js';
import type { OwnershipOffer, Workspace } from '../views.js';
import type { MemberInput } from './members.js';
import type { WorkspaceInput } from './workspaces.js';

/** Input of `transferOwnership`. */
export interface TransferOwnershipInput<Role extends string> extends MemberInput {
  /**
   * The former owner's new role.
   * @default the first role that the owner grants, in the order of the matrix: `manager` in the default matrix
   */
  readonly formerOwnerRole?: GrantableRole<Role> | undefined;
}

/** Input of `offerOwnership`. */
export interface OfferOwnershipInput<Role extends string> extends TransferOwnershipInput<Role> {
  /**
   * How long the member may accept: from 60 seconds to 30 days.
   * @default 604800, 7 days
   */
  readonly expiresInSeconds?: number | undefined;
}

/** Methods about the ownership of a workspace. */
export interface OwnershipMethods<Role extends string> {
  /**
   * Makes another member the owner, in one commit with the former owner's new role. For the owner and for operators.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `MEMBER_NOT_FOUND`,
   * `LIMIT_EXCEEDED` (any limit of the new owner: `workspacesPerOwner`, `membersPerWorkspace` with the reserved seats,
   * `openInvitationsPerWorkspace`), `NAME_TAKEN` (the new owner has a workspace of that name), `CONSENT_REQUIRED` (with
   * `ownershipTransfer: 'consent'`), `WORKSPACE_SUSPENDED`
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
   * const workspace = await workspaces.transferOwnership(ada, { workspaceId, userId: 'u2' });
   * workspace.ownerId; // 'u2'
   * const { member } = await workspaces.getMembership(ada, { workspaceId });
   * member.role; // 'manager'
   * ```
   */
  transferOwnership(actor: Actor, input: TransferOwnershipInput<Role>): Promise<Workspace>;

  /**
   * Offers the ownership to another member, who becomes the owner by accepting. For the owner and for operators. There is
   * one offer at a time. It ends when it expires, is declined or withdrawn, when the member leaves or is removed, and when
   * the workspace gets another owner. The same call again returns the same offer.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `MEMBER_NOT_FOUND` (also for the
   * owner), `OFFER_EXISTS` (an open offer to another member, or with another role), `WORKSPACE_SUSPENDED`
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
   * const offer = await workspaces.offerOwnership(ada, { workspaceId, userId: 'u2' });
   * offer.formerOwnerRole; // 'manager'
   * const { ownerId } = await workspaces.acceptOwnership(ben, { workspaceId });
   * ownerId; // 'u2'
   * ```
   */
  offerOwnership(actor: Actor, input: OfferOwnershipInput<Role>): Promise<OwnershipOffer<Role>>;

  /**
   * Makes the caller the owner, by an open offer to the caller. Repeated by the owner, it changes nothing.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `OFFER_NOT_FOUND`, `LIMIT_EXCEEDED` (any limit of the caller, as for
   * `transferOwnership`), `NAME_TAKEN` (the caller has a workspace of that name), `WORKSPACE_SUSPENDED`, `NOT_ON_BEHALF`
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
   * await workspaces.offerOwnership(ada, { workspaceId, userId: 'u2', formerOwnerRole: 'developer' });
   * const { ownerId } = await workspaces.acceptOwnership(ben, { workspaceId });
   * ownerId; // 'u2'
   * const { member } = await workspaces.getMembership(ada, { workspaceId });
   * member.role; // 'developer'
   * ```
   */
  acceptOwnership(actor: UserActor, input: WorkspaceInput): Promise<Workspace>;

  /**
   * Declines the offer of the ownership to the caller; without effect if no offer is open.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `OFFER_NOT_FOUND` (the open offer is for another member)
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
   * await workspaces.offerOwnership(ada, { workspaceId, userId: 'u2' });
   * await workspaces.declineOwnership(ben, { workspaceId });
   * (await workspaces.getWorkspace(ada, { workspaceId })).ownershipOffer; // null
   * ```
   */
  declineOwnership(actor: UserActor, input: WorkspaceInput): Promise<void>;

  /**
   * Withdraws the open offer of the ownership; without effect if no offer is open. For the owner and for operators.
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
   * await workspaces.offerOwnership(ada, { workspaceId, userId: 'u2' });
   * await workspaces.withdrawOwnershipOffer(ada, { workspaceId });
   * (await workspaces.getWorkspace(ada, { workspaceId })).ownershipOffer; // null
   * ```
   */
  withdrawOwnershipOffer(actor: Actor, input: WorkspaceInput): Promise<void>;
}

// The documented methods about invitations, and their inputs.
import type { Actor, UserActor } from '../../core/actor.js';
import type { InvitationId } from '../../core/ids.js';
import type { MaxUses, Recipient } from '../../core/invitation.js';
import type { GrantableRole } from '../../core/permissions.js';
import type { Invitation, InvitationPreview, IssuedInvitation, MyInvitation } from '../invitation-views.js';
import type { Membership, Page } from '../views.js';
import type { PageInput, WorkspaceInput, WorkspacePageInput } from './workspaces.js';

/** Input of `inviteMember`. */
export interface InviteMemberInput<Role extends string> extends WorkspaceInput {
  /** The role of the members who join with the invitation. */
  readonly role: GrantableRole<Role>;
  /**
   * How many users may accept: 1 to 1,000,000, each with a reserved seat; or `'unlimited'`, without reserved seats.
   * @default 1
   */
  readonly maxUses?: MaxUses | undefined;
  /**
   * The lifetime of the link in seconds, from 60 to 2,592,000 (30 days).
   * @default 604800 (7 days)
   */
  readonly expiresInSeconds?: number | undefined;
  /** The only user who may accept. At most one open invitation per recipient and workspace. */
  readonly recipient?: Recipient | undefined;
  /**
   * An id of your own, 1 to 64 characters of `A-Z`, `a-z`, `0-9`, `_` and `-`, which makes a retry safe: the same id with
   * the same values, by the same actor, returns the same invitation with a new link, and the previous link stops working.
   * @default a generated id
   */
  readonly invitationId?: InvitationId | undefined;
}

/** Input of the methods that name an invitation by its id. */
export interface InvitationInput extends WorkspaceInput {
  /** The invitation. */
  readonly invitationId: InvitationId;
}

/** Input of `reissueInvitation`. */
export interface ReissueInvitationInput<Role extends string> extends InvitationInput {
  /**
   * Another role for the members who join from now on.
   * @default the role of the invitation
   */
  readonly role?: GrantableRole<Role> | undefined;
  /**
   * The lifetime of the new link in seconds, from 60 to 2,592,000 (30 days).
   * @default the lifetime of the previous link
   */
  readonly expiresInSeconds?: number | undefined;
}

/** Input of the methods that take an invitation token. */
export interface TokenInput {
  /** The token from the link. */
  readonly token: string;
}

/**
 * Input of the methods that answer an invitation: the token from the link, or the ids of an invitation for the caller, as
 * `listMyInvitations` lists them.
 */
export type AnswerInvitationInput =
  | (TokenInput & { readonly workspaceId?: undefined; readonly invitationId?: undefined })
  | (InvitationInput & { readonly token?: undefined });

/** Input of `listInvitations`. */
export interface ListInvitationsInput extends WorkspacePageInput {
  /**
   * `open`: only invitations that can still be accepted.
   * @default 'all'
   */
  readonly status?: 'open' | 'all' | undefined;
}

/** Methods about invitations: issuing, answering, and listing them. */
export interface InvitationMethods<Role extends string> {
  /**
   * Creates an invitation and its link. The token is returned only here. Needs `invitation:create` and a role that
   * may grant the role invited to. An invitation with a finite number of uses reserves a seat for each.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `ALREADY_MEMBER`,
   * `ALREADY_INVITED` (with the id of the open invitation: reissue it), `LIMIT_EXCEEDED` (also of
   * `invitationsPerActorPerDay`, if the actor is a user); with an `invitationId` of your own also `ID_TAKEN` (another
   * invitation has it), and, if the invitation has ended, `INVITATION_USED`, `INVITATION_REVOKED`, `INVITATION_DECLINED`,
   * `INVITATION_EXPIRED`, `WORKSPACE_SUSPENDED`
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
   * const { url, invitation } = await workspaces.inviteMember(ada, {
   *   workspaceId,
   *   role: 'developer',
   *   maxUses: 3,
   *   expiresInSeconds: 24 * 60 * 60,
   * });
   * url; // 'https://tenantry.test/join#...': send it
   * invitation.status; // 'open'
   * ```
   */
  inviteMember(actor: Actor, input: InviteMemberInput<Role>): Promise<IssuedInvitation<Role>>;

  /**
   * Replaces the token of an invitation that is open or has expired. The old token stops working immediately, the lifetime
   * starts again, and the actor becomes the issuer. Needs the same rights as `inviteMember`, for the former role and for
   * the new one. An expired invitation is opened again if the limits permit it, as they permit a new one.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `INVITATION_NOT_FOUND`, `INVITATION_EXPIRED` once its address was erased,
   * `INVITATION_USED`, `INVITATION_REVOKED`, `INVITATION_DECLINED`, `LIMIT_EXCEEDED` (`invitationsPerActorPerDay`, if the
   * actor is a user, and the limits of the workspace, if the invitation had expired); if it had expired, also
   * `ALREADY_MEMBER` and `ALREADY_INVITED`, `WORKSPACE_SUSPENDED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const { token, invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
   *
   * const reissued = await workspaces.reissueInvitation(ada, { workspaceId, invitationId: invitation.id });
   * reissued.token === token; // false, and the first opens nothing any more
   * ```
   */
  reissueInvitation(actor: Actor, input: ReissueInvitationInput<Role>): Promise<IssuedInvitation<Role>>;

  /**
   * Ends an open invitation and frees its seats. An invitation that has already ended in another way stays as it is.
   * Needs `invitation:revoke` and a role that may grant the role invited to.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `INVITATION_NOT_FOUND`,
   * `INVITATION_USED` (a user has joined with it)
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
   *
   * const { status } = await workspaces.revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
   * status; // 'revoked'
   * ```
   */
  revokeInvitation(actor: Actor, input: InvitationInput): Promise<Invitation<Role>>;

  /**
   * Returns what the holder of an invitation's token may see. Changes nothing.
   *
   * @throws WorkspaceError `INVITATION_INVALID`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
   *
   * const preview = await workspaces.previewInvitation({ token });
   * `${preview.invitedBy} invites you to ${preview.workspaceName}`; // 'ada invites you to hello'
   * preview.status; // 'open'
   * ```
   */
  previewInvitation(input: TokenInput): Promise<InvitationPreview<Role>>;

  /**
   * Joins the workspace of the invitation. A retry by the same user returns the same membership. By its ids, without a
   * token, only an invitation for the caller can be accepted: for this user id, or this verified address. Any other id is
   * `INVITATION_INVALID`, as one that does not exist.
   *
   * @throws WorkspaceError `INVITATION_INVALID`, `INVITATION_USED`, `INVITATION_REVOKED`, `INVITATION_DECLINED`,
   * `INVITATION_EXPIRED`, `INVITATION_RECIPIENT_MISMATCH`, `RECIPIENT_NOT_VERIFIED`, `ACCOUNT_NOT_FOUND`,
   * `ALREADY_MEMBER`, `LIMIT_EXCEEDED`, `PERSONAL_WORKSPACE`, `WORKSPACE_SUSPENDED`
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
   *
   * const { workspace, member } = await workspaces.acceptInvitation(ben, { token });
   * workspace.name; // 'hello'
   * member.role; // 'developer'
   * ```
   */
  acceptInvitation(actor: UserActor, input: AnswerInvitationInput): Promise<Membership<Role>>;

  /**
   * Declines an invitation. If it is for one person, that ends it and frees its seat; a link for several people
   * stays open. By its ids, only an invitation for the caller can be declined, as with `acceptInvitation`.
   *
   * @throws WorkspaceError `INVITATION_INVALID`, `INVITATION_USED`, `INVITATION_REVOKED`, `INVITATION_EXPIRED`,
   * `INVITATION_RECIPIENT_MISMATCH`, `RECIPIENT_NOT_VERIFIED`, `ACCOUNT_NOT_FOUND`, `ALREADY_MEMBER`,
   * `PERSONAL_WORKSPACE`
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
   *
   * await workspaces.declineInvitation(ben, { token });
   * const { status } = await workspaces.previewInvitation({ token });
   * status; // 'declined'
   * ```
   */
  declineInvitation(actor: UserActor, input: AnswerInvitationInput): Promise<void>;

  /**
   * Lists the open invitations for the caller in all workspaces, in the order of creation: those for this user id, and,
   * if the actor has `emailVerified: true`, those for this address. Accept or decline one by its ids. Links without a
   * recipient are not listed: only their token opens them.
   *
   * @throws WorkspaceError `ACCOUNT_NOT_FOUND`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * const ben = { userId: 'u2', email: 'ben@example.com', emailVerified: true };
   * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
   * await workspaces.openAccount({ userId: 'u2', username: 'ben' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * await workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient: { email: 'ben@example.com' } });
   *
   * const { items } = await workspaces.listMyInvitations(ben);
   * for (const { workspaceName, workspaceId, invitationId } of items) {
   *   workspaceName; // 'hello'
   *   await workspaces.acceptInvitation(ben, { workspaceId, invitationId });
   * }
   * await workspaces.can(ben, { workspaceId, permission: 'workspace:view' }); // true
   * ```
   */
  listMyInvitations(actor: UserActor, input?: PageInput): Promise<Page<MyInvitation<Role>>>;

  /**
   * Lists the invitations in the order of creation, without their tokens. Needs `invitation:view`.
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
   * await workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient: { email: 'ben@example.com' } });
   *
   * const { items } = await workspaces.listInvitations(ada, { workspaceId, status: 'open' });
   * items[0]?.recipient; // { email: 'ben@example.com' }
   * ```
   */
  listInvitations(actor: Actor, input: ListInvitationsInput): Promise<Page<Invitation<Role>>>;
}

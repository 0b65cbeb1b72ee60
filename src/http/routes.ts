// One row per route: verb, path, summary, and what it answers. Everything else comes from the registry of methods.
import type { CallerKind } from '../commands/define.js';
import type { MethodName } from '../commands/index.js';
import type { WorkspaceErrorCode } from '../errors.js';
import type { AnswerName } from './answers.js';

/** The methods that have a route: all but `withQuota`, which runs a function of your app. */
export type RouteName = Exclude<MethodName, 'withQuota'>;

/** A route, apart from the service behind it. */
export interface RouteShape {
  readonly verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With a `{field}` for each field of the input that is in the path. */
  readonly path: string;
  /** One line. */
  readonly summary: string;
  /** The name of the answer's schema in OpenAPI; `null` for an empty answer with status 204. */
  readonly answer: string | null;
  /** @default 200, or 204 without an answer */
  readonly status?: 201;
  /** Who may call it. `subject` is the user whom the input names, or an operator. */
  readonly caller: CallerKind;
  /** The error codes of its method, besides those that every route may answer. */
  readonly errors: readonly WorkspaceErrorCode[];
}

/** A route as it is declared. */
export interface RouteRow extends Omit<RouteShape, 'answer' | 'caller' | 'errors'> {
  readonly answer: AnswerName | null;
  /** The field that holds the result, where the answer wraps it. */
  readonly wrappedIn?: string;
  /** Who may call the route, if fewer than may call the method. */
  readonly caller?: CallerKind;
  /** Whether the route exists only if the option `methods` names it. */
  readonly isOptIn?: true;
}

// A charge belongs to a resource that your app creates and deletes. A user who could release it by request would have the
// resource for free.
const operatorsOnly = { caller: 'operator', isOptIn: true } as const;

export const routeRows = {
  openAccount: {
    verb: 'PUT',
    path: '/accounts/{userId}',
    summary: 'Open an account with its personal workspace, or bring its display name up to date',
    answer: 'OpenedAccount',
    // Users would choose their usernames, and find out which are in use.
    isOptIn: true,
  },
  renameAccount: {
    verb: 'PATCH',
    path: '/accounts/{userId}',
    summary: 'Rename an account and its personal workspace',
    answer: 'Account',
    isOptIn: true,
  },
  closeAccount: {
    // Not DELETE: its input would be a query, and addresses would be in logs of URLs.
    verb: 'POST',
    path: '/accounts/{userId}/close',
    summary: 'Close an account: end its memberships, free its username, and erase its names if asked',
    answer: null,
    isOptIn: true,
  },
  findAccounts: {
    verb: 'GET',
    path: '/accounts',
    summary: 'Find accounts by id, by the beginning of the username, or by status',
    answer: 'FoundAccountPage',
    ...operatorsOnly,
  },
  findWorkspaces: {
    verb: 'GET',
    path: '/all-workspaces',
    summary: 'Find workspaces of all tenants by id, owner, kind or status',
    answer: 'FoundWorkspacePage',
    ...operatorsOnly,
  },
  listAccountEvents: {
    verb: 'GET',
    path: '/accounts/{userId}/events',
    summary: 'List the events of an account',
    answer: 'AccountEventPage',
  },
  listWorkspaces: {
    verb: 'GET',
    path: '/workspaces',
    summary: 'List the workspaces of the caller, with the role in each',
    answer: 'MembershipPage',
  },
  createWorkspace: {
    verb: 'POST',
    path: '/workspaces',
    summary: 'Create a team workspace; with an id of your own, a retry is safe',
    answer: 'Workspace',
    status: 201,
  },
  activeWorkspace: {
    verb: 'GET',
    path: '/active-workspace',
    summary: 'Get the workspace last switched to, or the personal one',
    answer: 'ActiveWorkspace',
  },
  getWorkspace: {
    verb: 'GET',
    path: '/workspaces/{workspaceId}',
    summary: 'Get a workspace, with its seats and open invitations',
    answer: 'WorkspaceDetails',
  },
  getMembership: {
    verb: 'GET',
    path: '/workspaces/{workspaceId}/membership',
    summary: 'Get a workspace with the role of the caller in it',
    answer: 'Membership',
  },
  renameWorkspace: {
    verb: 'PATCH',
    path: '/workspaces/{workspaceId}',
    summary: 'Rename a team workspace',
    answer: 'Workspace',
  },
  updateAttributes: {
    verb: 'PATCH',
    path: '/workspaces/{workspaceId}/attributes',
    summary: 'Set or remove attributes of a workspace, or of the member that `userId` names',
    answer: 'UpdatedAttributes',
  },
  deleteWorkspace: {
    verb: 'DELETE',
    path: '/workspaces/{workspaceId}',
    summary: 'Delete a team workspace with its members, invitations and quota',
    answer: null,
  },
  restoreWorkspace: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/restore',
    summary: 'Restore a deleted workspace of the caller as it was',
    answer: 'Workspace',
  },
  listDeletedWorkspaces: {
    verb: 'GET',
    path: '/deleted-workspaces',
    summary: 'List the deleted workspaces of the caller that can be restored',
    answer: 'DeletedWorkspacePage',
  },
  purgeWorkspaces: {
    verb: 'POST',
    path: '/deleted-workspaces/purge',
    summary: 'Delete workspaces for good whose grace period is over',
    answer: 'PurgedWorkspaces',
    ...operatorsOnly,
  },
  suspendWorkspace: {
    verb: 'PUT',
    path: '/workspaces/{workspaceId}/suspension',
    summary: 'Suspend a workspace, or change the reason',
    answer: 'Workspace',
    isOptIn: true,
  },
  resumeWorkspace: {
    verb: 'DELETE',
    path: '/workspaces/{workspaceId}/suspension',
    summary: 'Resume a suspended workspace',
    answer: 'Workspace',
    isOptIn: true,
  },
  transferOwnership: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/transfer',
    summary: 'Make another member the owner',
    answer: 'Workspace',
  },
  offerOwnership: {
    verb: 'PUT',
    path: '/workspaces/{workspaceId}/ownership-offer',
    summary: 'Offer the ownership to another member',
    answer: 'OwnershipOffer',
  },
  acceptOwnership: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/ownership-offer/accept',
    summary: 'Become the owner by the offer to the caller',
    answer: 'Workspace',
  },
  declineOwnership: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/ownership-offer/decline',
    summary: 'Decline the offer of the ownership to the caller',
    answer: null,
  },
  withdrawOwnershipOffer: {
    verb: 'DELETE',
    path: '/workspaces/{workspaceId}/ownership-offer',
    summary: 'Withdraw the offer of the ownership',
    answer: null,
  },
  switchWorkspace: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/switch',
    summary: 'Make a workspace the active one, and get a session token',
    answer: 'Session',
  },
  listEvents: {
    verb: 'GET',
    path: '/workspaces/{workspaceId}/events',
    summary: 'List the events of a workspace',
    answer: 'WorkspaceEventPage',
  },
  listMembers: {
    verb: 'GET',
    path: '/workspaces/{workspaceId}/members',
    summary: 'List the members in the order of joining',
    answer: 'MemberPage',
  },
  reconcileMembers: {
    verb: 'PUT',
    path: '/workspaces/{workspaceId}/directories/{managedBy}/members',
    summary: 'Make the members of a directory equal to its desired state; a retry goes on',
    answer: 'Reconciliation',
    isOptIn: true,
  },
  addMember: {
    verb: 'PUT',
    path: '/workspaces/{workspaceId}/members/{userId}',
    summary: 'Make a user a member without an invitation; a retry is safe',
    answer: 'Member',
    isOptIn: true,
  },
  changeRole: {
    verb: 'PATCH',
    path: '/workspaces/{workspaceId}/members/{userId}',
    summary: 'Change the role of a member',
    answer: 'ChangedMember',
  },
  removeMember: {
    verb: 'DELETE',
    path: '/workspaces/{workspaceId}/members/{userId}',
    summary: 'Remove a member with immediate effect',
    answer: 'RemovedMember',
  },
  leaveWorkspace: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/leave',
    summary: 'Leave a workspace',
    answer: null,
  },
  listInvitations: {
    verb: 'GET',
    path: '/workspaces/{workspaceId}/invitations',
    summary: 'List the invitations, without their tokens',
    answer: 'InvitationPage',
  },
  inviteMember: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/invitations',
    summary:
      'Create an invitation and its link; the token is returned only here; with an id of your own, a retry is safe',
    answer: 'IssuedInvitation',
    status: 201,
  },
  reissueInvitation: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/invitations/{invitationId}/reissue',
    summary: 'Replace the token of an open or expired invitation; the old one stops working immediately',
    answer: 'IssuedInvitation',
  },
  revokeInvitation: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/invitations/{invitationId}/revoke',
    summary: 'End an open invitation and free its seats',
    answer: 'Invitation',
  },
  // Tokens are sent in bodies, because paths and queries end up in logs and histories.
  previewInvitation: {
    verb: 'POST',
    path: '/invitations/preview',
    summary: 'Get what the holder of an invitation’s token may see; changes nothing',
    answer: 'InvitationPreview',
  },
  acceptInvitation: {
    verb: 'POST',
    path: '/invitations/accept',
    summary: 'Join the workspace of an invitation, by its token or, if it is for the caller, by its ids',
    answer: 'Membership',
  },
  declineInvitation: {
    verb: 'POST',
    path: '/invitations/decline',
    summary: 'Decline an invitation, by its token or its ids, which ends it if it is for one person',
    answer: null,
  },
  listMyInvitations: {
    verb: 'GET',
    path: '/invitations',
    summary: 'List the open invitations for the caller, in all workspaces',
    answer: 'MyInvitationPage',
  },
  verifySession: {
    verb: 'POST',
    path: '/sessions/verify',
    summary: 'Get the claims of a session token',
    answer: 'VerifiedSession',
  },
  can: {
    verb: 'GET',
    path: '/workspaces/{workspaceId}/can',
    summary: 'Check whether the caller holds a permission',
    answer: 'Answer',
    wrappedIn: 'allowed',
  },
  authorize: {
    verb: 'GET',
    path: '/workspaces/{workspaceId}/authorize',
    summary: 'Get the caller’s membership if it holds a permission; null for an operator',
    answer: 'Authorization',
    wrappedIn: 'member',
  },
  explain: {
    verb: 'GET',
    path: '/workspaces/{workspaceId}/explain',
    summary: 'Check whether the caller holds a permission, with the reason',
    answer: 'Explanation',
  },
  getQuota: {
    verb: 'GET',
    path: '/workspaces/{workspaceId}/quota',
    summary: 'Get the limits, the use and the reservations of a workspace',
    answer: 'QuotaReport',
  },
  setQuota: {
    verb: 'PATCH',
    path: '/workspaces/{workspaceId}/quota',
    summary: 'Set limits of a workspace; resources that are not named keep theirs',
    answer: 'QuotaReport',
    ...operatorsOnly,
  },
  reserveQuota: {
    verb: 'PUT',
    path: '/workspaces/{workspaceId}/reservations/{reservationId}',
    summary: 'Reserve amounts until they are committed, released or expire',
    answer: 'Reservation',
    ...operatorsOnly,
  },
  commitQuota: {
    verb: 'POST',
    path: '/workspaces/{workspaceId}/reservations/{reservationId}/commit',
    summary: 'Turn a reservation into use',
    answer: 'Reservation',
    ...operatorsOnly,
  },
  resizeQuota: {
    // Not a path below it: with the id `.` that would be the path of a reservation.
    verb: 'PATCH',
    path: '/workspaces/{workspaceId}/reservations/{reservationId}',
    summary: 'Change the amounts of what is in use',
    answer: 'Reservation',
    ...operatorsOnly,
  },
  releaseQuota: {
    verb: 'DELETE',
    path: '/workspaces/{workspaceId}/reservations/{reservationId}',
    summary: 'Return what a reservation holds or uses',
    answer: null,
    ...operatorsOnly,
  },
} as const satisfies Readonly<Record<RouteName, RouteRow>>;

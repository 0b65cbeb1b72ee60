// The faults that the naive storage can have, one at a time: typical faults of real storages.
export type Fault =
  | 'no version check'
  | 'erases no event'
  | 'erases events by their version alone'
  | 'lists events that name others'
  | 'no unique keys'
  | 'no transaction'
  | 'events outside the transaction'
  | 'aliased records'
  | 'ignores the workspace'
  | 'keeps rows of deleted workspaces'
  | 'gives ids out again'
  | 'skips items of equal times'
  | 'ignores the order'
  | 'turns a page of the oldest around'
  | 'sorts newest first and seeks as oldest first'
  | 'seconds instead of milliseconds'
  | 'folds the case of ids'
  | 'updates members by their user alone'
  | 'deletes members by their user alone'
  | 'updates invitations by their id alone'
  | 'empties all workspaces with the one that is deleted'
  | 'does not delete members'
  | 'forgets by which invitation a member came'
  | 'forgets by which directory a member is managed'
  | 'forgets addresses'
  | 'forgets open links'
  | 'forgets departures'
  | 'lets updates take a key'
  | 'calls a key that an update takes a conflict'
  | 'calls a key that an update takes an id'
  | 'looks for a name under the former owner'
  | 'lists members with an account of anybody'
  | 'lists workspaces with one of anybody'
  | 'lists what has ended as open'
  | 'lists what has expired as open'
  | 'drops a recipient'
  | 'lists members of every role'
  | 'lists members of every directory'
  | 'reads the first of a list'
  | 'lists what has ended for a recipient'
  | 'lists what has expired for a recipient'
  | 'lists what is for others'
  | 'lists invitations with a workspace of anybody'
  | 'lists invitations with an issuer of anybody'
  | 'ignores a prefix'
  | 'finds accounts of any status'
  | 'finds what others own'
  | 'finds either kind'
  | 'finds what is suspended as active'
  | 'lists what is deleted'
  | 'never lists what is deleted'
  | 'lists invitations to what is deleted'
  | 'purges before the grace period is over'
  | StaleField;

/** The fields that an update can change, and that a storage can forget to write. */
export const changing = {
  account: [
    'username',
    'usernameKey',
    'displayName',
    'activeWorkspaceId',
    'ownedTeams',
    'invitedSince',
    'invited',
    'status',
    'version',
    'openedVersion',
  ],
  workspace: [
    'name',
    'nameKey',
    'ownerId',
    'memberCount',
    'openInvitations',
    'reservedSeats',
    'suspendedFor',
    'offer',
    'deletion',
    'attributes',
    'version',
  ],
  member: ['role', 'emailKey', 'managedBy', 'attributes'],
  departure: ['role', 'version'],
  invitation: ['issuedBy', 'secretHash', 'issuedAt', 'issuedVersion', 'expiresAt', 'uses', 'state'],
} as const;

type Changing = typeof changing;

/** Updates of a table leave one of its fields unchanged. */
export type StaleField = {
  [Table in keyof Changing]: `${Table}.update keeps ${Changing[Table][number]}`;
}[keyof Changing];

export const staleFields: readonly StaleField[] = [
  ...changing.account.map((field) => `account.update keeps ${field}` as const),
  ...changing.workspace.map((field) => `workspace.update keeps ${field}` as const),
  ...changing.member.map((field) => `member.update keeps ${field}` as const),
  ...changing.departure.map((field) => `departure.update keeps ${field}` as const),
  ...changing.invitation.map((field) => `invitation.update keeps ${field}` as const),
];

// The stored record of a user's account.
import type { UserId, WorkspaceId } from './ids.js';
import { nameKey } from './names.js';

/**
 * `closing`: the user has no access any more, and what belongs to the account is being removed. `closed`: nothing is left but
 * the record, which a new account of the same user id replaces.
 */
export type AccountStatus = 'open' | 'closing' | 'closed';

/** The stored record of an account. Times are milliseconds since the epoch. */
export interface AccountRecord {
  readonly userId: UserId;
  readonly status: AccountStatus;
  readonly username: string;
  /** The username as it is compared, with the user id where usernames need not be unique; unique among all accounts. */
  readonly usernameKey: string;
  readonly displayName: string | null;
  readonly personalWorkspaceId: WorkspaceId;
  /** The workspace last switched to. A preference: it may have been deleted or left. */
  readonly activeWorkspaceId: WorkspaceId;
  /** The number of owned team workspaces, which `workspacesPerOwner` limits. */
  readonly ownedTeams: number;
  /** When the window of 24 hours began that `invited` counts: with its first invitation. 0 if the user never invited. */
  readonly invitedSince: number;
  /** Invitations that the user created or reissued in this window, which `invitationsPerActorPerDay` limits. */
  readonly invited: number;
  readonly version: number;
  /** The version that opening the account made: greater than 1 if the user id had an account before, which was closed. */
  readonly openedVersion: number;
  readonly createdAt: number;
}

/**
 * The `usernameKey` of an account. Where usernames need not be unique, the user id distinguishes the keys: a key of a name has
 * no two spaces in a row.
 */
export function usernameKeyOf(username: string, userId: UserId, areUnique: boolean): string {
  return areUnique ? nameKey(username) : `${nameKey(username)}  ${userId}`;
}

/** The `usernameKey` of a closed account, which frees the username: the key of a name does not begin with a space. */
export function closedKeyOf(userId: UserId): string {
  return `  ${userId}`;
}

/** The part of an account that counts the user's invitations. */
export type InvitationCount = Pick<AccountRecord, 'invitedSince' | 'invited'>;

/** The name that others see. */
export function shownName(account: AccountRecord): string {
  return account.displayName ?? account.username;
}

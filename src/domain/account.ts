// What the library keeps of a user.
import type { UserId, WorkspaceId } from './ids.js';

/** The stored record of an account. Times are milliseconds since the epoch. */
export interface AccountRecord {
  readonly userId: UserId;
  readonly username: string;
  /** The username as it is compared: unique over all accounts. */
  readonly usernameKey: string;
  readonly displayName: string | null;
  readonly personalWorkspaceId: WorkspaceId;
  /** The workspace last switched to; a preference, it may be gone by now. */
  readonly activeWorkspaceId: WorkspaceId;
  /** Team workspaces owned: what `workspacesPerOwner` limits. The personal one is not counted. */
  readonly ownedTeams: number;
  readonly version: number;
  readonly createdAt: number;
}

/** The name that other people are shown. */
export function shownName(account: AccountRecord): string {
  return account.displayName ?? account.username;
}

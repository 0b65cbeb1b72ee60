// The documented methods about accounts, and their inputs.
import type { AccountStatus } from '../../core/account.js';
import type { Actor, OperatorActor, UserActor } from '../../core/actor.js';
import type { UserId } from '../../core/ids.js';
import type {
  Account,
  ActiveWorkspace,
  FoundAccount,
  OpenedAccount,
  Page,
  Session,
  VerifiedSession,
} from '../views.js';
import type { TokenInput } from './invitations.js';
import type { PageInput, WorkspaceInput } from './workspaces.js';

/** Input of `openAccount`. */
export interface OpenAccountInput {
  /** Your app's id of the user, 1 to 256 UTF-16 units. */
  readonly userId: UserId;
  /**
   * 1 to 100 characters; compared without case and width. Unique among all accounts, unless the option `uniqueUsernames` is
   * `false`.
   */
  readonly username: string;
  /**
   * The name that others see, as an identity provider sends it: what cannot be stored or shown is removed, never refused,
   * and the result has the form that is stored. `null`, or a name of which nothing is left, removes it: others see the
   * username. `undefined` keeps it.
   */
  readonly displayName?: string | null | undefined;
}

/** Input of `renameAccount`. */
export interface RenameAccountInput {
  /** The user whose account it is. */
  readonly userId: UserId;
  /** The new username. The personal workspace is renamed in the same commit. */
  readonly username: string;
  /** The new display name; `null` removes it, `undefined` keeps it. */
  readonly displayName?: string | null | undefined;
}

/** Input of `closeAccount`. */
export interface CloseAccountInput {
  /** The user whose account it is. */
  readonly userId: UserId;
  /** The username as the user typed it to confirm. Compared with the account's username if it is given. */
  readonly confirmUsername?: string | undefined;
  /**
   * Whether to erase the names of the user and the e-mail addresses of the user's invitations, from records and events.
   * @default false
   */
  readonly erase?: boolean | undefined;
  /**
   * For operators: at most 20 more addresses of the user, such as former ones. Invitations for them end, and are erased with
   * `erase`. The verified address of the caller and the addresses in the memberships are always included.
   */
  readonly emails?: readonly string[] | undefined;
}

/** Input of `findAccounts`. A filter that is left out admits all. */
export interface FindAccountsInput extends PageInput {
  /** The account of this user. */
  readonly userId?: UserId | undefined;
  /** What the username begins with, compared without case and width. Closed accounts have no username. */
  readonly usernamePrefix?: string | undefined;
  readonly status?: AccountStatus | undefined;
}

/** Input of `verifySession`. */
export interface VerifySessionInput extends TokenInput {
  /**
   * Whether to compare the membership and its role with the storage, too.
   * @default false
   */
  readonly fresh?: boolean | undefined;
}

/** Methods about accounts: opening, renaming, switching, and sessions. */
export interface AccountMethods<Role extends string, Permission extends string> {
  /**
   * Opens the account of a user who has signed in, with the personal workspace, in one commit. Call it at every
   * sign-in: for an account that is already open it brings the display name up to date (`account.renamed`), and changes
   * nothing else.
   *
   * @throws WorkspaceError `ACCOUNT_EXISTS` (under another username), `ACCOUNT_CLOSING` (`closeAccount` has not
   * finished), `USERNAME_TAKEN`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const { account, workspace } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
   * account.username; // 'ada'
   * workspace.kind; // 'personal'
   * ```
   */
  openAccount(input: OpenAccountInput): Promise<OpenedAccount>;

  /**
   * Renames an account and its personal workspace. For the user and for operators.
   *
   * @throws WorkspaceError `ACCOUNT_NOT_FOUND`, `USERNAME_TAKEN`, `NAME_TAKEN` (one of the user's own team
   * workspaces has that name)
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   *
   * const account = await workspaces.renameAccount(ada, { userId: 'u1', username: 'ada.l', displayName: 'Ada L.' });
   * account.displayName; // 'Ada L.'
   * ```
   */
  renameAccount(actor: Actor, input: RenameAccountInput): Promise<Account>;

  /**
   * Closes an account. For the user and for operators. When it has resolved, the user is a member of no workspace, the open
   * invitations by and for the user have ended, the personal workspace and its quota are deleted, the username is free, and
   * to every method the account does not exist. A later `openAccount` with this user id opens a new account, to which
   * nothing of this one returns.
   *
   * First one commit ends the account (`account.close-started`): from then on the user cannot join, own, switch, rename or
   * sign in. The memberships end one by one, in commits of their own, and until then still answer `authorize`. The last
   * commit frees the username (`account.closed`). After an interruption, such as `UNAVAILABLE`, call it again: it goes on,
   * and a call for a closed account changes nothing. Not inside `withTransaction`.
   *
   * With `erase`, `'[erased]'` replaces the username, earlier usernames and the addresses in records and in events of every
   * workspace, deleted ones included, and the display name is removed. The events keep their ids, versions and types. Each is a
   * commit of its own, and `invitation.erased` and `account.erased` record it. Call it with `erase` for an account that was closed
   * without, too. It does not change the user id, the names of team workspaces, the reasons that operators gave, or copies of
   * events outside of the storage. An erased invitation cannot be reissued.
   *
   * @throws WorkspaceError `ACCOUNT_NOT_FOUND`, `ACCOUNT_OWNS_WORKSPACES` (transfer or delete the team workspaces first),
   * `CONFIRMATION_MISMATCH`, `NOT_ON_BEHALF`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   *
   * await workspaces.closeAccount(ada, { userId: 'u1', confirmUsername: 'ada' });
   * const { account } = await workspaces.openAccount({ userId: 'u2', username: 'ada' });
   * account.username; // 'ada': free again
   * ```
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const operator = { operator: 'support' };
   * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
   *
   * await workspaces.closeAccount(operator, { userId: 'u1', erase: true, emails: ['ada@example.com'] });
   * const { items } = await workspaces.listAccountEvents(operator, { userId: 'u1' });
   * items.map(({ type }) => type); // ['account.opened', 'account.close-started', 'account.erased', 'account.closed']
   * JSON.stringify(items).includes('ada'); // false
   * ```
   */
  closeAccount(actor: Actor, input: CloseAccountInput): Promise<void>;

  /**
   * Finds accounts, also those that are closing or closed: all, or those that every given filter admits. By username, page by
   * page. For operators.
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * for (const userId of ['ada', 'adam', 'ben']) await workspaces.openAccount({ userId, username: userId });
   *
   * const operator = { operator: 'support' };
   * const { items } = await workspaces.findAccounts(operator, { usernamePrefix: 'AD' });
   * items.map(({ username }) => username); // ['ada', 'adam']
   * ```
   */
  findAccounts(actor: OperatorActor, input: FindAccountsInput): Promise<Page<FoundAccount>>;

  /**
   * Makes the workspace the user's active one and issues a session token for it, valid for `tokens.sessionSeconds`
   * (10 minutes by default). The token is for your own middleware; every method here still takes its workspace
   * explicitly.
   *
   * If the actor has `signedInAt`, as the actors of `sessionActor` do, the token expires at the latest
   * `tokens.sessionMaxAgeSeconds` (12 hours by default) after that moment, and later calls end with `SESSION_EXPIRED`.
   * An actor without it has signed in just now.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `SESSION_EXPIRED`, `NOT_ON_BEHALF`
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
   * const session = await workspaces.switchWorkspace(ada, { workspaceId });
   * session.role; // 'owner'
   * session.token; // to send as `Authorization: Bearer`, until session.expiresAt
   * ```
   */
  switchWorkspace(actor: UserActor, input: WorkspaceInput): Promise<Session<Role, Permission>>;

  /**
   * Returns the workspace last switched to, or the personal one if that was deleted or left.
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
   * (await workspaces.activeWorkspace(ada)).workspace.kind; // 'personal'
   * await workspaces.switchWorkspace(ada, { workspaceId });
   * const { workspace, source } = await workspaces.activeWorkspace(ada);
   * workspace.name; // 'hello'
   * source; // 'remembered'
   * ```
   */
  activeWorkspace(actor: UserActor): Promise<ActiveWorkspace<Role>>;

  /**
   * Returns the claims of a session token. A valid token is accepted until it expires; with `fresh`, the membership
   * and its role are compared with the storage as well.
   *
   * @throws WorkspaceError `SESSION_INVALID`, `SESSION_EXPIRED`, `SESSION_STALE` (the membership ended, or has
   * another role)
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const { token } = await workspaces.switchWorkspace(ada, { workspaceId });
   *
   * const { userId, role } = await workspaces.verifySession({ token, fresh: true });
   * userId; // 'u1'
   * role; // 'owner'
   * ```
   */
  verifySession(input: VerifySessionInput): Promise<VerifiedSession<Role>>;
}

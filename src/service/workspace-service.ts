// The public face of the domain: one short method per use case. Parse at the edge, run the command, show the record.
import { shownName } from '../domain/account.js';
import {
  isOperator,
  isUser,
  operatorActorSchema,
  type Actor,
  type OperatorActor,
  type UserActor,
} from '../domain/actor.js';
import { openAccount, renameAccount, switchWorkspace } from '../domain/commands/account.js';
import {
  acceptInvitation,
  declineInvitation,
  proves,
  type InvitationProof,
} from '../domain/commands/acceptance.js';
import { inviteMember, reissueInvitation, revokeInvitation } from '../domain/commands/invitation.js';
import { changeRole, leaveWorkspace, removeMember } from '../domain/commands/member.js';
import { commandSchemas } from '../domain/commands/schemas.js';
import {
  createWorkspace,
  deleteWorkspace,
  renameWorkspace,
  transferOwnership,
} from '../domain/commands/workspace.js';
import { selfOf, type CommandSpec } from '../domain/decision.js';
import type { AccountEvent, EventOf, EventType, TenantryEvent, WorkspaceEvent } from '../domain/events.js';
import type { UserId, WorkspaceId } from '../domain/ids.js';
import { expiryOf, statusAt, type InvitationRecord } from '../domain/invitation.js';
import { defaultLimits } from '../domain/limits.js';
import type { MemberRecord } from '../domain/member.js';
import {
  sealosMatrix,
  type CorePermission,
  type PermissionMatrix,
  type SealosRole,
} from '../domain/permissions.js';
import type { Snapshot } from '../domain/snapshot.js';
import { WorkspaceError } from '../errors.js';
import type { PageQuery } from '../ports/storage.js';
import { createTokens, hashSecret, type InvitationGrant, type Tokens } from '../tokens/tokens.js';
import { allows, explanationOf, findAccess, permitted } from './access.js';
import { commandQueue } from './command-queue.js';
import { eventHub, type EventHub } from './event-hub.js';
import { noQuota } from './no-quota.js';
import type { CommandHook, CommandName, HookContext } from './hooks.js';
import type {
  ChangeRoleInput,
  CreateWorkspaceInput,
  DeleteWorkspaceInput,
  InvitationInput,
  InviteMemberInput,
  ListAccountEventsInput,
  ListEventsInput,
  ListInvitationsInput,
  MemberInput,
  OpenAccountInput,
  PageInput,
  PermissionInput,
  RenameAccountInput,
  RenameWorkspaceInput,
  ReservationInput,
  ReserveQuotaInput,
  SetQuotaInput,
  TokenInput,
  TransferOwnershipInput,
  VerifySessionInput,
  WorkspaceInput,
  WorkspacePageInput,
} from './inputs.js';
import { checkOptions, type WorkspaceServiceOptions } from './options.js';
import { pageOf } from './pages.js';
import { invalid, parse, parseActor, parseQuestion, parseUser } from './parse.js';
import type { QuotaReport, Reservation } from './quota-views.js';
import {
  commitQuota,
  forgetQuota,
  releaseQuota,
  reportQuota,
  reserveQuota,
  setQuota,
  withQuota,
  type QuotaShell,
} from './quotas.js';
import { MAX_ATTEMPTS, answered, outage, runCommand } from './run-command.js';
import { randomIds, systemClock } from './runtime.js';
import {
  runTransaction,
  untilOver,
  waitingHub,
  type BeginTransaction,
  type Course,
  type TransactionAdapters,
} from './transaction.js';
import {
  accountView,
  invitationView,
  listedMemberView,
  memberView,
  membershipView,
  workspaceView,
  type Account,
  type ActiveWorkspace,
  type Explanation,
  type Invitation,
  type InvitationPreview,
  type IssuedInvitation,
  type ListedMember,
  type Member,
  type Membership,
  type MembershipRecords,
  type OpenedAccount,
  type Page,
  type Session,
  type VerifiedSession,
  type Workspace,
} from './views.js';

/**
 * Workspaces, their members, and the invitations by which people join: complete, and correct whatever runs in parallel.
 *
 * Every method takes the actor first, where it takes one, then one input object. A "no" is a {@link WorkspaceError}
 * with a stable code. Whoever is not a member of a workspace gets `WORKSPACE_NOT_FOUND` from every method, as for an id
 * that does not exist. Any method may also throw `INVALID_INPUT`, or `UNAVAILABLE` when the storage fails; those that
 * change something, `CONFLICT` when others keep changing the same records, and `VETOED` when a before-hook says no.
 *
 * @example
 * ```ts
 * import { WorkspaceService } from 'tenantry';
 * import { memoryStorage } from 'tenantry/memory';
 *
 * const workspaces = new WorkspaceService({
 *   storage: memoryStorage(),
 *   tokens: {
 *     keys: [{ kid: '2026-11', alg: 'HS256', secret: 'a secret of at least 32 bytes, from your vault' }],
 *     issuer: 'https://app.example',
 *     invitationUrl: 'https://app.example/join',
 *   },
 * });
 *
 * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * await workspaces.openAccount({ userId: 'u2', username: 'grace' });
 * const ada = { userId: 'u1' };
 * const grace = { userId: 'u2' };
 *
 * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
 * const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
 * await workspaces.acceptInvitation(grace, { token });
 * await workspaces.can(grace, { workspaceId, permission: 'resource:create' }); // false
 * ```
 */
export class WorkspaceService<Role extends string = SealosRole, Permission extends string = CorePermission> {
  readonly #options: WorkspaceServiceOptions<Role, Permission>;
  readonly #matrix: PermissionMatrix<Role, Permission>;
  readonly #shell: QuotaShell;
  readonly #tokens: Tokens;
  readonly #queue = commandQueue();

  /**
   * `permissions` may be left out where the roles and permissions are those of `sealosMatrix`, and not of another matrix.
   *
   * @throws TypeError naming the option that is missing or wrong.
   */
  constructor(
    options: [Role, Permission, SealosRole, CorePermission] extends [
      SealosRole,
      CorePermission,
      Role,
      Permission,
    ]
      ? WorkspaceServiceOptions<Role, Permission>
      : WorkspaceServiceOptions<Role, Permission> & {
          readonly permissions: PermissionMatrix<Role, Permission>;
        },
  ) {
    const given: WorkspaceServiceOptions<Role, Permission> = options;
    checkOptions(given);
    const { storage, clock = systemClock, ids = randomIds, limits = defaultLimits } = given;
    const inherited = inheritance.get(given);
    this.#options = Object.freeze({ ...given });
    // The type of the options lets it be left out only where these are the roles and permissions.
    const byDefault: PermissionMatrix = sealosMatrix;
    this.#matrix = given.permissions ?? (byDefault as PermissionMatrix<Role, Permission>);
    this.#tokens = inherited?.tokens ?? createTokens(given.tokens);
    this.#shell = {
      storage,
      clock,
      ids,
      matrix: this.#matrix,
      limits: typeof limits === 'function' ? limits : Object.freeze({ ...limits }),
      hub: inherited?.hub ?? eventHub(given.onListenerError ?? (() => undefined)),
      maxAttempts: inherited === undefined ? MAX_ATTEMPTS : 1,
      quota: given.quota ?? noQuota(),
      quotaTimeout: inherited === undefined ? (given.quotaTimeout ?? DEFAULT_QUOTA_TIMEOUT) : null,
    };
  }

  /**
   * The matrix that decides, as it was given: for menus that show what somebody may do.
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * workspaces.permissions.can('manager', 'member:remove'); // true
   * workspaces.permissions.grantsOf('manager'); // ['developer']
   * ```
   */
  get permissions(): PermissionMatrix<Role, Permission> {
    return this.#matrix;
  }

  /**
   * Opens the account of a user who has signed in, with the personal workspace, in one commit. Call it at every
   * sign-in: for an account that is open already it changes nothing.
   *
   * @throws WorkspaceError `ACCOUNT_EXISTS` (under another username), `USERNAME_TAKEN`
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
  async openAccount(input: OpenAccountInput): Promise<OpenedAccount> {
    const parsed = parse(commandSchemas.openAccount, input);
    const actor = { userId: parsed.userId };
    const command = { ...parsed, newWorkspaceId: this.#shell.ids.workspaceId() };
    const context = { command: 'openAccount', actor, input: parsed } as const;
    const after = await this.#run(context, userKey(parsed.userId), openAccount, command);
    return Object.freeze({
      account: accountView(there(after.accounts.get(parsed.userId))),
      workspace: workspaceView(there(after.workspace)),
    });
  }

  /**
   * Renames an account, and with it the personal workspace. For the user, and for operators.
   *
   * @throws WorkspaceError `ACCOUNT_NOT_FOUND`, `USERNAME_TAKEN`, `NAME_TAKEN` (an own team workspace has that name)
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
  async renameAccount(actor: Actor, input: RenameAccountInput): Promise<Account> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.renameAccount, input);
    const context = { command: 'renameAccount', actor: caller, input: parsed } as const;
    const after = await this.#run(context, userKey(parsed.userId), renameAccount, parsed);
    return accountView(there(after.accounts.get(parsed.userId)));
  }

  /**
   * Creates a team workspace with the actor as its owner and only member. With a `workspaceId` of the caller's own, the
   * same call made again returns the same workspace.
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
  async createWorkspace(actor: UserActor, input: CreateWorkspaceInput): Promise<Workspace> {
    const caller = parseUser(actor);
    const parsed = parse(commandSchemas.createWorkspace, input);
    const command = { name: parsed.name, workspaceId: parsed.workspaceId ?? this.#shell.ids.workspaceId() };
    const context = { command: 'createWorkspace', actor: caller, input: parsed } as const;
    const after = await this.#run(context, userKey(caller.userId), createWorkspace, command);
    return workspaceView(there(after.workspace));
  }

  /**
   * Renames a team workspace. Needs `workspace:rename`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `NAME_TAKEN`
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
  async renameWorkspace(actor: Actor, input: RenameWorkspaceInput): Promise<Workspace> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.renameWorkspace, input);
    const context = { command: 'renameWorkspace', actor: caller, input: parsed } as const;
    const after = await this.#run(context, workspaceKey(parsed), renameWorkspace, parsed);
    return workspaceView(there(after.workspace));
  }

  /**
   * Deletes a team workspace with its members, invitations and quota. Its events stay readable to operators, and its id is
   * never given out again. Needs `workspace:delete`.
   *
   * The quota goes once the rest has committed. So it is left behind by a call that ends with `UNAVAILABLE` of the quota,
   * or with `UNAVAILABLE` of the storage though its commit took effect, and by a process that dies between the two. The same
   * call by an operator then drops it; as the workspace is gone, that call ends with `WORKSPACE_NOT_FOUND`.
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
  async deleteWorkspace(actor: Actor, input: DeleteWorkspaceInput): Promise<void> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.deleteWorkspace, input);
    const context = { command: 'deleteWorkspace', actor: caller, input: parsed } as const;
    const { workspaceId } = parsed;
    // An earlier call may have deleted the workspace and not got as far as its quota: an operator's completes it. To anyone
    // else the id must answer, and as fast, like one that never was.
    const completed = async ({ tombstone }: Snapshot): Promise<void> => {
      if (tombstone && isOperator(caller)) await forgetQuota(this.#shell, workspaceId);
    };
    await this.#run(context, workspaceKey(parsed), deleteWorkspace, parsed, completed);
    await forgetQuota(this.#shell, workspaceId);
  }

  /**
   * Makes another member the owner, in one commit with the former owner's new role. For the owner, and for operators.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `MEMBER_NOT_FOUND`,
   * `LIMIT_EXCEEDED` (the new owner's `workspacesPerOwner`), `NAME_TAKEN` (the new owner has a workspace of that name)
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
  async transferOwnership(actor: Actor, input: TransferOwnershipInput<Role>): Promise<Workspace> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.transferOwnership, input);
    const context = { command: 'transferOwnership', actor: caller, input: parsed } as const;
    const after = await this.#run(context, workspaceKey(parsed), transferOwnership, parsed);
    return workspaceView(there(after.workspace));
  }

  /**
   * Makes an invitation and its link: the only time that the token is seen. Needs `invitation:create`, and a role that
   * may grant the one invited to. An invitation with a finite number of uses reserves a seat for each.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `ALREADY_MEMBER`,
   * `ALREADY_INVITED` (with the open one's id: reissue it), `LIMIT_EXCEEDED`
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
  async inviteMember(actor: Actor, input: InviteMemberInput<Role>): Promise<IssuedInvitation<Role>> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.inviteMember, input);
    const context = { command: 'inviteMember', actor: caller, input: parsed } as const;
    await this.#ask(context);
    const { ids, clock } = this.#shell;
    const { workspaceId, expiresInSeconds } = parsed;
    const [invitationId, secret, issuedAt] = [ids.invitationId(), ids.secret(), clock.now()];
    const expiresAt = expiryOf(issuedAt, expiresInSeconds);
    // Each is a hop to another thread, so together; and before the commit, so that a link that cannot be built changes nothing.
    const [secretHash, link] = await Promise.all([
      hashSecret(secret),
      this.#linkOf({ workspaceId, invitationId, secret, issuedAt, expiresAt }),
    ]);
    const command = { ...parsed, invitationId, secretHash, issuedAt };
    const after = await this.#inOrder(caller, workspaceKey(parsed), inviteMember, command);
    return this.#issued(there(after.invitation), link);
  }

  /**
   * Makes a new token for an open invitation, with the same life again from now; the old one is dead at once. Needs
   * what `inviteMember` needs; the actor becomes the issuer.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `INVITATION_NOT_FOUND`,
   * `INVITATION_USED`, `INVITATION_REVOKED`, `INVITATION_DECLINED`, `INVITATION_EXPIRED`
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
  async reissueInvitation(actor: Actor, input: InvitationInput): Promise<IssuedInvitation<Role>> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.reissueInvitation, input);
    const secret = this.#shell.ids.secret();
    // A link that is thrown away: keys or a URL function that cannot make one must not cost the invitation its old one.
    // As long as the real one, and without its secret: whether the caller may have that is not decided yet.
    const trial = '0'.repeat(secret.length);
    const now = this.#shell.clock.now();
    await this.#linkOf({ ...parsed, secret: trial, issuedAt: now, expiresAt: expiryOf(now, 60) });
    const command = { ...parsed, secretHash: await hashSecret(secret) };
    const context = { command: 'reissueInvitation', actor: caller, input: parsed } as const;
    const after = await this.#run(context, workspaceKey(parsed), reissueInvitation, command);
    const { id: invitationId, workspaceId, issuedAt, expiresAt } = there(after.invitation);
    const link = await this.#linkOf({ workspaceId, invitationId, secret, issuedAt, expiresAt });
    return this.#issued(there(after.invitation), link);
  }

  /**
   * Ends an open invitation and frees its seats; one that has ended otherwise stays as it is. Needs `invitation:revoke`,
   * and a role that may grant the one invited to.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `INVITATION_NOT_FOUND`,
   * `INVITATION_USED` (somebody is in already)
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
  async revokeInvitation(actor: Actor, input: InvitationInput): Promise<Invitation<Role>> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.revokeInvitation, input);
    const context = { command: 'revokeInvitation', actor: caller, input: parsed } as const;
    const after = await this.#run(context, workspaceKey(parsed), revokeInvitation, parsed);
    return invitationView(there(after.invitation), this.#shell.clock.now(), this.#roleOf);
  }

  /**
   * What anyone with the token may see; changes nothing.
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
  async previewInvitation(input: TokenInput): Promise<InvitationPreview<Role>> {
    const proof = await this.#proofOf(parse(commandSchemas.previewInvitation, input).token);
    const { workspaceId, invitationId } = proof;
    const { storage, clock } = this.#shell;
    const { workspace, invitation, accounts } = await answered('storage', () =>
      storage.load({ workspaceId, invitationId }),
    );
    if (workspace === null || invitation === null || !proves(proof, invitation)) {
      throw new WorkspaceError('INVITATION_INVALID', {});
    }
    const { issuedBy, role, expiresAt } = invitation;
    const issuer = isUser(issuedBy) ? accounts.get(issuedBy.userId) : undefined;
    return Object.freeze({
      workspaceName: workspace.name,
      invitedBy: issuer === undefined ? null : shownName(issuer),
      role: this.#roleOf(role),
      expiresAt: new Date(expiresAt),
      status: statusAt(invitation, clock.now()),
    });
  }

  /**
   * Joins the workspace. Made again by the same user, it returns the same membership.
   *
   * @throws WorkspaceError `INVITATION_INVALID`, `INVITATION_USED`, `INVITATION_REVOKED`, `INVITATION_DECLINED`,
   * `INVITATION_EXPIRED`, `INVITATION_RECIPIENT_MISMATCH`, `RECIPIENT_NOT_VERIFIED`, `ACCOUNT_NOT_FOUND`,
   * `ALREADY_MEMBER`, `LIMIT_EXCEEDED`, `PERSONAL_WORKSPACE`
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
  async acceptInvitation(actor: UserActor, input: TokenInput): Promise<Membership<Role>> {
    const caller = parseUser(actor);
    const proof = await this.#proofOf(parse(commandSchemas.acceptInvitation, input).token);
    const context = { command: 'acceptInvitation', actor: caller, input: named(proof) } as const;
    const after = await this.#run(context, workspaceKey(proof), acceptInvitation, proof);
    const member = there(after.members.get(caller.userId));
    return membershipView({ workspace: there(after.workspace), member }, this.#roleOf);
  }

  /**
   * Says no to an invitation for one person, which ends it and frees its seat. A link for several people stays open:
   * it is not one person's to close.
   *
   * @throws WorkspaceError `INVITATION_INVALID`, `INVITATION_USED`, `INVITATION_REVOKED`,
   * `INVITATION_EXPIRED`, `INVITATION_RECIPIENT_MISMATCH`, `RECIPIENT_NOT_VERIFIED`, `ACCOUNT_NOT_FOUND`,
   * `ALREADY_MEMBER`, `PERSONAL_WORKSPACE`
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
  async declineInvitation(actor: UserActor, input: TokenInput): Promise<void> {
    const caller = parseUser(actor);
    const proof = await this.#proofOf(parse(commandSchemas.declineInvitation, input).token);
    const context = { command: 'declineInvitation', actor: caller, input: named(proof) } as const;
    await this.#run(context, workspaceKey(proof), declineInvitation, proof);
  }

  /**
   * Gives a member another role; the one already held changes nothing. Needs `member:change-role`, and a role that may
   * grant both. Open invitations that the member may no longer vouch for are revoked in the same commit.
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
   * const { role } = await workspaces.changeRole(ada, { workspaceId, userId: 'u2', role: 'manager' });
   * role; // 'manager'
   * ```
   */
  async changeRole(actor: Actor, input: ChangeRoleInput<Role>): Promise<Member<Role>> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.changeRole, input);
    const context = { command: 'changeRole', actor: caller, input: parsed } as const;
    const after = await this.#run(context, workspaceKey(parsed), changeRole, parsed);
    return memberView(there(after.members.get(parsed.userId)), this.#roleOf);
  }

  /**
   * Removes a member, at once and everywhere, and revokes the open invitations that they issued. Needs `member:remove`,
   * and a role that may grant theirs. Removing oneself is leaving: it needs no permission, and hooks before
   * `leaveWorkspace` may veto it as well.
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
   * await workspaces.removeMember(ada, { workspaceId, userId: 'u2' });
   * await workspaces.can(ben, { workspaceId, permission: 'workspace:view' }); // false
   * ```
   */
  async removeMember(actor: Actor, input: MemberInput): Promise<void> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.removeMember, input);
    await this.#ask({ command: 'removeMember', actor: caller, input: parsed });
    const { workspaceId, userId } = parsed;
    // It is decided as leaving, so a veto on that must not be got around.
    if (!isOperator(caller) && caller.userId === userId) {
      await this.#ask({ command: 'leaveWorkspace', actor: caller, input: { workspaceId } });
    }
    await this.#inOrder(caller, workspaceKey(parsed), removeMember, parsed);
  }

  /**
   * Leaves the workspace; the open invitations that the actor issued are revoked with it.
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
  async leaveWorkspace(actor: UserActor, input: WorkspaceInput): Promise<void> {
    const caller = parseUser(actor);
    const parsed = parse(commandSchemas.leaveWorkspace, input);
    const context = { command: 'leaveWorkspace', actor: caller, input: parsed } as const;
    await this.#run(context, workspaceKey(parsed), leaveWorkspace, parsed);
  }

  /**
   * Remembers the workspace as the active one, and issues a session token for it, good for
   * `tokens.sessionSeconds`: 10 minutes by default. The token is a proof for the host's own middleware; every method here
   * still takes its workspace explicitly.
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
   * const session = await workspaces.switchWorkspace(ada, { workspaceId });
   * session.role; // 'owner'
   * session.token; // to send as `Authorization: Bearer`, until session.expiresAt
   * ```
   */
  async switchWorkspace(actor: UserActor, input: WorkspaceInput): Promise<Session<Role, Permission>> {
    const caller = parseUser(actor);
    const parsed = parse(commandSchemas.switchWorkspace, input);
    const context = { command: 'switchWorkspace', actor: caller, input: parsed } as const;
    const after = await this.#run(context, userKey(caller.userId), switchWorkspace, parsed);
    const workspace = there(after.workspace);
    const { userId, role } = there(after.members.get(caller.userId));
    const { id: workspaceId, version } = workspace;
    const now = this.#shell.clock.now();
    const { token, expiresAt } = await this.#tokens.issueSession({ userId, workspaceId, role, version }, now);
    return Object.freeze({
      workspace: workspaceView(workspace),
      role: this.#roleOf(role),
      permissions: this.#matrix.permissionsOf(this.#roleOf(role)),
      token,
      expiresAt: new Date(expiresAt),
    });
  }

  /**
   * Where the user is: the workspace last switched to, or the personal one where that is gone or was left.
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
  async activeWorkspace(actor: UserActor): Promise<ActiveWorkspace<Role>> {
    const { userId } = parseUser(actor);
    const { storage } = this.#shell;
    const { accounts } = await answered('storage', () => storage.load({ accounts: [userId] }));
    const account = accounts.get(userId);
    if (account === undefined) throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId });
    const { activeWorkspaceId, personalWorkspaceId } = account;
    for (const workspaceId of [activeWorkspaceId, personalWorkspaceId]) {
      const found = await this.#membershipOf(userId, workspaceId);
      if (found === null) continue;
      const source = workspaceId === activeWorkspaceId ? 'remembered' : 'personal';
      return Object.freeze({ ...membershipView(found, this.#roleOf), source });
    }
    throw new Error('a personal workspace is never gone');
  }

  /**
   * What a session token proves. By itself a good token is good until it expires; `fresh` asks the storage, too, whether
   * the user is a member with that role now.
   *
   * @throws WorkspaceError `SESSION_INVALID`, `SESSION_EXPIRED`, `SESSION_STALE` (the member is gone or has another role)
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
  async verifySession(input: VerifySessionInput): Promise<VerifiedSession<Role>> {
    const { token, fresh } = parse(commandSchemas.verifySession, input);
    const { storage, clock } = this.#shell;
    const claims = await this.#tokens.readSession(token, clock.now());
    if (claims === null) throw new WorkspaceError('SESSION_INVALID', {});
    if (claims.expired) throw new WorkspaceError('SESSION_EXPIRED', {});
    const { userId, workspaceId, role, version, expiresAt } = claims;
    if (fresh === true) {
      const member = await answered('storage', () => storage.findMember(workspaceId, userId));
      if (member?.role !== role) throw new WorkspaceError('SESSION_STALE', {});
    }
    return Object.freeze({
      userId,
      workspaceId,
      role: this.#roleOf(role),
      version,
      expiresAt: new Date(expiresAt),
    });
  }

  /**
   * One workspace. Needs `workspace:view`.
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
   * const { name, memberCount } = await workspaces.getWorkspace(ada, { workspaceId });
   * name; // 'hello'
   * memberCount; // 1
   * ```
   */
  async getWorkspace(actor: Actor, input: WorkspaceInput): Promise<Workspace> {
    const caller = parseActor(actor);
    const { workspaceId } = parse(commandSchemas.getWorkspace, input);
    // One load: membership and workspace stood together.
    const { storage, matrix } = this.#shell;
    const { workspace, members } = await answered('storage', () =>
      storage.load({ workspaceId, members: selfOf(caller) }),
    );
    const access = isOperator(caller) ? null : members.get(caller.userId);
    if (workspace === null) throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
    permitted(matrix, access, { actor: caller, workspaceId, permission: 'workspace:view' });
    return workspaceView(workspace);
  }

  /**
   * One workspace with the actor's role in it, as they stood together: what a page of it begins with. For users; an
   * operator has no membership. Needs `workspace:view`.
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
  async getMembership(actor: UserActor, input: WorkspaceInput): Promise<Membership<Role>> {
    const caller = parseUser(actor);
    const { workspaceId } = parse(commandSchemas.getMembership, input);
    const found = await this.#membershipOf(caller.userId, workspaceId);
    if (found === null) throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
    permitted(this.#matrix, found.member, { actor: caller, workspaceId, permission: 'workspace:view' });
    return membershipView(found, this.#roleOf);
  }

  /**
   * The actor's workspaces with the role in each, in the order of joining.
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
  async listWorkspaces(actor: UserActor, input: PageInput = {}): Promise<Page<Membership<Role>>> {
    const { userId } = parseUser(actor);
    const page = parse(commandSchemas.listWorkspaces, input);
    const { storage } = this.#shell;
    const found = await pageOf(
      page,
      (query) => answered('storage', () => storage.listWorkspaces(userId, query)),
      {
        kind: 'id',
        keyOf: ({ member }) => [member.joinedAt, member.workspaceId],
        view: (item) => membershipView(item, this.#roleOf),
      },
    );
    // Every account has its personal workspace: an empty first page means that there is no account.
    if (found.items.length === 0 && page.cursor == null)
      throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId });
    return found;
  }

  /**
   * The members, in the order of joining. Needs `member:view`.
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
  async listMembers(actor: Actor, input: WorkspacePageInput): Promise<Page<ListedMember<Role>>> {
    const caller = parseActor(actor);
    const { workspaceId, ...page } = parse(commandSchemas.listMembers, input);
    const { storage } = this.#shell;
    const found = await pageOf(
      page,
      (query) => answered('storage', () => storage.listMembers(workspaceId, query)),
      {
        kind: 'id',
        keyOf: ({ member }) => [member.joinedAt, member.userId],
        view: (item) => listedMemberView(item, this.#roleOf),
      },
    );
    // After the read: what was read is no newer than the right to read it.
    await this.#permit(caller, workspaceId, 'member:view');
    return found;
  }

  /**
   * The invitations, in the order of their creation, without anything that could open them. Needs `invitation:view`.
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
  async listInvitations(actor: Actor, input: ListInvitationsInput): Promise<Page<Invitation<Role>>> {
    const caller = parseActor(actor);
    const { workspaceId, status, ...page } = parse(commandSchemas.listInvitations, input);
    const { storage, clock } = this.#shell;
    const now = clock.now();
    const filter = status === 'open' ? { openAt: now } : {};
    const read = (query: Parameters<typeof storage.listInvitations>[1]) =>
      answered('storage', () => storage.listInvitations(workspaceId, { ...query, ...filter }));
    const found = await pageOf(page, read, {
      kind: 'id',
      keyOf: ({ createdAt, id }) => [createdAt, id],
      view: (invitation) => invitationView(invitation, now, this.#roleOf),
    });
    // After the read: what was read is no newer than the right to read it.
    await this.#permit(caller, workspaceId, 'invitation:view');
    return found;
  }

  /**
   * What happened in a workspace, the oldest first or the newest. Needs `event:view`; operators may also read what is left
   * of a deleted one.
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
   * await workspaces.renameWorkspace(ada, { workspaceId, name: 'world' });
   *
   * const { items } = await workspaces.listEvents(ada, { workspaceId, order: 'newest' });
   * items.map(({ type }) => type); // ['workspace.renamed', 'workspace.created']
   * ```
   */
  async listEvents(actor: Actor, input: ListEventsInput): Promise<Page<WorkspaceEvent>> {
    const caller = parseActor(actor);
    const { workspaceId, order, ...page } = parse(commandSchemas.listEvents, input);
    const { storage } = this.#shell;
    const gone =
      isOperator(caller) && (await answered('storage', () => storage.load({ workspaceId }))).tombstone;
    const found = await pageOf(
      page,
      (query) => answered('storage', () => storage.listEvents(workspaceId, { ...query, order })),
      {
        kind: order,
        keyOf: ({ version, index }) => [version, index],
        view: (event) => event,
      },
    );
    if (!gone) await this.#permit(caller, workspaceId, 'event:view');
    return found;
  }

  /**
   * What happened to an account, the oldest first or the newest. For the user, and for operators.
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
   *
   * const { items } = await workspaces.listAccountEvents(ada, { userId: 'u1' });
   * items.map(({ type }) => type); // ['account.opened']
   * ```
   */
  async listAccountEvents(actor: Actor, input: ListAccountEventsInput): Promise<Page<AccountEvent>> {
    const caller = parseActor(actor);
    const { userId, order, ...page } = parse(commandSchemas.listAccountEvents, input);
    const { storage } = this.#shell;
    const { accounts } = await answered('storage', () => storage.load({ accounts: [userId] }));
    if (!accounts.has(userId) || !(isOperator(caller) || caller.userId === userId)) {
      throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId });
    }
    const read = (query: PageQuery) =>
      answered('storage', () => storage.listAccountEvents(userId, { ...query, order }));
    return pageOf(page, read, {
      kind: order,
      keyOf: ({ version, index }) => [version, index],
      view: (event) => event,
    });
  }

  /**
   * Whether the actor may. `false` for whoever is not a member, and for a permission that is not in the matrix.
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
   * await workspaces.can(ada, { workspaceId, permission: 'resource:create' }); // true
   * await workspaces.can({ userId: 'u2' }, { workspaceId, permission: 'resource:view' }); // false
   * ```
   */
  async can(actor: Actor, input: PermissionInput<Permission>): Promise<boolean> {
    const question = parseQuestion(actor, input);
    const access = await findAccess(this.#shell, question);
    return access !== undefined && allows(this.#shell.matrix, access, question.permission);
  }

  /**
   * The actor's membership, when the actor may; `null` for an operator, who has none.
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
   * const { role } = await workspaces.authorize(ada, { workspaceId, permission: 'resource:create' });
   * role; // 'owner'; go on and create it
   * ```
   */
  async authorize(actor: UserActor, input: PermissionInput<Permission>): Promise<Member<Role>>;
  async authorize(actor: OperatorActor, input: PermissionInput<Permission>): Promise<null>;
  async authorize(actor: Actor, input: PermissionInput<Permission>): Promise<Member<Role> | null>;
  async authorize(actor: Actor, input: PermissionInput<Permission>): Promise<Member<Role> | null> {
    const question = parseQuestion(actor, input);
    const { matrix, storage } = this.#shell;
    if (isOperator(question.actor)) {
      permitted(matrix, await findAccess(this.#shell, question), question);
      return null;
    }
    // The hottest path there is: without a layer in between, each of which would cost as much as the answer.
    let member: MemberRecord | null;
    try {
      member = await storage.findMember(question.workspaceId, question.actor.userId);
    } catch (cause) {
      throw outage('storage', cause);
    }
    const access = permitted(matrix, member ?? undefined, question);
    return access && memberView(access, this.#roleOf);
  }

  /**
   * Whether the actor may, with the role and the reason that decided. A "no" is an answer here, not an error.
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
   * const question = { workspaceId, permission: 'resource:create' } as const;
   * (await workspaces.explain(ada, question)).reason; // 'granted'
   * (await workspaces.explain({ userId: 'u2' }, question)).reason; // 'not-a-member'
   * ```
   */
  async explain(actor: Actor, input: PermissionInput<Permission>): Promise<Explanation> {
    const question = parseQuestion(actor, input);
    return explanationOf(this.#shell.matrix, await findAccess(this.#shell, question), question);
  }

  /**
   * Sets what a workspace is limited to, by resource; others keep their limits. Lower than what is in use is accepted: it
   * refuses every increase and no decrease. For operators.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const report = await workspaces.setQuota({ operator: 'billing' }, { workspaceId, limits: { 'limits.cpu': '16' } });
   * report.resources['limits.cpu']?.limit; // '16'
   * ```
   */
  async setQuota(actor: OperatorActor, input: SetQuotaInput): Promise<QuotaReport> {
    const caller = parse(operatorActorSchema, actor, 'actor');
    const parsed = parse(commandSchemas.setQuota, input);
    await this.#ask({ command: 'setQuota', actor: caller, input: parsed });
    return setQuota(this.#shell, caller, parsed);
  }

  /**
   * What a workspace is limited to, uses and has reserved. Needs `quota:view`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const { resources } = await workspaces.getQuota(ada, { workspaceId });
   * resources['limits.cpu']; // { limit: '4', used: '0', reserved: '0', overLimit: false }
   * ```
   */
  async getQuota(actor: Actor, input: WorkspaceInput): Promise<QuotaReport> {
    const caller = parseActor(actor);
    return reportQuota(this.#shell, caller, parse(commandSchemas.getQuota, input).workspaceId);
  }

  /**
   * Holds amounts until they are committed, released or expire: all resources, or none. Made again with the same id and
   * amounts, it answers the same and charges once. Needs `resource:create`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `QUOTA_EXCEEDED` (with every resource that lacks),
   * `RESERVATION_MISMATCH`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const amounts = { 'limits.cpu': '500m' };
   * const reservation = await workspaces.reserveQuota(ada, { workspaceId, reservationId: 'db-1', amounts, ttlSeconds: 60 });
   * reservation.state; // 'reserved'
   * ```
   */
  async reserveQuota(actor: Actor, input: ReserveQuotaInput): Promise<Reservation> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.reserveQuota, input);
    await this.#ask({ command: 'reserveQuota', actor: caller, input: parsed });
    return reserveQuota(this.#shell, caller, parsed);
  }

  /**
   * Makes what is held used. One that has expired is admitted anew in the same step, if it still fits. Needs
   * `resource:create`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `RESERVATION_NOT_FOUND`, `RESERVATION_EXPIRED`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const reservationId = 'db-1';
   * await workspaces.reserveQuota(ada, { workspaceId, reservationId, amounts: { 'limits.cpu': '500m' } });
   *
   * const { state } = await workspaces.commitQuota(ada, { workspaceId, reservationId });
   * state; // 'committed'
   * ```
   */
  async commitQuota(actor: Actor, input: ReservationInput): Promise<Reservation> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.commitQuota, input);
    await this.#ask({ command: 'commitQuota', actor: caller, input: parsed });
    return commitQuota(this.#shell, caller, parsed);
  }

  /**
   * Gives back what is held or used; what is not there changes nothing. Needs `resource:delete`, or to have reserved it.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const reservationId = 'db-1';
   * await workspaces.reserveQuota(ada, { workspaceId, reservationId, amounts: { 'limits.cpu': '500m' } });
   *
   * await workspaces.releaseQuota(ada, { workspaceId, reservationId });
   * (await workspaces.getQuota(ada, { workspaceId })).resources['limits.cpu']?.reserved; // '0'
   * ```
   */
  async releaseQuota(actor: Actor, input: ReservationInput): Promise<void> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.releaseQuota, input);
    await this.#ask({ command: 'releaseQuota', actor: caller, input: parsed });
    await releaseQuota(this.#shell, caller, parsed);
  }

  /**
   * Reserves, runs `create`, commits; releases when `create` throws, and throws that on. If the process dies, the
   * reservation expires by itself. If it expired while `create` ran, it is admitted anew, or the call ends with
   * `RESERVATION_EXPIRED`, or with `PERMISSION_DENIED` or `WORKSPACE_NOT_FOUND` where the actor lost the right meanwhile:
   * then the resource is there and not paid for, and the caller takes it down. Made again with the same id it runs
   * `create` again, and charges once: let `create` find what is there already. Needs `resource:create`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `QUOTA_EXCEEDED`, `RESERVATION_MISMATCH`,
   * `RESERVATION_NOT_FOUND`, `RESERVATION_EXPIRED`; and what `create` throws
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const charge = { workspaceId, reservationId: 'db-1', amounts: { 'limits.cpu': '500m' } };
   * const database = await workspaces.withQuota(ada, charge, async () => ({ name: 'db-1' })); // yours is made here
   * database.name; // 'db-1'
   * (await workspaces.getQuota(ada, { workspaceId })).resources['limits.cpu']?.used; // '500m'
   * ```
   */
  async withQuota<Created>(
    actor: Actor,
    input: ReserveQuotaInput,
    create: () => Created | Promise<Created>,
  ): Promise<Created> {
    const caller = parseActor(actor);
    const parsed = parse(commandSchemas.withQuota, input);
    if (typeof create !== 'function') throw invalid([{ path: 'create', message: 'must be a function' }]);
    await this.#ask({ command: 'reserveQuota', actor: caller, input: parsed });
    return withQuota(this.#shell, caller, parsed, create);
  }

  /**
   * Calls the listener with every event of the type, or with all for `'*'`, after its commit. A listener may be async;
   * nobody waits for it, and what it throws goes to `onListenerError`. Returns its own undo.
   *
   * Events of commits whose answer was lost, and of other processes, are not heard here: the lists of events have all.
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const stop = workspaces.on('workspace.created', ({ data }) => {
   *   console.log(`${data.name} is there`);
   * });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * await workspaces.createWorkspace(ada, { name: 'hello' }); // ada is there, hello is there
   * stop();
   * ```
   */
  on<Type extends EventType | '*'>(
    type: Type,
    listener: (event: Type extends EventType ? EventOf<Type> : TenantryEvent) => unknown,
  ): () => void {
    return this.#shell.hub.on(type, listener);
  }

  /**
   * Calls the hook before each command of the name, with its actor and checked input. Throwing vetoes the command:
   * `VETOED`, with what was thrown as its cause. A hook cannot alter the command. Returns its own undo.
   *
   * Two methods ask hooks of another name: `withQuota` those of `reserveQuota`; and `removeMember`, where users remove
   * themselves, those of `leaveWorkspace` after its own.
   *
   * @example
   * ```ts
   * import { isWorkspaceError } from 'tenantry';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   *
   * const undo = workspaces.before('createWorkspace', ({ input }) => {
   *   if (input.name === 'admin') throw new Error('this name is kept');
   * });
   * await workspaces.createWorkspace(ada, { name: 'admin' }).catch((error: unknown) => {
   *   if (!isWorkspaceError(error, 'VETOED')) throw error; // its cause is what the hook threw
   * });
   * undo();
   * ```
   */
  before<Name extends CommandName>(command: Name, hook: CommandHook<Name>): () => void {
    return this.#shell.hub.before(command, hook);
  }

  /**
   * Runs `work` in a transaction of the host's own, with this service inside it: what its commands write commits together
   * with what the host writes there, or not at all. `begin` opens the transaction, and is written once:
   * {@link BeginTransaction}. Hooks and listeners are those of this service; listeners hear of it once, after the commit.
   *
   * A transaction that lost to others is rolled back and begun anew, up to 20 times with growing pauses, as commands are
   * outside: so `work` may run several times, and does nothing that a rollback does not undo. Lost is what ends with
   * `CONFLICT`, and what the host's own statements and the commit throw where the storage knows it for a deadlock or a
   * serialization failure (`isConflict`). After a race that was lost inside, `work` cannot make it good by catching it.
   *
   * Whatever else is thrown is thrown on, after the rollback. Where the commit itself was not answered, as when the
   * connection is cut, that is the driver's own error: whether it took effect is not known, so it is not made again, and
   * its events are not heard.
   *
   * @throws WorkspaceError `CONFLICT` when every attempt lost, with the last loss as its cause; `UNAVAILABLE` when an adapter failed
   * inside; and what `begin` and `work` throw
   *
   * @example
   * ```ts
   * import { Kysely, SqliteDialect, type Transaction } from 'kysely';
   * import Database from 'libsql';
   * import type { BeginTransaction } from 'tenantry';
   * import { migrations, preparedDatabase, sqlStorage } from 'tenantry/sql';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * type Tables = { projects: { workspace_id: string; name: string } };
   * const database = preparedDatabase(new Database(':memory:'));
   * const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
   * const dialect = 'sqlite';
   * for (const { up } of Object.values(migrations({ dialect }))) await up(db);
   * await db.schema.createTable('projects').addColumn('workspace_id', 'text').addColumn('name', 'text').execute();
   *
   * const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, dialect }) });
   * const begin: BeginTransaction<Transaction<Tables>> = (run) =>
   *   db.transaction().execute((transaction) => run({ storage: sqlStorage({ db: transaction, dialect }) }, transaction));
   *
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id } = await workspaces.withTransaction(begin, async (inside, transaction) => {
   *   const workspace = await inside.createWorkspace(ada, { name: 'hello' });
   *   await transaction.insertInto('projects').values({ workspace_id: workspace.id, name: 'first' }).execute();
   *   return workspace;
   * });
   * await workspaces.getWorkspace(ada, { workspaceId: id }); // both are there, and listeners have heard of it
   * await db.destroy();
   * ```
   */
  async withTransaction<Own, Result>(
    begin: BeginTransaction<Own>,
    work: (inside: WorkspaceService<Role, Permission>, own: Own) => Promise<Result>,
  ): Promise<Result> {
    return runTransaction(this.#shell, begin, async (adapters, own) => {
      const { workspaces, publish, course } = this.#inside(adapters);
      const result = await work(workspaces, own);
      // Whatever `work` made of it: thrown through the host's transaction, so that it rolls back.
      if (course.ending !== null) throw course.ending;
      return { result, publish };
    });
  }

  /**
   * The same service inside a transaction that the host holds itself: for where {@link WorkspaceService.withTransaction}
   * cannot run it. What its commands write commits together with what the host writes there, or not at all. Hooks and
   * listeners are those of this service.
   *
   * Three things differ. A quota adapter is waited for as long as it takes. A command that loses a race is not tried
   * again, for only the host can begin its transaction anew: it ends with `CONFLICT`, and the host repeats the whole
   * transaction. And events wait: the host calls `publish` once its transaction has committed, and lets go of them where
   * it has not. After `CONFLICT` or `UNAVAILABLE` the transaction is over: later calls in it fail at once, and so does
   * `publish`.
   *
   * @throws TypeError when the storage is none, or the service has a quota adapter and none is given.
   *
   * @example
   * ```ts
   * import { Kysely, SqliteDialect } from 'kysely';
   * import Database from 'libsql';
   * import { migrations, preparedDatabase, sqlStorage } from 'tenantry/sql';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * type Tables = { projects: { workspace_id: string; name: string } };
   * const database = preparedDatabase(new Database(':memory:'));
   * const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
   * const dialect = 'sqlite';
   * for (const { up } of Object.values(migrations({ dialect }))) await up(db);
   * await db.schema.createTable('projects').addColumn('workspace_id', 'text').addColumn('name', 'text').execute();
   *
   * const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, dialect }) });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   *
   * const publish = await db.transaction().execute(async (transaction) => {
   *   const inside = workspaces.inTransaction({ storage: sqlStorage({ db: transaction, dialect }) });
   *   const { id } = await inside.workspaces.createWorkspace(ada, { name: 'hello' });
   *   await transaction.insertInto('projects').values({ workspace_id: id, name: 'first' }).execute();
   *   return inside.publish;
   * });
   * publish(); // both are there, so listeners hear of it
   * await db.destroy();
   * ```
   */
  inTransaction(adapters: TransactionAdapters): {
    /** Every method, inside the transaction. */
    readonly workspaces: WorkspaceService<Role, Permission>;
    /** Tells listeners of everything that happened so far; for after the commit. */
    readonly publish: () => void;
  } {
    const { workspaces, publish } = this.#inside(adapters);
    return Object.freeze({ workspaces, publish });
  }

  #inside(adapters: TransactionAdapters) {
    if (adapters.quota === undefined && this.#options.quota !== undefined) {
      throw new TypeError('WorkspaceService: a transaction needs a quota on it, too');
    }
    checkOptions({ ...this.#options, ...adapters });
    const course: Course = { ending: null };
    const hub = waitingHub(this.#shell.hub, course);
    const options = { ...this.#options, permissions: this.#matrix, ...untilOver(adapters, course) };
    inheritance.set(options, { hub, tokens: this.#tokens });
    const workspaces = new WorkspaceService<Role, Permission>(options);
    return { workspaces, publish: hub.publishAll, course };
  }

  async #permit(actor: Actor, workspaceId: WorkspaceId, permission: CorePermission): Promise<void> {
    const question = { actor, workspaceId, permission };
    permitted(this.#shell.matrix, await findAccess(this.#shell, question), question);
  }

  /** One load: the two stood together. `null` for who is not a member, whether the workspace is there or not. */
  async #membershipOf(userId: UserId, workspaceId: WorkspaceId): Promise<MembershipRecords | null> {
    const { storage } = this.#shell;
    const { workspace, members } = await answered('storage', () =>
      storage.load({ workspaceId, members: [userId] }),
    );
    const member = members.get(userId);
    return workspace === null || member === undefined ? null : { workspace, member };
  }

  async #run<Command, Caller extends Actor>(
    context: HookContext & { readonly actor: Caller },
    key: string,
    spec: CommandSpec<Command, Caller>,
    command: Command,
    onRefusal?: (snapshot: Snapshot) => Promise<void>,
  ): Promise<Snapshot> {
    await this.#ask(context);
    return this.#inOrder(context.actor, key, spec, command, onRefusal);
  }

  /** Outside the queue, so that a slow hook holds up nobody else. */
  #ask(context: HookContext): Promise<void> | null {
    return this.#shell.hub.ask(context);
  }

  #inOrder<Command, Caller extends Actor>(
    caller: Caller,
    key: string,
    spec: CommandSpec<Command, Caller>,
    command: Command,
    onRefusal?: (snapshot: Snapshot) => Promise<void>,
  ): Promise<Snapshot> {
    return this.#queue(key, () => runCommand(this.#shell, spec, caller, command, onRefusal));
  }

  async #proofOf(token: string): Promise<InvitationProof> {
    const proof = await this.#tokens.readInvitation(token, this.#shell.clock.now());
    if (proof === null) throw new WorkspaceError('INVITATION_INVALID', {});
    return proof;
  }

  async #linkOf(grant: InvitationGrant): Promise<Link> {
    const token = await this.#tokens.issueInvitation(grant);
    return { token, url: this.#tokens.invitationUrl(token) };
  }

  #issued(record: InvitationRecord, { token, url }: Link): IssuedInvitation<Role> {
    const invitation = invitationView(record, this.#shell.clock.now(), this.#roleOf);
    return Object.freeze({ invitation, token, url });
  }

  // The one place where stored names become typed: a name that this matrix does not define, as after a change of the
  // matrix, keeps its spelling and holds no permission.
  readonly #roleOf = (stored: string): Role => stored as Role;
}

/** What a service inside a transaction has of the one that it comes from, by the options that are made for it. */
const inheritance = new WeakMap<object, { readonly hub: EventHub; readonly tokens: Tokens }>();

/** Long enough for a far-away billing system, short enough for a request that waits for it. */
const DEFAULT_QUOTA_TIMEOUT = 5000;

type Link = Pick<IssuedInvitation, 'token' | 'url'>;

function userKey(userId: string): string {
  return `user:${userId}`;
}

function workspaceKey({ workspaceId }: WorkspaceInput): string {
  return `workspace:${workspaceId}`;
}

function named({ workspaceId, invitationId }: InvitationProof): InvitationInput {
  return { workspaceId, invitationId };
}

/** A command that succeeded has the records that it was about. */
function there<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined)
    throw new Error('a record is missing after its command succeeded');
  return value;
}

// The public class: one short method per use case, documented in contract/. It only calls: parse, run, show.
import { commands, quotaCommands } from '../commands/index.js';
import { queries } from '../commands/queries.js';
import { withQuota as withQuotaMethod } from '../commands/quotas/reserve-quota.js';
import { isOperator, type Actor, type OperatorActor, type UserActor } from '../core/actor.js';
import type { EventOf, EventType, TenantryEvent } from '../core/events.js';
import type { InvitationRecord } from '../core/invitation.js';
import type { DefaultRole } from '../core/permission-matrix.js';
import type { CorePermission, PermissionMatrix } from '../core/permissions.js';
import { required } from '../core/values.js';
import { allows, explanationOf, findAccess, permitted } from './access.js';
import { membershipOf } from './answers.js';
import { updateAttributes } from './attributes.js';
import { checkEmails, closeAccount } from './close-account.js';
import { createContext, type ServiceContext } from './context.js';
import type {
  AddMemberInput,
  AnswerInvitationInput,
  ChangeRoleInput,
  CloseAccountInput,
  CommitQuotaInput,
  CreateWorkspaceInput,
  DeleteWorkspaceInput,
  FindAccountsInput,
  FindWorkspacesInput,
  InvitationInput,
  InviteMemberInput,
  ListAccountEventsInput,
  ListEventsInput,
  ListInvitationsInput,
  ListMembersInput,
  OfferOwnershipInput,
  OpenAccountInput,
  PageInput,
  PendingCharge,
  PermissionInput,
  PurgeWorkspacesInput,
  ReconcileMembersInput,
  ReissueInvitationInput,
  RemoveMemberInput,
  RenameAccountInput,
  RenameWorkspaceInput,
  ReservationInput,
  ReserveQuotaInput,
  ResizeQuotaInput,
  ServiceContract,
  SetQuotaInput,
  SuspendWorkspaceInput,
  TokenInput,
  TransferOwnershipInput,
  UpdateAttributesInput,
  VerifySessionInput,
  WorkspaceInput,
} from './contract/index.js';
import {
  admit,
  answerInvitation,
  enqueue,
  execute,
  issueInvitation,
  parseCall,
  runHooks,
} from './execute.js';
import { findAccounts, findWorkspaces } from './find.js';
import type { CommandHook, CommandName } from './hooks.js';
import { readProof, type InvitationLink } from './invitation-links.js';
import {
  listAccountEvents,
  listDeletedWorkspaces,
  listEvents,
  listInvitations,
  listMembers,
  listMyInvitations,
  listWorkspaces,
} from './lists.js';
import { openAccount } from './open-account.js';
import { openLinksFor } from './open-links.js';
import { checkAdapters, checkOptions, type WorkspaceServiceOptions } from './options.js';
import { outage } from './outages.js';
import { invalid, parse, parseQuestion, parseUser } from './parse.js';
import { commitQuota, releaseQuota, reportQuota, reserveQuota, resizeQuota, setQuota } from './quotas.js';
import { withQuota } from './with-quota.js';
import { reconcileMembers } from './reconcile-members.js';
import { reissueInvitation } from './reissue.js';
import { readActiveWorkspace, readMembership, readPreview, readWorkspace } from './reads.js';
import { issueSession, readSession, signInOf } from './sessions.js';
import { insideTransaction, runTransaction, type BeginTransaction } from './transaction.js';
import { invitationView } from './invitation-views.js';
import {
  accountView,
  memberView,
  membershipView,
  offerView,
  workspaceView,
  type Member,
  type MembershipRecords,
} from './views.js';
import { createWorkspace, deleteWorkspace, purgeWorkspaces } from './workspaces.js';

/**
 * Workspaces, their members, and the invitations by which people join. Correct under concurrent calls.
 *
 * Every method takes the actor first, if it takes one, then one input object. A refusal is a {@link WorkspaceError} with a
 * stable code. To a non-member, every method answers `WORKSPACE_NOT_FOUND`, as for an id that does not exist. Every method
 * may also throw `INVALID_INPUT`, and `UNAVAILABLE` when an adapter fails; a command also `CONFLICT`, when other commands
 * keep changing the same records, and `VETOED`, when a hook rejects it.
 *
 * @example
 * ```ts
 * import { defaultMatrix, WorkspaceService } from 'tenantry';
 * import { memoryStorage } from 'tenantry/memory';
 *
 * const workspaces = new WorkspaceService({
 *   storage: memoryStorage(),
 *   permissions: defaultMatrix,
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
export class WorkspaceService<Role extends string = DefaultRole, Permission extends string = CorePermission>
  implements ServiceContract<Role, Permission, WorkspaceService<Role, Permission>>
{
  readonly permissions: PermissionMatrix<Role, Permission>;
  readonly #options: WorkspaceServiceOptions<Role, Permission>;
  readonly #context: ServiceContext;

  /**
   * @param inside - private to the library: the context of a service inside a transaction
   * @throws TypeError naming the option that is missing or invalid.
   */
  constructor(options: WorkspaceServiceOptions<Role, Permission>, inside?: object) {
    checkOptions(options);
    this.#options = Object.freeze({ ...options });
    this.permissions = options.permissions;
    this.#context = inside instanceof InsideContext ? inside.context : createContext(this.#options);
  }

  async openAccount(input: OpenAccountInput) {
    return openAccount(this.#context, input);
  }

  async renameAccount(actor: Actor, input: RenameAccountInput) {
    const { after, parsed } = await execute(this.#context, commands.renameAccount, actor, input);
    return accountView(required(after.accounts.get(parsed.userId)));
  }

  async switchWorkspace(actor: UserActor, input: WorkspaceInput) {
    const { caller, parsed } = parseCall(commands.switchWorkspace, actor, input);
    const signedInAt = signInOf(this.#context, caller);
    await runHooks(this.#context, 'switchWorkspace', caller, parsed);
    const { workspace, members } = await enqueue(this.#context, commands.switchWorkspace, caller, parsed);
    const member = required(members.get(caller.userId));
    const membership = { workspace: required(workspace), member, signedInAt };
    return issueSession(this.#context, membership, this.#roleOf, this.permissions);
  }

  async closeAccount(actor: Actor, input: CloseAccountInput) {
    const { caller, parsed } = parseCall(commands.closeAccount, actor, input);
    checkEmails(caller, parsed);
    await runHooks(this.#context, 'closeAccount', caller, parsed);
    await closeAccount(this.#context, caller, parsed);
  }

  async findAccounts(actor: OperatorActor, input: FindAccountsInput) {
    return findAccounts(this.#context, parseCall(queries.findAccounts, actor, input).parsed);
  }

  async findWorkspaces(actor: OperatorActor, input: FindWorkspacesInput) {
    return findWorkspaces(this.#context, parseCall(queries.findWorkspaces, actor, input).parsed);
  }

  async activeWorkspace(actor: UserActor) {
    return readActiveWorkspace(this.#context, parseUser(actor).userId, this.#roleOf);
  }

  async verifySession(input: VerifySessionInput) {
    return readSession(this.#context, parse(queries.verifySession.input, input), this.#roleOf);
  }

  async createWorkspace(actor: UserActor, input: CreateWorkspaceInput) {
    return createWorkspace(this.#context, actor, input);
  }

  async renameWorkspace(actor: Actor, input: RenameWorkspaceInput) {
    return workspaceView(
      required((await execute(this.#context, commands.renameWorkspace, actor, input)).after.workspace),
    );
  }

  async updateAttributes(actor: Actor, input: UpdateAttributesInput) {
    return updateAttributes(this.#context, actor, input);
  }

  async deleteWorkspace(actor: Actor, input: DeleteWorkspaceInput) {
    await deleteWorkspace(this.#context, actor, input);
  }

  async restoreWorkspace(actor: Actor, input: WorkspaceInput) {
    const { after } = await execute(this.#context, commands.restoreWorkspace, actor, input);
    return workspaceView(required(after.workspace));
  }

  async purgeWorkspaces(actor: OperatorActor, input: PurgeWorkspacesInput = {}) {
    return purgeWorkspaces(this.#context, actor, input);
  }

  async listDeletedWorkspaces(actor: UserActor, input: PageInput = {}) {
    const { caller, parsed } = parseCall(queries.listDeletedWorkspaces, actor, input);
    return listDeletedWorkspaces(this.#context, caller.userId, parsed);
  }

  async suspendWorkspace(actor: OperatorActor, input: SuspendWorkspaceInput) {
    return workspaceView(
      required((await execute(this.#context, commands.suspendWorkspace, actor, input)).after.workspace),
    );
  }

  async resumeWorkspace(actor: OperatorActor, input: WorkspaceInput) {
    return workspaceView(
      required((await execute(this.#context, commands.resumeWorkspace, actor, input)).after.workspace),
    );
  }

  async transferOwnership(actor: Actor, input: TransferOwnershipInput<Role>) {
    return workspaceView(
      required((await execute(this.#context, commands.transferOwnership, actor, input)).after.workspace),
    );
  }

  async offerOwnership(actor: Actor, input: OfferOwnershipInput<Role>) {
    const { after } = await execute(this.#context, commands.offerOwnership, actor, input);
    return required(offerView(required(after.workspace), this.#context.clock.now(), this.#roleOf));
  }

  async acceptOwnership(actor: UserActor, input: WorkspaceInput) {
    const { after } = await execute(this.#context, commands.acceptOwnership, actor, input);
    return workspaceView(required(after.workspace));
  }

  async declineOwnership(actor: UserActor, input: WorkspaceInput) {
    await execute(this.#context, commands.declineOwnership, actor, input);
  }

  async withdrawOwnershipOffer(actor: Actor, input: WorkspaceInput) {
    await execute(this.#context, commands.withdrawOwnershipOffer, actor, input);
  }

  async getWorkspace(actor: Actor, input: WorkspaceInput) {
    const { caller, parsed } = parseCall(queries.getWorkspace, actor, input);
    return readWorkspace(this.#context, caller, parsed.workspaceId, this.#roleOf);
  }

  async getMembership(actor: UserActor, input: WorkspaceInput) {
    const { caller, parsed } = parseCall(queries.getMembership, actor, input);
    return membershipView(
      await readMembership(this.#context, caller.userId, parsed.workspaceId),
      this.#roleOf,
    );
  }

  async listWorkspaces(actor: UserActor, input: PageInput = {}) {
    const { caller, parsed } = parseCall(queries.listWorkspaces, actor, input);
    return listWorkspaces(this.#context, caller.userId, parsed, this.#roleOf);
  }

  async inviteMember(actor: Actor, input: InviteMemberInput<Role>) {
    const { caller, parsed } = await admit(this.#context, commands.inviteMember, actor, input);
    const { invitation, link } = await issueInvitation(this.#context, caller, parsed);
    return this.#issued(invitation, link);
  }

  async reissueInvitation(actor: Actor, input: ReissueInvitationInput<Role>) {
    const { caller, parsed } = parseCall(commands.reissueInvitation, actor, input);
    const { invitation, link } = await reissueInvitation(this.#context, caller, parsed);
    return this.#issued(invitation, link);
  }

  async revokeInvitation(actor: Actor, input: InvitationInput) {
    const { after } = await execute(this.#context, commands.revokeInvitation, actor, input);
    return invitationView(required(after.invitation), this.#context.clock.now(), this.#roleOf);
  }

  async previewInvitation(input: TokenInput) {
    const { token } = parse(queries.previewInvitation.input, input);
    return readPreview(this.#context, await readProof(this.#context, token), this.#roleOf);
  }

  async acceptInvitation(actor: UserActor, input: AnswerInvitationInput) {
    const { caller, after } = await answerInvitation(this.#context, commands.acceptInvitation, actor, input);
    const member = required(after.members.get(caller.userId));
    return membershipView({ workspace: required(after.workspace), member }, this.#roleOf);
  }

  async declineInvitation(actor: UserActor, input: AnswerInvitationInput) {
    await answerInvitation(this.#context, commands.declineInvitation, actor, input);
  }

  async listMyInvitations(actor: UserActor, input: PageInput = {}) {
    const { caller, parsed } = parseCall(queries.listMyInvitations, actor, input);
    return listMyInvitations(this.#context, caller, parsed, this.#roleOf);
  }

  async listInvitations(actor: Actor, input: ListInvitationsInput) {
    const { caller, parsed } = parseCall(queries.listInvitations, actor, input);
    return listInvitations(this.#context, caller, parsed, this.#roleOf);
  }

  async addMember(actor: OperatorActor, input: AddMemberInput<Role>) {
    const { after, parsed } = await execute(this.#context, commands.addMember, actor, input);
    return memberView(required(after.members.get(parsed.userId)), this.#roleOf);
  }

  async changeRole(actor: Actor, input: ChangeRoleInput<Role>) {
    const { after, caller, parsed } = await execute(this.#context, commands.changeRole, actor, input);
    const given = { kept: parsed.role, roleOf: this.#roleOf };
    return Object.freeze({
      ...memberView(required(after.members.get(parsed.userId)), this.#roleOf),
      openLinks: openLinksFor(this.#context, caller, after, given),
    });
  }

  async removeMember(actor: Actor, input: RemoveMemberInput) {
    const { caller, parsed } = await admit(this.#context, commands.removeMember, actor, input);
    const { workspaceId, userId } = parsed;
    // Removing yourself is leaving, so the hooks of leaving must run, too.
    if (!isOperator(caller) && caller.userId === userId)
      await runHooks(this.#context, 'leaveWorkspace', caller, { workspaceId });
    const after = await enqueue(this.#context, commands.removeMember, caller, parsed);
    const given = { kept: null, roleOf: this.#roleOf };
    return Object.freeze({ openLinks: openLinksFor(this.#context, caller, after, given) });
  }

  async reconcileMembers(actor: OperatorActor, input: ReconcileMembersInput<Role>) {
    const { caller, parsed } = await admit(this.#context, commands.reconcileMembers, actor, input);
    return reconcileMembers(this.#context, caller, parsed, this.#roleOf);
  }

  async leaveWorkspace(actor: UserActor, input: WorkspaceInput) {
    await execute(this.#context, commands.leaveWorkspace, actor, input);
  }

  async listMembers(actor: Actor, input: ListMembersInput<Role>) {
    const { caller, parsed } = parseCall(queries.listMembers, actor, input);
    return listMembers(this.#context, caller, parsed, this.#roleOf);
  }

  async can(actor: Actor, input: PermissionInput<Permission>) {
    const question = parseQuestion(actor, input);
    const access = await findAccess(this.#context, question);
    return access !== undefined && allows(this.permissions, access, question);
  }

  async authorize(actor: UserActor, input: PermissionInput<Permission>): Promise<Member<Role>>;
  /** An operator has no membership. */
  async authorize(actor: OperatorActor, input: PermissionInput<Permission>): Promise<null>;
  /** Either kind of actor. */
  async authorize(actor: Actor, input: PermissionInput<Permission>): Promise<Member<Role> | null>;
  async authorize(actor: Actor, input: PermissionInput<Permission>): Promise<Member<Role> | null> {
    const question = parseQuestion(actor, input);
    const { matrix, storage } = this.#context;
    if (isOperator(question.actor)) {
      permitted(matrix, await findAccess(this.#context, question), question);
      return null;
    }
    // The hottest path: each further async layer would cost as much as the answer.
    let found: MembershipRecords | null;
    try {
      const { workspaceId, actor: caller } = question;
      const row = await storage.findMembership(workspaceId, caller.userId);
      found = membershipOf(row, workspaceId, caller.userId);
    } catch (cause) {
      throw outage('storage', cause);
    }
    const { member } = permitted(matrix, found ?? undefined, question);
    return member && memberView(member, this.#roleOf);
  }

  async explain(actor: Actor, input: PermissionInput<Permission>) {
    const question = parseQuestion(actor, input);
    return explanationOf(this.permissions, await findAccess(this.#context, question), question);
  }

  async setQuota(actor: OperatorActor, input: SetQuotaInput) {
    const { caller, parsed } = await admit(this.#context, quotaCommands.setQuota, actor, input);
    return setQuota(this.#context, caller, parsed);
  }

  async getQuota(actor: Actor, input: WorkspaceInput) {
    const { caller, parsed } = parseCall(queries.getQuota, actor, input);
    return reportQuota(this.#context, caller, parsed.workspaceId);
  }

  async reserveQuota(actor: Actor, input: ReserveQuotaInput<Permission>) {
    const { caller, parsed } = await admit(this.#context, quotaCommands.reserveQuota, actor, input);
    return reserveQuota(this.#context, caller, parsed);
  }

  async commitQuota(actor: Actor, input: CommitQuotaInput<Permission>) {
    const { caller, parsed } = await admit(this.#context, quotaCommands.commitQuota, actor, input);
    return commitQuota(this.#context, caller, parsed);
  }

  async resizeQuota(actor: Actor, input: ResizeQuotaInput<Permission>) {
    const { caller, parsed } = await admit(this.#context, quotaCommands.resizeQuota, actor, input);
    return resizeQuota(this.#context, caller, parsed);
  }

  async releaseQuota(actor: Actor, input: ReservationInput<Permission>) {
    const { caller, parsed } = await admit(this.#context, quotaCommands.releaseQuota, actor, input);
    await releaseQuota(this.#context, caller, parsed);
  }

  async withQuota<Created>(
    actor: Actor,
    input: ReserveQuotaInput<Permission>,
    create: (charge: PendingCharge) => Created | Promise<Created>,
  ) {
    const { caller, parsed } = parseCall(withQuotaMethod, actor, input);
    if (typeof create !== 'function') throw invalid([{ path: 'create', message: 'must be a function' }]);
    await runHooks(this.#context, 'reserveQuota', caller, parsed);
    return withQuota(this.#context, caller, parsed, create);
  }

  on<Type extends EventType | '*'>(
    type: Type,
    listener: (event: Type extends EventType ? EventOf<Type> : TenantryEvent) => unknown,
  ) {
    return this.#context.hub.on(type, listener);
  }

  before<Name extends CommandName>(command: Name, hook: CommandHook<Name>) {
    return this.#context.hub.before(command, hook);
  }

  async listEvents(actor: Actor, input: ListEventsInput) {
    const { caller, parsed } = parseCall(queries.listEvents, actor, input);
    return listEvents(this.#context, caller, parsed);
  }

  async listAccountEvents(actor: Actor, input: ListAccountEventsInput) {
    const { caller, parsed } = parseCall(queries.listAccountEvents, actor, input);
    return listAccountEvents(this.#context, caller, parsed);
  }

  async withTransaction<Own, Result>(
    begin: BeginTransaction<Own>,
    work: (inside: WorkspaceService<Role, Permission>, own: Own) => Promise<Result>,
  ) {
    return runTransaction(this.#context, begin, async (adapters, own, denials) => {
      checkAdapters(this.#options, adapters);
      const transaction = insideTransaction(this.#context, { adapters, own, denials });
      const inside = new WorkspaceService(this.#options, new InsideContext(transaction.context));
      return transaction.run(inside, () => work(inside, own));
    });
  }

  #issued(record: InvitationRecord, { token, url }: InvitationLink) {
    const invitation = invitationView(record, this.#context.clock.now(), this.#roleOf);
    return Object.freeze({ invitation, token, url });
  }

  // The one place where stored names become typed. A name that this matrix does not define, as after a change of the
  // matrix, keeps its spelling and holds no permission.
  readonly #roleOf = (stored: string): Role => stored as Role;
}

/** A service with any matrix: for functions and dependency injection that accept every service. */
export type AnyWorkspaceService = WorkspaceService<string, string>;

/** The context of a service inside a transaction. Private to this module, so only this module can create such a service. */
class InsideContext {
  readonly context: ServiceContext;

  constructor(context: ServiceContext) {
    this.context = context;
  }
}

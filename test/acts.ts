// Every command, and an example of each of its outcomes: one that changes something, a no-op, and a refusal. A new command
// needs an entry here; the tables of tests over all commands derive from it.
import { memoryQuota } from '../src/adapters/memory/index.js';
import type {
  Actor,
  CommandName,
  ErrorDetails,
  EventType,
  RefusalCode,
  WorkspaceErrorCode,
} from '../src/index.js';
import { ada, createDeleted, createTeam, dev, join, mia, root, sam } from './service/team.js';

/** With which sam is invited to the team whose ownership is offered. */
const samsAddress = { email: 'sam@example.com', emailVerified: true } as const;

/** A team with an open invitation for sam, an open link, their tokens, a reservation and a charge by mia; a suspended team; one whose ownership
 * is offered to dev; and a deleted one that ada can restore. */
export async function createScene() {
  const team = await createTeam({ quota: memoryQuota({ defaults: { cpu: '4' } }) });
  const { workspaces, storage, workspaceId } = team;
  const role = 'developer';
  const forSam = await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam });
  const link = await workspaces.inviteMember(ada, { workspaceId, role, maxUses: 5 });
  await workspaces.reserveQuota(mia, { workspaceId, reservationId: 'held', amounts: { cpu: '1' } });
  const used = { workspaceId, reservationId: 'used', amounts: { cpu: '1' } };
  await workspaces.withQuota(mia, used, () => undefined);
  const { id: suspendedId } = await workspaces.createWorkspace(ada, { name: 'Paused' });
  await workspaces.suspendWorkspace(root, { workspaceId: suspendedId, reason: 'unpaid' });
  const { id: offeredId } = await workspaces.createWorkspace(ada, { name: 'Offered' });
  await join(workspaces, ada, { workspaceId: offeredId, userId: 'dev', role: 'developer' });
  await workspaces.offerOwnership(ada, { workspaceId: offeredId, userId: 'dev' });
  const { email } = samsAddress;
  await workspaces.inviteMember(ada, { workspaceId: offeredId, role, recipient: { email } });
  const deletedId = await createDeleted(team);
  team.clock.advance(1_000);
  /** Everything that is stored: the records and the charges. */
  const kept = async () => {
    const quota = await workspaces.getQuota(root, { workspaceId }).catch(() => null);
    return { ...storage.dump(), quota };
  };
  return { ...team, forSam, link, suspendedId, offeredId, deletedId, kept };
}
export type Scene = Omit<Awaited<ReturnType<typeof createScene>>, 'storage' | 'kept'>;

export interface Act {
  readonly actor: Actor;
  /** The types of the events that the command emits, for a workspace or an account. */
  readonly events: readonly EventType[];
  readonly run: (scene: Scene) => Promise<unknown>;
  /** An input that is a no-op after `run`. */
  readonly idle?: (scene: Scene) => Promise<unknown>;
  readonly refused: (scene: Scene) => Promise<unknown>;
  /** The rules that its tests prove, if it is tested here alone: they begin the titles. */
  readonly rules?: readonly `${string}-${number}`[];
  /** A call for each error code that only this command ends in, with the details. */
  readonly errors?: { readonly [Code in RefusalCode]?: (scene: Scene) => ErrorCase<Code> };
}

export interface ErrorCase<Code extends WorkspaceErrorCode> {
  readonly call: () => Promise<unknown>;
  readonly details: ErrorDetails[Code];
}

/** A directory that wants sam. */
function directoryOf(workspaceId: string) {
  return { workspaceId, managedBy: 'directory', members: [{ userId: 'sam', role: 'developer' as const }] };
}

/** Every command: an input that changes something, one that is then a no-op, and one that is refused. */
export const acts: { readonly [Name in CommandName]: Act } = {
  openAccount: {
    actor: { userId: 'new' },
    events: ['account.opened', 'workspace.created'],
    run: ({ workspaces }) => workspaces.openAccount({ userId: 'new', username: 'new' }),
    idle: ({ workspaces }) => workspaces.openAccount({ userId: 'new', username: 'NEW', displayName: null }),
    refused: ({ workspaces }) => workspaces.openAccount({ userId: 'other', username: 'ADA' }),
  },
  renameAccount: {
    actor: dev,
    events: ['account.renamed', 'workspace.renamed'],
    run: ({ workspaces }) => workspaces.renameAccount(dev, { userId: 'dev', username: 'devon' }),
    idle: ({ workspaces }) => workspaces.renameAccount(dev, { userId: 'dev', username: ' devon ' }),
    refused: ({ workspaces }) => workspaces.renameAccount(mia, { userId: 'dev', username: 'x' }),
  },
  createWorkspace: {
    actor: ada,
    events: ['workspace.created'],
    run: ({ workspaces }) => workspaces.createWorkspace(ada, { workspaceId: 'mine', name: 'Mine' }),
    idle: ({ workspaces }) => workspaces.createWorkspace(ada, { workspaceId: 'mine', name: 'Mine' }),
    refused: ({ workspaces }) => workspaces.createWorkspace(ada, { name: 'Core' }),
  },
  renameWorkspace: {
    actor: ada,
    events: ['workspace.renamed'],
    run: ({ workspaces, workspaceId }) => workspaces.renameWorkspace(ada, { workspaceId, name: 'Other' }),
    idle: ({ workspaces, workspaceId }) => workspaces.renameWorkspace(ada, { workspaceId, name: 'Other' }),
    refused: ({ workspaces, workspaceId }) => workspaces.renameWorkspace(mia, { workspaceId, name: 'Other' }),
  },
  updateAttributes: {
    actor: mia,
    events: ['member.attributes-changed'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.updateAttributes(mia, { workspaceId, userId: 'dev', attributes: { alias: 'Devi' } }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.updateAttributes(mia, { workspaceId, userId: 'dev', attributes: { alias: 'Devi' } }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.updateAttributes(dev, { workspaceId, userId: 'dev', attributes: { alias: 'Devi' } }),
  },
  deleteWorkspace: {
    actor: ada,
    events: ['workspace.deleted'],
    run: ({ workspaces, workspaceId }) => workspaces.deleteWorkspace(ada, { workspaceId }),
    refused: ({ workspaces, workspaceId }) => workspaces.deleteWorkspace(mia, { workspaceId }),
    errors: {
      CONFIRMATION_MISMATCH: ({ workspaces, workspaceId }) => ({
        call: () => workspaces.deleteWorkspace(ada, { workspaceId, confirmName: 'Kernel' }),
        details: { workspaceId },
      }),
    },
  },
  restoreWorkspace: {
    actor: ada,
    rules: ['W-09'],
    events: ['workspace.restored'],
    run: ({ workspaces, deletedId }) => workspaces.restoreWorkspace(ada, { workspaceId: deletedId }),
    idle: ({ workspaces, deletedId }) => workspaces.restoreWorkspace(ada, { workspaceId: deletedId }),
    refused: ({ workspaces, deletedId }) => workspaces.restoreWorkspace(mia, { workspaceId: deletedId }),
  },
  purgeWorkspaces: {
    actor: root,
    rules: ['W-09'],
    events: ['workspace.purge-started', 'workspace.purged'],
    run: ({ workspaces, deletedId }) => workspaces.purgeWorkspaces(root, { workspaceId: deletedId }),
    refused: ({ workspaces, workspaceId }) => workspaces.purgeWorkspaces(root, { workspaceId }),
  },
  suspendWorkspace: {
    actor: root,
    rules: ['W-08'],
    events: ['workspace.suspended'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.suspendWorkspace(root, { workspaceId, reason: 'unpaid' }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.suspendWorkspace(root, { workspaceId, reason: ' unpaid ' }),
    refused: ({ workspaces }) =>
      workspaces.suspendWorkspace(root, { workspaceId: 'ws-nowhere', reason: 'unpaid' }),
  },
  resumeWorkspace: {
    actor: root,
    rules: ['W-08'],
    events: ['workspace.resumed'],
    run: ({ workspaces, suspendedId }) => workspaces.resumeWorkspace(root, { workspaceId: suspendedId }),
    idle: ({ workspaces, suspendedId }) => workspaces.resumeWorkspace(root, { workspaceId: suspendedId }),
    refused: ({ workspaces }) => workspaces.resumeWorkspace(root, { workspaceId: 'ws-nowhere' }),
    errors: {
      WORKSPACE_SUSPENDED: ({ workspaces, suspendedId }) => ({
        call: () => workspaces.renameWorkspace(ada, { workspaceId: suspendedId, name: 'Other' }),
        details: { workspaceId: suspendedId, reason: 'unpaid' },
      }),
    },
  },
  transferOwnership: {
    actor: ada,
    events: ['workspace.transferred'],
    run: ({ workspaces, workspaceId }) => workspaces.transferOwnership(ada, { workspaceId, userId: 'mia' }),
    idle: ({ workspaces, workspaceId }) => workspaces.transferOwnership(mia, { workspaceId, userId: 'mia' }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.transferOwnership(ada, { workspaceId, userId: 'sam' }),
  },
  offerOwnership: {
    actor: ada,
    rules: ['M-12'],
    events: ['ownership.offered'],
    run: ({ workspaces, workspaceId }) => workspaces.offerOwnership(ada, { workspaceId, userId: 'mia' }),
    idle: ({ workspaces, workspaceId }) => workspaces.offerOwnership(ada, { workspaceId, userId: 'mia' }),
    refused: ({ workspaces, workspaceId }) => workspaces.offerOwnership(mia, { workspaceId, userId: 'dev' }),
    errors: {
      OFFER_EXISTS: ({ workspaces, offeredId }) => ({
        call: () =>
          workspaces.offerOwnership(ada, {
            workspaceId: offeredId,
            userId: 'dev',
            formerOwnerRole: 'developer',
          }),
        details: { workspaceId: offeredId, userId: 'dev' },
      }),
    },
  },
  acceptOwnership: {
    actor: dev,
    rules: ['M-12'],
    events: ['workspace.transferred'],
    run: ({ workspaces, offeredId }) => workspaces.acceptOwnership(dev, { workspaceId: offeredId }),
    idle: ({ workspaces, offeredId }) => workspaces.acceptOwnership(dev, { workspaceId: offeredId }),
    refused: ({ workspaces, workspaceId }) => workspaces.acceptOwnership(mia, { workspaceId }),
    errors: {
      NOT_ON_BEHALF: ({ workspaces, offeredId }) => ({
        call: () =>
          workspaces.acceptOwnership(
            { ...dev, onBehalfOf: { operator: 'help', reason: 'asked to' } },
            { workspaceId: offeredId },
          ),
        details: { method: 'acceptOwnership' },
      }),
      OFFER_NOT_FOUND: ({ workspaces, workspaceId }) => ({
        call: () => workspaces.acceptOwnership(mia, { workspaceId }),
        details: { workspaceId },
      }),
    },
  },
  declineOwnership: {
    actor: dev,
    rules: ['M-12'],
    events: ['ownership.declined'],
    run: ({ workspaces, offeredId }) => workspaces.declineOwnership(dev, { workspaceId: offeredId }),
    idle: ({ workspaces, offeredId }) => workspaces.declineOwnership(dev, { workspaceId: offeredId }),
    refused: ({ workspaces, offeredId }) => workspaces.declineOwnership(ada, { workspaceId: offeredId }),
  },
  withdrawOwnershipOffer: {
    actor: ada,
    rules: ['M-12'],
    events: ['ownership.withdrawn'],
    run: ({ workspaces, offeredId }) => workspaces.withdrawOwnershipOffer(ada, { workspaceId: offeredId }),
    idle: ({ workspaces, offeredId }) => workspaces.withdrawOwnershipOffer(ada, { workspaceId: offeredId }),
    refused: ({ workspaces, offeredId }) =>
      workspaces.withdrawOwnershipOffer(dev, { workspaceId: offeredId }),
  },
  inviteMember: {
    actor: mia,
    events: ['invitation.created'],
    run: ({ workspaces, workspaceId }) => workspaces.inviteMember(mia, { workspaceId, role: 'developer' }),
    refused: ({ workspaces, workspaceId }) => workspaces.inviteMember(mia, { workspaceId, role: 'manager' }),
  },
  reissueInvitation: {
    actor: mia,
    events: ['invitation.reissued'],
    run: ({ workspaces, workspaceId, link }) =>
      workspaces.reissueInvitation(mia, { workspaceId, invitationId: link.invitation.id }),
    refused: ({ workspaces, workspaceId, link }) =>
      workspaces.reissueInvitation(dev, { workspaceId, invitationId: link.invitation.id }),
  },
  revokeInvitation: {
    actor: mia,
    events: ['invitation.revoked'],
    run: ({ workspaces, workspaceId, link }) =>
      workspaces.revokeInvitation(mia, { workspaceId, invitationId: link.invitation.id }),
    idle: ({ workspaces, workspaceId, link }) =>
      workspaces.revokeInvitation(ada, { workspaceId, invitationId: link.invitation.id }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.revokeInvitation(ada, { workspaceId, invitationId: 'inv-nothing' }),
  },
  acceptInvitation: {
    actor: sam,
    events: ['invitation.accepted', 'member.joined'],
    run: ({ workspaces, forSam }) => workspaces.acceptInvitation(sam, { token: forSam.token }),
    idle: ({ workspaces, forSam }) => workspaces.acceptInvitation(sam, { token: forSam.token }),
    refused: ({ workspaces, forSam }) => workspaces.acceptInvitation(dev, { token: forSam.token }),
  },
  declineInvitation: {
    actor: sam,
    events: ['invitation.declined'],
    run: ({ workspaces, forSam }) => workspaces.declineInvitation(sam, { token: forSam.token }),
    idle: async ({ workspaces, forSam, link }) => {
      await workspaces.declineInvitation(sam, { token: forSam.token });
      await workspaces.declineInvitation(sam, { token: link.token });
    },
    refused: ({ workspaces, link }) => workspaces.declineInvitation(dev, { token: link.token }),
  },
  addMember: {
    actor: root,
    rules: ['M-13'],
    events: ['invitation.revoked', 'member.joined'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.addMember(root, { workspaceId, userId: 'sam', role: 'developer' }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.addMember(root, { workspaceId, userId: 'sam', role: 'developer' }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.addMember(root, { workspaceId, userId: 'dev', role: 'manager' }),
  },
  changeRole: {
    actor: ada,
    events: ['member.role-changed'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.changeRole(mia, { workspaceId, userId: 'dev', role: 'developer' }),
  },
  removeMember: {
    actor: mia,
    events: ['member.removed'],
    run: ({ workspaces, workspaceId }) => workspaces.removeMember(mia, { workspaceId, userId: 'dev' }),
    refused: ({ workspaces, workspaceId }) => workspaces.removeMember(dev, { workspaceId, userId: 'mia' }),
  },
  reconcileMembers: {
    actor: root,
    events: ['invitation.revoked', 'member.joined'],
    run: ({ workspaces, workspaceId }) => workspaces.reconcileMembers(root, directoryOf(workspaceId)),
    idle: ({ workspaces, workspaceId }) => workspaces.reconcileMembers(root, directoryOf(workspaceId)),
    refused: ({ workspaces }) => workspaces.reconcileMembers(root, directoryOf('ws-nowhere')),
    rules: ['M-14'],
    errors: {
      MEMBER_MANAGED: ({ workspaces, workspaceId }) => ({
        call: async () => {
          await workspaces.reconcileMembers(root, directoryOf(workspaceId));
          await workspaces.removeMember(ada, { workspaceId, userId: 'sam' });
        },
        details: { workspaceId, userId: 'sam', managedBy: 'directory' },
      }),
    },
  },
  leaveWorkspace: {
    actor: dev,
    events: ['member.left'],
    run: ({ workspaces, workspaceId }) => workspaces.leaveWorkspace(dev, { workspaceId }),
    refused: ({ workspaces, workspaceId }) => workspaces.leaveWorkspace(ada, { workspaceId }),
  },
  switchWorkspace: {
    actor: dev,
    events: ['account.switched'],
    run: ({ workspaces, workspaceId }) => workspaces.switchWorkspace(dev, { workspaceId }),
    idle: ({ workspaces, workspaceId }) => workspaces.switchWorkspace(dev, { workspaceId }),
    refused: ({ workspaces, workspaceId }) => workspaces.switchWorkspace(sam, { workspaceId }),
  },
  closeAccount: {
    actor: sam,
    events: [
      'account.close-started',
      'invitation.revoked',
      'invitation.revoked',
      'invitation.erased',
      'workspace.deleted',
      'account.erased',
      'account.closed',
    ],
    run: ({ workspaces }) =>
      workspaces.closeAccount(
        { ...sam, ...samsAddress },
        { userId: 'sam', confirmUsername: ' sam ', erase: true },
      ),
    idle: ({ workspaces }) => workspaces.closeAccount(sam, { userId: 'sam' }),
    refused: ({ workspaces }) => workspaces.closeAccount(mia, { userId: 'sam' }),
    errors: {
      ACCOUNT_OWNS_WORKSPACES: ({ workspaces, workspaceId }) => ({
        call: () => workspaces.closeAccount(ada, { userId: 'ada' }),
        details: { userId: 'ada', count: 3, workspaceId },
      }),
    },
  },
  setQuota: {
    actor: root,
    events: ['quota.limits-set'],
    run: ({ workspaces, workspaceId }) => workspaces.setQuota(root, { workspaceId, limits: { cpu: '8' } }),
    refused: ({ workspaces }) =>
      workspaces.setQuota(root, { workspaceId: 'ws-nowhere', limits: { cpu: '8' } }),
  },
  reserveQuota: {
    actor: mia,
    events: ['quota.reserved'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.reserveQuota(mia, { workspaceId, reservationId: 'new', amounts: { cpu: '500m' } }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.reserveQuota(ada, { workspaceId, reservationId: 'new', amounts: { cpu: '0.5' } }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.reserveQuota(dev, { workspaceId, reservationId: 'new', amounts: { cpu: '1' } }),
  },
  commitQuota: {
    actor: mia,
    events: ['quota.committed'],
    run: ({ workspaces, workspaceId }) => workspaces.commitQuota(mia, { workspaceId, reservationId: 'held' }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.commitQuota(ada, { workspaceId, reservationId: 'held' }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.commitQuota(mia, { workspaceId, reservationId: 'nothing' }),
  },
  resizeQuota: {
    actor: mia,
    events: ['quota.resized'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.resizeQuota(mia, { workspaceId, reservationId: 'used', amounts: { cpu: '2' } }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.resizeQuota(ada, { workspaceId, reservationId: 'used', amounts: { cpu: '2000m' } }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.resizeQuota(mia, { workspaceId, reservationId: 'held', amounts: { cpu: '1' } }),
  },
  releaseQuota: {
    actor: mia,
    events: ['quota.released'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.releaseQuota(mia, { workspaceId, reservationId: 'held' }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.releaseQuota(dev, { workspaceId, reservationId: 'held' }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.releaseQuota(dev, { workspaceId, reservationId: 'held' }),
  },
};

/** The names of all commands. */
export const commandNames = Object.keys(acts).filter((name): name is CommandName =>
  Object.hasOwn(acts, name),
);

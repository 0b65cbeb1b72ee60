// A plain call of every public method, on any team: what the tables over all methods of statements and plans are made of.
import type { MethodName, UserActor, WorkspaceService } from '../../src/index.js';
import type { FixedClock } from '../../src/testing/index.js';
import { root } from '../service/team.js';

/** A team whose members come and go. The names of newcomers are never in use. */
export interface Stage {
  readonly workspaces: WorkspaceService;
  readonly clock: FixedClock;
  /** Ada owns it when the calls begin. */
  readonly workspaceId: string;
  readonly owner: UserActor;
  readonly newName: () => string;
}

/** What is called, once all that it needs is there. */
export type PreparedCall = () => Promise<unknown>;

/** Every method by its name, and the public ones that have no input schema. */
export type Called = MethodName | 'activeWorkspace';

/** A method without a call here does not compile. They are made in this order: the team's owner goes last. */
export const calls: { readonly [Name in Called]: (stage: Stage) => Promise<PreparedCall> } = {
  openAccount: async ({ workspaces, newName }) => {
    const userId = newName();
    return () => workspaces.openAccount({ userId, username: userId });
  },
  renameAccount: async (stage) => {
    const [{ workspaces }, user] = [stage, await newcomer(stage)];
    return () => workspaces.renameAccount(user, { ...user, username: stage.newName() });
  },
  createWorkspace: async (stage) => {
    const [{ workspaces }, user] = [stage, await newcomer(stage)];
    return () => workspaces.createWorkspace(user, { name: stage.newName() });
  },
  renameWorkspace: async ({ workspaces, workspaceId, owner, newName }) => {
    return () => workspaces.renameWorkspace(owner, { workspaceId, name: newName() });
  },
  inviteMember: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.inviteMember(owner, { workspaceId, role: 'developer' });
  },
  reissueInvitation: async (stage) => {
    const { workspaces, workspaceId, owner } = stage;
    const { invitationId } = await invited(stage);
    return () => workspaces.reissueInvitation(owner, { workspaceId, invitationId });
  },
  revokeInvitation: async (stage) => {
    const { workspaces, workspaceId, owner } = stage;
    const { invitationId } = await invited(stage);
    return () => workspaces.revokeInvitation(owner, { workspaceId, invitationId });
  },
  previewInvitation: async (stage) => {
    const { token } = await invited(stage);
    return () => stage.workspaces.previewInvitation({ token });
  },
  acceptInvitation: async (stage) => {
    const [{ token }, user] = [await invited(stage), await newcomer(stage)];
    return () => stage.workspaces.acceptInvitation(user, { token });
  },
  declineInvitation: async (stage) => {
    const [{ token }, user] = [await invited(stage), await newcomer(stage)];
    return () => stage.workspaces.declineInvitation(user, { token });
  },
  changeRole: async (stage) => {
    const { workspaces, workspaceId, owner } = stage;
    const member = await newMember(stage, 'developer');
    return () => workspaces.changeRole(owner, { workspaceId, ...member, role: 'manager' });
  },
  removeMember: async (stage) => {
    const { workspaces, workspaceId, owner } = stage;
    const member = await newMember(stage, 'developer');
    return () => workspaces.removeMember(owner, { workspaceId, ...member });
  },
  leaveWorkspace: async (stage) => {
    const { workspaces, workspaceId } = stage;
    const member = await newMember(stage, 'developer');
    return () => workspaces.leaveWorkspace(member, { workspaceId });
  },
  switchWorkspace: async (stage) => {
    const { workspaces, workspaceId } = stage;
    const member = await newMember(stage, 'developer');
    return () => workspaces.switchWorkspace(member, { workspaceId });
  },
  activeWorkspace: async (stage) => {
    const { workspaces, workspaceId } = stage;
    const member = await newMember(stage, 'developer');
    await workspaces.switchWorkspace(member, { workspaceId });
    return () => workspaces.activeWorkspace(member);
  },
  verifySession: async ({ workspaces, workspaceId, owner }) => {
    const { token } = await workspaces.switchWorkspace(owner, { workspaceId });
    return () => workspaces.verifySession({ token, fresh: true });
  },
  getWorkspace: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.getWorkspace(owner, { workspaceId });
  },
  getMembership: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.getMembership(owner, { workspaceId });
  },
  listWorkspaces: async ({ workspaces, owner }) => {
    return () => workspaces.listWorkspaces(owner);
  },
  listMembers: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.listMembers(owner, { workspaceId });
  },
  listInvitations: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.listInvitations(owner, { workspaceId });
  },
  listEvents: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.listEvents(owner, { workspaceId });
  },
  listAccountEvents: async ({ workspaces, owner }) => {
    return () => workspaces.listAccountEvents(owner, owner);
  },
  can: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.can(owner, { workspaceId, permission: 'workspace:view' });
  },
  authorize: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.authorize(owner, { workspaceId, permission: 'workspace:view' });
  },
  explain: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.explain(owner, { workspaceId, permission: 'workspace:view' });
  },
  setQuota: async ({ workspaces, workspaceId }) => {
    return () => workspaces.setQuota(root, { workspaceId, limits: { cpu: '1M' } });
  },
  getQuota: async ({ workspaces, workspaceId, owner }) => {
    return () => workspaces.getQuota(owner, { workspaceId });
  },
  // The first charge of a workspace opens its ledger: these are not the first.
  reserveQuota: async (stage) => {
    const { workspaces, owner } = stage;
    await reserved(stage);
    return () => workspaces.reserveQuota(owner, reservation(stage));
  },
  commitQuota: async (stage) => {
    const [{ workspaces, owner }, named] = [stage, await reserved(stage)];
    return () => workspaces.commitQuota(owner, named);
  },
  releaseQuota: async (stage) => {
    const [{ workspaces, owner }, named] = [stage, await reserved(stage)];
    return () => workspaces.releaseQuota(owner, named);
  },
  withQuota: async (stage) => {
    const { workspaces, owner } = stage;
    await reserved(stage);
    return () => workspaces.withQuota(owner, reservation(stage), () => 'created');
  },
  deleteWorkspace: async (stage) => {
    const [{ workspaces }, user] = [stage, await newcomer(stage)];
    const { id: workspaceId } = await workspaces.createWorkspace(user, { name: stage.newName() });
    await invited({ ...stage, workspaceId, owner: user });
    return () => workspaces.deleteWorkspace(user, { workspaceId });
  },
  transferOwnership: async (stage) => {
    const { workspaces, workspaceId, owner } = stage;
    const member = await newMember(stage, 'manager');
    return () => workspaces.transferOwnership(owner, { workspaceId, ...member });
  },
};

export const calledNames = Object.keys(calls).filter((name): name is Called => Object.hasOwn(calls, name));

/** The public methods of the service but for those that take a function in place of an input. */
export function publicMethods(service: { readonly prototype: object }): string[] {
  return Object.getOwnPropertyNames(service.prototype).filter(
    (name) =>
      !['constructor', 'permissions', 'on', 'before', 'withTransaction', 'inTransaction'].includes(name),
  );
}

/** Someone who has an account. */
export async function newcomer({ workspaces, newName }: Stage): Promise<UserActor> {
  const userId = newName();
  await workspaces.openAccount({ userId, username: userId });
  return { userId };
}

/** Someone who has joined. */
export async function newMember(stage: Stage, role: 'manager' | 'developer'): Promise<UserActor> {
  const [{ token }, user] = [await invited(stage, role), await newcomer(stage)];
  await stage.workspaces.acceptInvitation(user, { token });
  return user;
}

export async function invited(
  { workspaces, workspaceId, owner }: Pick<Stage, 'workspaces' | 'workspaceId' | 'owner'>,
  role: 'manager' | 'developer' = 'developer',
): Promise<{ readonly invitationId: string; readonly token: string }> {
  const { invitation, token } = await workspaces.inviteMember(owner, { workspaceId, role });
  return { invitationId: invitation.id, token };
}

export function reservation({ workspaceId, newName }: Stage) {
  return { workspaceId, reservationId: newName(), amounts: { cpu: '500m', memory: '1Gi' } };
}

async function reserved(
  stage: Stage,
): Promise<{ readonly workspaceId: string; readonly reservationId: string }> {
  const { workspaceId, reservationId, amounts } = reservation(stage);
  await stage.workspaces.reserveQuota(stage.owner, { workspaceId, reservationId, amounts });
  return { workspaceId, reservationId };
}

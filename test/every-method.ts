// A plain call of every method, on any team: the source of the tables of statements and plans over all methods.
import type { Actor, MethodName, UserActor, WorkspaceService } from '../src/index.js';
import type { FixedClock } from '../src/testing/index.js';
import {
  call,
  everyMethod,
  fieldsOf,
  forOperatorsOnly,
  inputOf,
  isRequired,
  type Field,
  type Values,
} from './methods.js';
import { root } from './service/team.js';

/** A team whose members come and go. New names are never in use. */
export interface Stage {
  readonly workspaces: WorkspaceService;
  readonly clock: FixedClock;
  readonly workspaceId: string;
  /** The owner of the team when the calls begin. */
  readonly owner: UserActor;
  readonly newName: () => string;
}

/** A call whose records exist already. */
export type PreparedCall = () => Promise<unknown>;

/** In the order of the calls: the team is transferred last. */
export const calledNames: readonly MethodName[] = [
  ...everyMethod.filter((name) => name !== 'transferOwnership'),
  'transferOwnership',
];

/** Creates the records that a valid call of the method needs. */
export async function prepare(stage: Stage, name: MethodName): Promise<PreparedCall> {
  const { actor = stage.owner, values = {} } = (await special[name]?.(stage)) ?? {};
  const found: [Field, unknown][] = [];
  for (const field of fieldsOf(name)) {
    const { [field]: create } = records;
    if (isRequired(name, field) && create !== undefined && !Object.hasOwn(values, field))
      found.push([field, await create(stage)]);
  }
  const input = inputOf(name, { ...Object.fromEntries(found), ...values });
  const caller: Actor = forOperatorsOnly.has(name) ? root : actor;
  return () => call(stage.workspaces, name, { actor: caller, input });
}

/** The public methods of the service except for those that take a function in place of an input. */
export function publicMethods(service: { readonly prototype: object }): string[] {
  const others = ['constructor', 'permissions', 'on', 'before', 'withTransaction'];
  return Object.getOwnPropertyNames(service.prototype).filter((name) => !others.includes(name));
}

/** A user who has an account. */
export async function newcomer({ workspaces, newName }: Stage): Promise<UserActor> {
  const userId = newName();
  await workspaces.openAccount({ userId, username: userId });
  return { userId };
}

/** A user who has joined. */
export async function newMember(stage: Stage, role: 'manager' | 'developer'): Promise<UserActor> {
  const [{ token }, user] = [await invited(stage, role), await newcomer(stage)];
  await stage.workspaces.acceptInvitation(user, { token });
  return user;
}

/** An open link to the team. */
export async function invited(
  { workspaces, workspaceId, owner }: Pick<Stage, 'workspaces' | 'workspaceId' | 'owner'>,
  role: 'manager' | 'developer' = 'developer',
): Promise<{ readonly invitationId: string; readonly token: string }> {
  const { invitation, token } = await workspaces.inviteMember(owner, { workspaceId, role });
  return { invitationId: invitation.id, token };
}

/** The input of a reservation with a new id. */
export function reservation({ workspaceId, newName }: Stage) {
  return { workspaceId, reservationId: newName(), amounts: { cpu: '500m', memory: '1Gi' } };
}

/** The values of required fields on a stage; other fields have their samples. */
const records: { readonly [Name in Field]?: (stage: Stage) => unknown } = {
  workspaceId: ({ workspaceId }) => workspaceId,
  userId: async (stage) => (await newMember(stage, 'developer')).userId,
  name: ({ newName }) => newName(),
  invitationId: async (stage) => (await invited(stage)).invitationId,
  token: async (stage) => (await invited(stage)).token,
  reservationId: async (stage) => {
    const input = reservation(stage);
    await stage.workspaces.reserveQuota(stage.owner, input);
    return input.reservationId;
  },
  limits: () => ({ cpu: '1M' }),
};

type Special = (stage: Stage) => Promise<{ readonly actor?: UserActor; readonly values?: Values }>;

/** Methods that are not called by the owner, or that need other records. */
const special: { readonly [Name in MethodName]?: Special } = {
  openAccount: async ({ newName }) => ({ values: { userId: newName() } }),
  renameAccount: async (stage) => {
    const actor = await newcomer(stage);
    return { actor, values: { ...actor, username: stage.newName() } };
  },
  closeAccount: async (stage) => {
    const [actor, role] = [await newMember(stage, 'manager'), 'developer'] as const;
    const { workspaceId } = stage;
    await stage.workspaces.inviteMember(actor, { workspaceId, role });
    const other = await stage.workspaces.createWorkspace(await newcomer(stage), { name: stage.newName() });
    await stage.workspaces.inviteMember(
      { userId: other.ownerId },
      { workspaceId: other.id, role, recipient: actor },
    );
    return { actor, values: { ...actor, erase: true } };
  },
  listAccountEvents: async ({ owner }) => ({ values: owner }),
  createWorkspace: async (stage) => ({ actor: await newcomer(stage) }),
  deleteWorkspace: async (stage) => {
    const actor = await newcomer(stage);
    const { id: workspaceId } = await stage.workspaces.createWorkspace(actor, { name: stage.newName() });
    await invited({ ...stage, workspaceId, owner: actor });
    return { actor, values: { workspaceId } };
  },
  restoreWorkspace: deleted,
  purgeWorkspaces: async (stage) => ({ values: (await deleted(stage)).values }),
  listDeletedWorkspaces: async (stage) => ({ actor: (await deleted(stage)).actor }),
  addMember: async (stage) => ({ values: await newcomer(stage) }),
  // A directory of its own, which removes no one.
  reconcileMembers: async (stage) => ({
    values: {
      managedBy: stage.newName(),
      members: [{ ...(await newcomer(stage)), role: 'developer' }],
    },
  }),
  changeRole: async () => ({ values: { role: 'manager' } }),
  transferOwnership: async (stage) => ({ values: await newMember(stage, 'manager') }),
  offerOwnership: async (stage) => ({ values: await newMember(stage, 'manager') }),
  acceptOwnership: offered,
  declineOwnership: offered,
  withdrawOwnershipOffer: async (stage) => ({ values: (await offered(stage)).values }),
  acceptInvitation: answered,
  declineInvitation: answered,
  listMyInvitations: async (stage) => {
    const actor = await newcomer(stage);
    await stage.workspaces.inviteMember(stage.owner, {
      workspaceId: stage.workspaceId,
      role: 'developer',
      recipient: actor,
    });
    return { actor };
  },
  leaveWorkspace: async (stage) => ({ actor: await newMember(stage, 'developer') }),
  switchWorkspace: async (stage) => ({ actor: await newMember(stage, 'developer') }),
  activeWorkspace: async (stage) => {
    const actor = await newMember(stage, 'developer');
    await stage.workspaces.switchWorkspace(actor, { workspaceId: stage.workspaceId });
    return { actor };
  },
  verifySession: async ({ workspaces, workspaceId, owner }) => {
    const { token } = await workspaces.switchWorkspace(owner, { workspaceId });
    return { values: { token } };
  },
  resizeQuota: async (stage) => {
    const { amounts, ...named } = reservation(stage);
    await stage.workspaces.reserveQuota(stage.owner, { ...named, amounts });
    await stage.workspaces.commitQuota(stage.owner, named);
    return { values: { ...named, amounts: { cpu: '250m' } } };
  },
  reserveQuota: anotherReservation,
  withQuota: anotherReservation,
};

/** Of a team of its own, because it moves the ownership. */
async function offered(stage: Stage) {
  const { workspaces, owner, newName } = stage;
  const { id: workspaceId } = await workspaces.createWorkspace(owner, { name: newName() });
  const actor = await newMember({ ...stage, workspaceId }, 'developer');
  await workspaces.offerOwnership(owner, { workspaceId, ...actor });
  return { actor, values: { workspaceId } };
}

/** A workspace of its own that can be restored: the service has a grace period. */
async function deleted(stage: Stage) {
  const [{ workspaces, newName }, actor] = [stage, await newcomer(stage)];
  const { id: workspaceId } = await workspaces.createWorkspace(actor, { name: newName() });
  await workspaces.deleteWorkspace(actor, { workspaceId });
  return { actor, values: { workspaceId } };
}

async function answered(stage: Stage) {
  const { token } = await invited(stage);
  return { actor: await newcomer(stage), values: { token } };
}

/** The first charge of a workspace opens its ledger, so a call in the table is never the first. */
async function anotherReservation(stage: Stage) {
  await stage.workspaces.reserveQuota(stage.owner, reservation(stage));
  return { values: reservation(stage) };
}

// Every method that takes an input, with a valid input for it: what tables over all methods are made from.
import type * as z from 'zod/mini';
import { type commandSchemas, type MethodName, type WorkspaceService } from '../../src/index.js';

/** What an input may name. */
export interface Place {
  readonly workspaceId: string;
  readonly userId: string;
  readonly role: string;
  readonly invitationId: string;
  /** An invitation token or a session token, as the method wants it. */
  readonly token: string;
  readonly name: string;
}

/** What the quota methods reserve, commit and release: the input of `reserveQuota` but for its workspace. */
export const reservation = { reservationId: 'res-1', amounts: { cpu: '500m' } } as const;
const { reservationId, amounts } = reservation;

type Inputs = {
  readonly [Name in MethodName]: (place: Place) => z.input<(typeof commandSchemas)[Name]>;
};

/** A method without an input here does not compile. */
export const inputs: Inputs = {
  openAccount: ({ userId }) => ({ userId, username: userId }),
  renameAccount: ({ userId, name }) => ({ userId, username: name }),
  createWorkspace: ({ workspaceId, name }) => ({ workspaceId, name }),
  renameWorkspace: ({ workspaceId, name }) => ({ workspaceId, name }),
  deleteWorkspace: ({ workspaceId }) => ({ workspaceId }),
  transferOwnership: ({ workspaceId, userId }) => ({ workspaceId, userId }),
  inviteMember: ({ workspaceId, role }) => ({ workspaceId, role }),
  reissueInvitation: ({ workspaceId, invitationId }) => ({ workspaceId, invitationId }),
  revokeInvitation: ({ workspaceId, invitationId }) => ({ workspaceId, invitationId }),
  previewInvitation: ({ token }) => ({ token }),
  acceptInvitation: ({ token }) => ({ token }),
  declineInvitation: ({ token }) => ({ token }),
  changeRole: ({ workspaceId, userId, role }) => ({ workspaceId, userId, role }),
  removeMember: ({ workspaceId, userId }) => ({ workspaceId, userId }),
  leaveWorkspace: ({ workspaceId }) => ({ workspaceId }),
  switchWorkspace: ({ workspaceId }) => ({ workspaceId }),
  verifySession: ({ token }) => ({ token, fresh: true }),
  getWorkspace: ({ workspaceId }) => ({ workspaceId }),
  getMembership: ({ workspaceId }) => ({ workspaceId }),
  listWorkspaces: () => ({}),
  listMembers: ({ workspaceId }) => ({ workspaceId }),
  listInvitations: ({ workspaceId }) => ({ workspaceId }),
  listEvents: ({ workspaceId }) => ({ workspaceId }),
  listAccountEvents: ({ userId }) => ({ userId }),
  can: ({ workspaceId }) => ({ workspaceId, permission: 'workspace:view' }),
  authorize: ({ workspaceId }) => ({ workspaceId, permission: 'workspace:view' }),
  explain: ({ workspaceId }) => ({ workspaceId, permission: 'workspace:view' }),
  setQuota: ({ workspaceId }) => ({ workspaceId, limits: { cpu: '8' } }),
  getQuota: ({ workspaceId }) => ({ workspaceId }),
  reserveQuota: ({ workspaceId }) => ({ workspaceId, reservationId, amounts }),
  commitQuota: ({ workspaceId }) => ({ workspaceId, reservationId }),
  releaseQuota: ({ workspaceId }) => ({ workspaceId, reservationId }),
  withQuota: ({ workspaceId }) => ({ workspaceId, reservationId, amounts }),
};

/** In the order of `inputs`. */
export const methodNames = Object.keys(inputs).filter(isMethodName);

/** The methods that take no actor: the host calls the first, and a token is all that the others ask for. */
export const withoutActor: ReadonlySet<MethodName> = new Set([
  'openAccount',
  'previewInvitation',
  'verifySession',
]);

/** The methods that only a person can call, not the host itself. */
export const forUsersOnly: ReadonlySet<MethodName> = new Set([
  'createWorkspace',
  'acceptInvitation',
  'declineInvitation',
  'leaveWorkspace',
  'switchWorkspace',
  'getMembership',
  'listWorkspaces',
]);

/** The methods that only the host itself can call. */
export const forOperatorsOnly: ReadonlySet<MethodName> = new Set(['setQuota']);

/** Calls a method by its name, with whatever is given: as JavaScript would. */
export async function call(
  workspaces: WorkspaceService,
  name: MethodName,
  { actor, input }: { readonly actor: unknown; readonly input: unknown },
): Promise<unknown> {
  const method: unknown = Reflect.get(workspaces, name);
  if (typeof method !== 'function') throw new Error(`${name} is not a method`);
  const args = withoutActor.has(name) ? [input] : [actor, input];
  if (name === 'withQuota') args.push(() => 'created');
  const answer: unknown = Reflect.apply(method, workspaces, args);
  return answer;
}

function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(inputs, name);
}

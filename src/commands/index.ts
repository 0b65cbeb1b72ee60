// The registry of every method. Schemas, hook types, routes and the tables in tests derive from it.
import * as z from 'zod/mini';
import type { PermissionMatrix } from '../core/permissions.js';
import type { RefusalCode } from '../core/refusals.js';
import { closeAccount } from './accounts/close-account.js';
import { openAccount } from './accounts/open-account.js';
import { renameAccount } from './accounts/rename-account.js';
import { switchWorkspace } from './accounts/switch-workspace.js';
import type { CallerKind } from './define.js';
import { acceptInvitation } from './invitations/accept-invitation.js';
import { declineInvitation } from './invitations/decline-invitation.js';
import { inviteMember, inviteMemberInput } from './invitations/invite-member.js';
import { reissueInvitation, reissueInvitationInput } from './invitations/reissue-invitation.js';
import { revokeInvitation } from './invitations/revoke-invitation.js';
import { addMember, addMemberInput } from './members/add-member.js';
import { changeRole, changeRoleInput } from './members/change-role.js';
import { leaveWorkspace } from './members/leave-workspace.js';
import { reconcileMembers, reconcileMembersInput } from './members/reconcile-members.js';
import { removeMember } from './members/remove-member.js';
import { acceptOwnership, declineOwnership, withdrawOwnershipOffer } from './ownership/answer-offer.js';
import { offerOwnership, offerOwnershipInput } from './ownership/offer-ownership.js';
import { transferOwnership, transferOwnershipInput } from './ownership/transfer-ownership.js';
import { listMembersInput, permissionInput, queries } from './queries.js';
import { reserveQuota, reserveQuotaInput, withQuota } from './quotas/reserve-quota.js';
import { resizeQuota, resizeQuotaInput } from './quotas/resize-quota.js';
import { setQuota } from './quotas/set-quota.js';
import {
  commitQuota,
  commitQuotaInput,
  releaseQuota,
  reservationInput,
} from './quotas/settle-reservation.js';
import { createWorkspace } from './workspaces/create-workspace.js';
import { deleteWorkspace } from './workspaces/delete-workspace.js';
import { purgeWorkspaces } from './workspaces/purge-workspaces.js';
import { renameWorkspace } from './workspaces/rename-workspace.js';
import { resumeWorkspace } from './workspaces/resume-workspace.js';
import { restoreWorkspace } from './workspaces/restore-workspace.js';
import { suspendWorkspace } from './workspaces/suspend-workspace.js';
import { updateAttributes } from './workspaces/update-attributes.js';

/** The commands that a decision answers. */
export const commands = {
  openAccount,
  renameAccount,
  switchWorkspace,
  closeAccount,
  createWorkspace,
  renameWorkspace,
  updateAttributes,
  deleteWorkspace,
  restoreWorkspace,
  purgeWorkspaces,
  suspendWorkspace,
  resumeWorkspace,
  transferOwnership,
  offerOwnership,
  acceptOwnership,
  declineOwnership,
  withdrawOwnershipOffer,
  inviteMember,
  reissueInvitation,
  revokeInvitation,
  acceptInvitation,
  declineInvitation,
  addMember,
  changeRole,
  removeMember,
  reconcileMembers,
  leaveWorkspace,
} as const;

/** The commands that the quota adapter answers. */
export const quotaCommands = { setQuota, reserveQuota, commitQuota, resizeQuota, releaseQuota } as const;

const definitions = { ...commands, ...quotaCommands, withQuota, ...queries } as const;

/** What is known of a method without calling it. */
export interface Method<
  Kind extends 'command' | 'composite' | 'query',
  Caller extends CallerKind,
  Schema extends z.ZodMiniType,
> {
  /** A `command` changes records and asks hooks, a `query` only reads, a `composite` calls commands. */
  readonly kind: Kind;
  /** Who may call it. */
  readonly caller: Caller;
  /** The schema of its input object. */
  readonly input: Schema;
  /** The error codes of the method, besides `INVALID_INPUT`, `UNAVAILABLE`, and for commands `CONFLICT` and `VETOED`. */
  readonly errors: readonly RefusalCode[];
}

type AnyMethod = Method<'command' | 'composite' | 'query', CallerKind, z.ZodMiniType>;

/**
 * Every method of the service by name: what it takes, who may call it, and the error codes it may end with.
 *
 * @example
 * ```ts
 * import { methods } from 'tenantry';
 *
 * methods.createWorkspace.caller; // 'user'
 * methods.createWorkspace.errors.includes('NAME_TAKEN'); // true
 * ```
 */
export const methods = describe(definitions);

/** The name of a method. */
export type MethodName = keyof typeof methods;

/**
 * The zod schema of every method's input object, by the method's name.
 *
 * @example
 * ```ts
 * import { commandSchemas } from 'tenantry';
 *
 * commandSchemas.createWorkspace.safeParse({ name: 'hello', ownerId: 'me' }).success; // false: an unknown key
 * ```
 */
export const commandSchemas = inputsOf(definitions);

/**
 * {@link commandSchemas} for one matrix: roles are limited to those that can be granted, permissions to those that the
 * matrix defines, in the types and in JSON Schema. Use it where your app checks HTTP bodies before it calls a method.
 *
 * @example
 * ```ts
 * import { schemasFor, defaultMatrix } from 'tenantry';
 *
 * const { changeRole } = schemasFor(defaultMatrix);
 * const body = { workspaceId: 'ws-1', userId: 'u2', role: 'manger' };
 * changeRole.safeParse(body).success; // false: 'manager' or 'developer'
 * ```
 */
export function schemasFor<Role extends string, Permission extends string>(
  matrix: PermissionMatrix<Role, Permission>,
) {
  const role = oneOf(matrix.roles.filter((name) => matrix.isGrantable(name)));
  const permission = oneOf(matrix.permissions);
  const question = permissionInput(permission);
  const reserve = reserveQuotaInput(permission);
  return Object.freeze({
    ...commandSchemas,
    inviteMember: inviteMemberInput(role),
    reissueInvitation: reissueInvitationInput(role),
    listMembers: listMembersInput(oneOf(matrix.roles)),
    addMember: addMemberInput(role),
    reconcileMembers: reconcileMembersInput(role),
    changeRole: changeRoleInput(role),
    transferOwnership: transferOwnershipInput(role),
    offerOwnership: offerOwnershipInput(role),
    can: question,
    authorize: question,
    explain: question,
    reserveQuota: reserve,
    withQuota: reserve,
    commitQuota: commitQuotaInput(permission),
    resizeQuota: resizeQuotaInput(permission),
    releaseQuota: reservationInput(permission),
  });
}

/** The schemas that {@link schemasFor} returns. */
export type MatrixSchemas<Role extends string, Permission extends string> = ReturnType<
  typeof schemasFor<Role, Permission>
>;

function oneOf<Name extends string>(names: readonly Name[]): z.ZodMiniType<Name, Name> {
  // A matrix of owners alone has no role to grant.
  return names.length === 0 ? z.never() : z.literal([...names]);
}

// The overloads keep each method's own types; what is private to the library stays out of them.
function describe<Definitions extends Readonly<Record<string, AnyMethod>>>(
  all: Definitions,
): {
  readonly [Name in keyof Definitions]: Method<
    Definitions[Name]['kind'],
    Definitions[Name]['caller'],
    Definitions[Name]['input']
  >;
};
function describe(all: Readonly<Record<string, AnyMethod>>): Readonly<Record<string, AnyMethod>> {
  const described = Object.entries(all).map(([name, { kind, caller, input, errors }]) => {
    return [name, Object.freeze({ kind, caller, input, errors: Object.freeze([...errors]) })] as const;
  });
  return Object.freeze(Object.fromEntries(described));
}

function inputsOf<Definitions extends Readonly<Record<string, AnyMethod>>>(
  all: Definitions,
): { readonly [Name in keyof Definitions]: Definitions[Name]['input'] };
function inputsOf(all: Readonly<Record<string, AnyMethod>>): Readonly<Record<string, z.ZodMiniType>> {
  return Object.freeze(Object.fromEntries(Object.entries(all).map(([name, { input }]) => [name, input])));
}

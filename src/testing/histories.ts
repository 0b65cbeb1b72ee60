// Random histories: what many people might do next, as plain data that fast-check can shrink.
import type * as FastCheck from 'fast-check';
import type { Actor, UserActor } from '../domain/actor.js';
import { violations } from '../domain/invariants.js';
import type { InvitationId, UserId, WorkspaceId } from '../domain/ids.js';
import type { MaxUses, Recipient } from '../domain/invitation.js';
import type { Limits } from '../domain/limits.js';
import { sealosMatrix, type SealosRole } from '../domain/permissions.js';
import type { MemoryStorage } from '../adapters/memory/memory-storage.js';
import type { WorkspaceService } from '../service/workspace-service.js';
import { outcomeOf, type Outcome } from './scenario.js';
import type { FixedClock } from './runtime.js';

/** fast-check itself, as the caller imported it: this package does not. */
export type FastCheckModule = Pick<
  typeof FastCheck,
  'array' | 'constantFrom' | 'commands' | 'nat' | 'option' | 'record'
>;

/** How often each is drawn beside the others: inviting and accepting more than deleting, so that there is something to break. */
const SHARES: Readonly<Record<Step['method'], number>> = {
  openAccount: 1,
  renameAccount: 2,
  createWorkspace: 1,
  renameWorkspace: 2,
  deleteWorkspace: 1,
  transferOwnership: 3,
  inviteMember: 3,
  reissueInvitation: 2,
  revokeInvitation: 2,
  acceptInvitation: 4,
  declineInvitation: 2,
  changeRole: 3,
  removeMember: 2,
  leaveWorkspace: 2,
  switchWorkspace: 2,
  authorize: 2,
  wait: 1,
};

/** What somebody does. Numbers pick from what there is by then, so that every step makes sense, shrunk or not. */
export interface Step {
  readonly method:
    | 'openAccount'
    | 'renameAccount'
    | 'createWorkspace'
    | 'renameWorkspace'
    | 'deleteWorkspace'
    | 'transferOwnership'
    | 'inviteMember'
    | 'reissueInvitation'
    | 'revokeInvitation'
    | 'acceptInvitation'
    | 'declineInvitation'
    | 'changeRole'
    | 'removeMember'
    | 'leaveWorkspace'
    | 'switchWorkspace'
    | 'authorize'
    | 'wait';
  /** Who: a person, or with `operator` the host. */
  readonly actor: number;
  readonly operator: boolean;
  readonly workspace: number;
  readonly user: number;
  readonly invitation: number;
  readonly name: number;
  readonly role: Exclude<SealosRole, 'owner'>;
  readonly maxUses: MaxUses;
  readonly recipient: 'anyone' | 'user' | 'email';
}

/** A step with what it picked: a call that can be made again on another service. */
export interface Call {
  readonly title: string;
  /** Makes the call, on this service or another. */
  run(workspaces: WorkspaceService): Promise<unknown>;
}

/** People, and what they have heard of so far. */
export interface Playground {
  readonly users: readonly UserId[];
  /** Turns a step into a call. */
  callOf(step: Step): Call;
  /** Remembers the ids and tokens that an answer tells. */
  hear(outcome: Outcome): void;
}

/**
 * One step: inviting and accepting more often than deleting, so that there is something to break.
 *
 * @example
 * ```ts
 * import fc from 'fast-check';
 * import { createTestWorkspaces, playground, settle, stepArbitrary } from 'tenantry/testing';
 *
 * const { workspaces } = createTestWorkspaces();
 * const people = playground();
 * await settle(people, workspaces);
 * for (const step of fc.sample(stepArbitrary(fc), 5)) {
 *   await people.callOf(step).run(workspaces).catch(() => undefined); // many are refused
 * }
 * ```
 */
export function stepArbitrary(fc: FastCheckModule): FastCheck.Arbitrary<Step> {
  return fc.record({
    method: fc.constantFrom(...METHODS),
    actor: fc.nat(7),
    operator: fc.constantFrom(false, false, false, true),
    workspace: fc.nat(11),
    user: fc.nat(7),
    invitation: fc.nat(5),
    name: fc.nat(3),
    role: fc.constantFrom('manager', 'developer'),
    maxUses: fc.constantFrom(1, 1, 2, 3, 'unlimited' as const),
    recipient: fc.constantFrom('anyone', 'anyone', 'anyone', 'user', 'email'),
  });
}

const METHODS = Object.keys(SHARES)
  .filter((name): name is Step['method'] => Object.hasOwn(SHARES, name))
  .flatMap((method) => Array.from({ length: SHARES[method] }, () => method));

/**
 * Ada, Bob and six others. Nobody has an account yet: see {@link settle}.
 *
 * @example
 * ```ts
 * import { playground } from 'tenantry/testing';
 *
 * playground().users.length; // 8
 * ```
 */
export function playground(): Playground {
  const users = ['ada', 'bob', 'cyd', 'dee', 'eve', 'fay', 'gus', 'hal'];
  const personal: WorkspaceId[] = [];
  const teams: WorkspaceId[] = [];
  const invitations: {
    readonly workspaceId: WorkspaceId;
    readonly id: InvitationId;
    readonly token: string;
  }[] = [];
  /** From the last few: what is long gone tells little. */
  const pick = <Item>(items: readonly Item[], number: number, otherwise: Item): Item => {
    const recent = items.slice(-6);
    return recent[number % Math.max(1, recent.length)] ?? otherwise;
  };
  const person = (number: number): UserActor => {
    const userId = users[number % users.length] ?? 'ada';
    return { userId, email: `${userId}@tenantry.test`, emailVerified: true };
  };

  return {
    users,
    callOf(step) {
      const self = person(step.actor);
      const actor: Actor = step.operator ? { operator: 'support' } : self;
      const { userId } = person(step.user);
      const workspaceId =
        step.workspace === 0
          ? pick(personal, step.user, 'nowhere')
          : pick(teams.slice(-3), step.workspace, 'nowhere');
      const invited = pick(invitations, step.invitation, { workspaceId, id: 'none', token: 'none' });
      const name = `name ${String(step.name)}`;
      const { role, maxUses } = step;
      const recipients: Record<Step['recipient'], Recipient | undefined> = {
        anyone: undefined,
        user: { userId },
        email: { email: `${userId.toUpperCase()}@tenantry.test` },
      };
      const recipient = recipients[step.recipient];
      const calls: Record<Step['method'], Call['run']> = {
        openAccount: (to) =>
          to.openAccount({ userId: self.userId, username: step.name === 0 ? name : self.userId }),
        renameAccount: (to) => to.renameAccount(actor, { userId, username: step.name === 0 ? name : userId }),
        createWorkspace: (to) => to.createWorkspace(self, { name }),
        renameWorkspace: (to) => to.renameWorkspace(actor, { workspaceId, name }),
        deleteWorkspace: (to) => to.deleteWorkspace(actor, { workspaceId, confirmName: name }),
        transferOwnership: (to) =>
          to.transferOwnership(actor, { workspaceId, userId, formerOwnerRole: role }),
        inviteMember: (to) =>
          to.inviteMember(actor, {
            workspaceId,
            role,
            recipient,
            maxUses: recipient ? 1 : maxUses,
            expiresInSeconds: 3600,
          }),
        reissueInvitation: (to) =>
          to.reissueInvitation(actor, { workspaceId: invited.workspaceId, invitationId: invited.id }),
        revokeInvitation: (to) =>
          to.revokeInvitation(actor, { workspaceId: invited.workspaceId, invitationId: invited.id }),
        acceptInvitation: (to) => to.acceptInvitation(self, { token: invited.token }),
        declineInvitation: (to) => to.declineInvitation(self, { token: invited.token }),
        changeRole: (to) => to.changeRole(actor, { workspaceId, userId, role }),
        removeMember: (to) => to.removeMember(actor, { workspaceId, userId }),
        leaveWorkspace: (to) => to.leaveWorkspace(self, { workspaceId }),
        switchWorkspace: (to) => to.switchWorkspace(self, { workspaceId }),
        authorize: (to) => to.authorize(actor, { workspaceId, permission: 'resource:create' }),
        wait: () => Promise.resolve(),
      };
      return {
        title: `${step.method} by ${JSON.stringify(actor)} ${JSON.stringify({ workspaceId, userId, role })}`,
        run: calls[step.method],
      };
    },
    hear(outcome) {
      if (!outcome.ok || typeof outcome.value !== 'object' || outcome.value === null) return;
      const told = outcome.value;
      if ('token' in told && 'invitation' in told) {
        const { invitation, token } = told as Awaited<ReturnType<WorkspaceService['inviteMember']>>;
        invitations.push({ workspaceId: invitation.workspaceId, id: invitation.id, token });
      } else if ('kind' in told && 'id' in told && typeof told.id === 'string') {
        if (!teams.includes(told.id)) teams.push(told.id);
      } else if ('account' in told && 'workspace' in told) {
        const { workspace } = told as Awaited<ReturnType<WorkspaceService['openAccount']>>;
        if (!personal.includes(workspace.id)) personal.push(workspace.id);
      }
    },
  };
}

/**
 * Gives six of the people an account, and three of them a team: so that a history begins where there is something to do.
 *
 * @example
 * ```ts
 * import { createTestWorkspaces, playground, settle } from 'tenantry/testing';
 *
 * const { workspaces, storage } = createTestWorkspaces();
 * await settle(playground(), workspaces);
 * storage.dump().accounts.length; // 6
 * ```
 */
export async function settle(people: Playground, workspaces: WorkspaceService): Promise<void> {
  const hear = async <Value>(told: Promise<Value>): Promise<Value> => {
    const value = await told;
    people.hear({ ok: true, value });
    return value;
  };
  for (const userId of people.users.slice(0, 6))
    await hear(workspaces.openAccount({ userId, username: userId }));
  const [ada, bob, cyd] = ['ada', 'bob', 'cyd'].map((userId) => ({ userId }));
  if (!ada || !bob || !cyd) return;
  const { id: workspaceId } = await hear(workspaces.createWorkspace(ada, { name: 'name 0' }));
  const { token } = await hear(workspaces.inviteMember(ada, { workspaceId, role: 'manager', maxUses: 2 }));
  for (const member of [bob, cyd]) await workspaces.acceptInvitation(member, { token });
}

/** What model commands run against: as `createTestWorkspaces` gives it. */
export interface RealWorkspaces {
  readonly workspaces: WorkspaceService;
  readonly storage: MemoryStorage;
  readonly clock: FixedClock;
}

/**
 * Commands for fast-check's `asyncModelRun`: each plays one step, and checks every invariant after it. The model is what
 * people have heard of.
 *
 * @example
 * ```ts
 * import fc from 'fast-check';
 * import { createTestWorkspaces, modelCommands, playground, settle } from 'tenantry/testing';
 *
 * async function start() {
 *   const real = createTestWorkspaces();
 *   const model = playground();
 *   await settle(model, real.workspaces);
 *   return { model, real };
 * }
 * await fc.assert(
 *   fc.asyncProperty(modelCommands(fc, { maxCommands: 20 }), (commands) => fc.asyncModelRun(start, commands)),
 *   { numRuns: 10 },
 * );
 * ```
 */
export function modelCommands(
  fc: FastCheckModule,
  options: { readonly maxCommands?: number; readonly limits?: Limits } = {},
): FastCheck.Arbitrary<Iterable<FastCheck.AsyncCommand<Playground, RealWorkspaces>>> {
  const { maxCommands = 40, limits } = options;
  const command = stepArbitrary(fc).map(
    (step): FastCheck.AsyncCommand<Playground, RealWorkspaces> => ({
      check: () => true,
      async run(model, { workspaces, storage, clock }) {
        // Long enough that three waits outlast an invitation.
        if (step.method === 'wait') clock.advance(20 * 60_000);
        model.hear(await outcomeOf(() => model.callOf(step).run(workspaces)));
        const broken = violations(storage.dump(), {
          matrix: sealosMatrix,
          now: clock.now(),
          ...(limits && { limits }),
        });
        if (broken.length > 0)
          throw new Error(broken.map(({ rule, message }) => `${rule} ${message}`).join('\n'));
      },
      toString: () => JSON.stringify(step),
    }),
  );
  // By its own measure of size fast-check would stop at ten, whatever the most is: five steps on average reach little.
  return fc.commands([command], { maxCommands, size: 'max' });
}

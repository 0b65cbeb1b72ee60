// Eight people who act at random: each step is plain data, and picks its targets from what is known when it runs.
import { commands } from '../../src/commands/index.js';
import { queries } from '../../src/commands/queries.js';
import type { Actor, UserActor } from '../../src/core/actor.js';
import type { InvitationId, UserId, WorkspaceId } from '../../src/core/ids.js';
import type { MaxUses, Recipient } from '../../src/core/invitation.js';
import type { DefaultRole } from '../../src/core/permission-matrix.js';
import type { WorkspaceService } from '../../src/service/workspace-service.js';
import { callMethod, isRequired, inputOf } from '../../src/testing/inputs.js';
import type { Outcome } from '../../src/testing/scenario.js';

const called = { ...commands, authorize: queries.authorize };

/** Every command that writes records; with one that reads, and the passing of time. */
export type StepMethod = keyof typeof called | 'wait';

/** Every method of the histories, once. */
export const stepMethods: readonly StepMethod[] = [...Object.keys(called).filter(isCalled), 'wait'];

/** One action. Numbers are indexes into what exists when the step runs, so every step stays valid while shrinking. */
export interface Step {
  readonly method: StepMethod;
  /** The index of the user who acts; ignored when `operator` is set. */
  readonly actor: number;
  readonly operator: boolean;
  readonly workspace: number;
  readonly user: number;
  readonly invitation: number;
  readonly name: number;
  readonly role: Exclude<DefaultRole, 'owner'>;
  readonly maxUses: MaxUses;
  readonly recipient: 'anyone' | 'user' | 'email';
}

/** A step with its targets resolved: it can be repeated on another service. */
export interface Call {
  readonly title: string;
  run(workspaces: WorkspaceService): Promise<unknown>;
}

/** The users, and the ids and tokens that they have received so far. */
export interface Playground {
  readonly users: readonly UserId[];
  /** Turns a step into a call. */
  callOf(step: Step): Call;
  /** Remembers the ids and tokens that a call returned. */
  observe(outcome: Outcome): void;
}

/** Ada, Bob and six others, none of whom has an account yet: see {@link populate}. */
export function playground(): Playground {
  const users = ['ada', 'bob', 'cyd', 'dee', 'eve', 'fay', 'gus', 'hal'];
  const personal: WorkspaceId[] = [];
  const teams: WorkspaceId[] = [];
  const invitations: {
    readonly workspaceId: WorkspaceId;
    readonly id: InvitationId;
    readonly token: string;
  }[] = [];
  const offers: { readonly workspaceId: WorkspaceId; readonly userId: UserId }[] = [];
  /** One of the last six: most older ones are deleted or used up. */
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
      // Offers are answered by those to whom they were made.
      const isAnswer = step.method === 'acceptOwnership' || step.method === 'declineOwnership';
      const offer = isAnswer ? offers.at(-1) : undefined;
      const self = offer ? person(users.indexOf(offer.userId)) : person(step.actor);
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
      const values = {
        workspaceId,
        userId,
        name,
        username: step.name === 0 ? name : userId,
        confirmName: name,
        confirmUsername: step.name === 1 ? name : undefined,
        role,
        formerOwnerRole: role,
        recipient,
        maxUses: recipient ? 1 : maxUses,
        expiresInSeconds: 3600,
        invitationId: invited.id,
        token: invited.token,
        permission: 'resource:create',
        attributes: { label: name },
        managedBy: `directory ${String(step.name % 2)}`,
        // Of those whom it could want, the one who is named and the next.
        members: [step.user, ...(step.name > 1 ? [step.user + 1] : [])].map((index) => ({
          userId: person(index).userId,
          role,
          ...(step.recipient === 'email' && { email: person(index).email }),
        })),
      };
      // By its token, or by its ids.
      const answered =
        step.name === 0
          ? { token: undefined, workspaceId: invited.workspaceId }
          : { workspaceId: undefined, invitationId: undefined };
      const others: Partial<Record<StepMethod, object>> = {
        closeAccount: { userId: self.userId },
        openAccount: { userId: self.userId, username: step.name === 0 ? name : self.userId },
        // Generated, so that it is a new one.
        createWorkspace: { workspaceId: undefined },
        inviteMember: { invitationId: undefined },
        ...(step.name > 0 && { purgeWorkspaces: { workspaceId: undefined } }),
        acceptInvitation: answered,
        declineInvitation: answered,
        acceptOwnership: offer ?? {},
        declineOwnership: offer ?? {},
      };
      return {
        title: `${step.method} by ${JSON.stringify(actor)} ${JSON.stringify({ workspaceId, userId, role })}`,
        async run(to) {
          if (step.method === 'wait') return;
          const method = called[step.method];
          const ofInvitation = isRequired(method, 'invitationId') && {
            workspaceId: invited.workspaceId,
          };
          const input = inputOf(method, { ...values, ...ofInvitation, ...others[step.method] });
          const byOperator = method.caller === 'operator' ? { operator: 'support' } : self;
          const caller = method.caller === 'actor' ? actor : byOperator;
          return callMethod(to, step.method, { caller: method.caller, actor: caller, input });
        },
      };
    },
    observe(outcome) {
      if (!outcome.ok || typeof outcome.value !== 'object' || outcome.value === null) return;
      const { value } = outcome;
      if ('token' in value && 'invitation' in value) {
        const { invitation, token } = value as Awaited<ReturnType<WorkspaceService['inviteMember']>>;
        invitations.push({ workspaceId: invitation.workspaceId, id: invitation.id, token });
      } else if ('formerOwnerRole' in value) {
        offers.push(value as Awaited<ReturnType<WorkspaceService['offerOwnership']>>);
      } else if ('kind' in value && 'id' in value && typeof value.id === 'string') {
        if (!teams.includes(value.id)) teams.push(value.id);
      } else if ('account' in value && 'workspace' in value) {
        const { workspace } = value as Awaited<ReturnType<WorkspaceService['openAccount']>>;
        if (!personal.includes(workspace.id)) personal.push(workspace.id);
      }
    },
  };
}

/** Opens six accounts, and creates a team of three of them, so that the first steps already have targets. */
export async function populate(people: Playground, workspaces: WorkspaceService): Promise<void> {
  const observed = async <Value>(answer: Promise<Value>): Promise<Value> => {
    const value = await answer;
    people.observe({ ok: true, value });
    return value;
  };
  for (const userId of people.users.slice(0, 6))
    await observed(workspaces.openAccount({ userId, username: userId }));
  const [ada, bob, cyd] = ['ada', 'bob', 'cyd'].map((userId) => ({ userId }));
  if (!ada || !bob || !cyd) return;
  const { id: workspaceId } = await observed(workspaces.createWorkspace(ada, { name: 'name 0' }));
  const { token } = await observed(
    workspaces.inviteMember(ada, { workspaceId, role: 'manager', maxUses: 2 }),
  );
  for (const member of [bob, cyd]) await workspaces.acceptInvitation(member, { token });
}

function isCalled(name: string): name is keyof typeof called {
  return Object.hasOwn(called, name);
}

// The calls that the conformance suite interleaves: for each command of the registry some that collide with others.
import { commands } from '../commands/index.js';
import type { AttributeSchema } from '../service/attribute-options.js';
import type { WorkspaceService } from '../service/workspace-service.js';
import { callMethod, inputOf, type CallableMethod } from './inputs.js';
import type { ActionOptions, Scenario } from './scenario.js';

/** A command that writes records. */
export type CommandName = keyof typeof commands;

/** One call by one process. */
export interface Action {
  readonly command: CommandName;
  readonly title: string;
  /** Takes many steps. Two such actions have too many interleavings to try all. */
  readonly isLong?: true;
  /** A retry has another answer: nothing is left to do. */
  readonly answersWhatItDid?: true;
  readonly options?: ActionOptions;
  run(workspaces: WorkspaceService, scenario: Scenario): Promise<unknown>;
}

/** A schema that accepts every value. */
const anything: AttributeSchema = {
  '~standard': { version: 1, validate: (value) => ({ value }) },
};

/** What commands are called for. A command that is not listed has one action, by the owner of the team. */
const actionsOf: { readonly [Name in CommandName]?: readonly Omit<Action, 'command'>[] } = {
  openAccount: [
    {
      title: 'Zed opens an account',
      run: (workspaces, { actor, prefix }) =>
        workspaces.openAccount({ ...actor('zed'), username: `${prefix}-new` }),
    },
  ],
  renameAccount: [
    {
      title: 'Dev takes the username that Zed wants',
      run: (workspaces, { actor, prefix }) =>
        workspaces.renameAccount(actor('dev'), { ...actor('dev'), username: `${prefix}-NEW` }),
    },
  ],
  createWorkspace: [
    {
      title: 'Mia creates a workspace',
      run: (workspaces, { actor, newId }) =>
        workspaces.createWorkspace(actor('mia'), { name: 'made', workspaceId: newId('one') }),
    },
    {
      title: 'Mia creates another one with the same name',
      run: (workspaces, { actor, newId }) =>
        workspaces.createWorkspace(actor('mia'), { name: 'MADE', workspaceId: newId('two') }),
    },
    {
      title: 'Dev creates one with the same id',
      run: (workspaces, { actor, newId }) =>
        workspaces.createWorkspace(actor('dev'), { name: 'hello', workspaceId: newId('one') }),
    },
  ],
  renameWorkspace: [
    {
      title: 'Ada gives the team the name of a workspace that Mia owns',
      run: (workspaces, { actor, team }) =>
        workspaces.renameWorkspace(actor('ada'), { workspaceId: team, name: 'Aside' }),
    },
  ],
  updateAttributes: [
    {
      title: 'Mia gives Dev an alias',
      options: { attributes: { member: { alias: { schema: anything, permission: 'member:remove' } } } },
      run: (workspaces, { actor, team }) =>
        workspaces.updateAttributes(actor('mia'), {
          workspaceId: team,
          ...actor('dev'),
          attributes: { alias: 'Devi' },
        }),
    },
  ],
  deleteWorkspace: [
    {
      title: 'Ada deletes the team',
      run: (workspaces, { actor, team }) =>
        workspaces.deleteWorkspace(actor('ada'), { workspaceId: team, confirmName: 'hello' }),
    },
    {
      title: 'Ada deletes the team, which can be restored',
      options: { deletion: { graceSeconds: 60 } },
      run: (workspaces, { actor, team }) => workspaces.deleteWorkspace(actor('ada'), { workspaceId: team }),
    },
  ],
  restoreWorkspace: [
    {
      title: 'Sam restores the deleted team',
      run: (workspaces, { actor, deleted }) =>
        workspaces.restoreWorkspace(actor('sam'), { workspaceId: deleted }),
    },
  ],
  purgeWorkspaces: [
    {
      title: 'An operator purges the deleted team',
      isLong: true,
      run: (workspaces, { deleted }) =>
        workspaces.purgeWorkspaces({ operator: 'nightly' }, { workspaceId: deleted }),
    },
  ],
  suspendWorkspace: [
    {
      title: 'An operator suspends the team',
      run: (workspaces, { team }) =>
        workspaces.suspendWorkspace({ operator: 'billing' }, { workspaceId: team, reason: 'unpaid' }),
    },
  ],
  resumeWorkspace: [
    {
      title: 'An operator resumes the suspended team',
      run: (workspaces, { suspended }) =>
        workspaces.resumeWorkspace({ operator: 'billing' }, { workspaceId: suspended }),
    },
  ],
  transferOwnership: [
    {
      title: 'Ada transfers the team to Mia',
      run: (workspaces, { actor, team }) =>
        workspaces.transferOwnership(actor('ada'), { workspaceId: team, ...actor('mia') }),
    },
    {
      title: 'Ada transfers the team to Dev and becomes a developer',
      run: (workspaces, { actor, team }) =>
        workspaces.transferOwnership(actor('ada'), {
          workspaceId: team,
          ...actor('dev'),
          formerOwnerRole: 'developer',
        }),
    },
  ],
  addMember: [
    {
      title: 'An operator adds Sam',
      run: (workspaces, { actor, team }) =>
        workspaces.addMember(
          { operator: 'directory' },
          { workspaceId: team, ...actor('sam'), role: 'developer' },
        ),
    },
    {
      title: 'An operator adds Eve, who is invited',
      run: (workspaces, { actor, team }) =>
        workspaces.addMember(
          { operator: 'directory' },
          { workspaceId: team, ...actor('eve'), role: 'developer' },
        ),
    },
  ],
  offerOwnership: [
    {
      title: 'Ada offers the team to Dev',
      run: (workspaces, { actor, team }) =>
        workspaces.offerOwnership(actor('ada'), { workspaceId: team, ...actor('dev') }),
    },
  ],
  acceptOwnership: [
    {
      title: 'Mia accepts the ownership',
      run: (workspaces, { actor, offered }) =>
        workspaces.acceptOwnership(actor('mia'), { workspaceId: offered }),
    },
  ],
  declineOwnership: [
    {
      title: 'Mia declines the ownership',
      run: (workspaces, { actor, offered }) =>
        workspaces.declineOwnership(actor('mia'), { workspaceId: offered }),
    },
  ],
  withdrawOwnershipOffer: [
    {
      title: 'Ada withdraws the offer of the ownership',
      run: (workspaces, { actor, offered }) =>
        workspaces.withdrawOwnershipOffer(actor('ada'), { workspaceId: offered }),
    },
  ],
  changeRole: [
    {
      title: 'Ada makes Mia a developer',
      run: (workspaces, { actor, team }) =>
        workspaces.changeRole(actor('ada'), { workspaceId: team, ...actor('mia'), role: 'developer' }),
    },
    {
      title: 'An operator makes Dev a manager',
      run: (workspaces, { actor, team }) =>
        workspaces.changeRole(
          { operator: 'support' },
          { workspaceId: team, ...actor('dev'), role: 'manager' },
        ),
    },
  ],
  removeMember: [
    {
      title: 'An operator removes Sam, whom a directory manages',
      run: (workspaces, { actor, offered }) =>
        workspaces.removeMember({ operator: 'support' }, { workspaceId: offered, ...actor('sam') }),
    },
    {
      title: 'Ada removes Mia',
      run: (workspaces, { actor, team }) =>
        workspaces.removeMember(actor('ada'), { workspaceId: team, ...actor('mia') }),
    },
    {
      title: 'Ada removes Mia, to whom the ownership is offered',
      run: (workspaces, { actor, offered }) =>
        workspaces.removeMember(actor('ada'), { workspaceId: offered, ...actor('mia') }),
    },
    {
      title: 'Mia removes Dev',
      run: (workspaces, { actor, team }) =>
        workspaces.removeMember(actor('mia'), { workspaceId: team, ...actor('dev') }),
    },
  ],
  reconcileMembers: [
    {
      title: 'A directory wants Sam, and Mia, whom it does not manage',
      isLong: true,
      answersWhatItDid: true,
      run: (workspaces, { actor, team }) =>
        workspaces.reconcileMembers(
          { operator: 'directory' },
          {
            workspaceId: team,
            managedBy: 'directory',
            members: [
              { ...actor('sam'), role: 'developer' },
              { ...actor('mia'), role: 'developer' },
            ],
          },
        ),
    },
    {
      title: 'Another directory wants Eve, who is invited',
      answersWhatItDid: true,
      run: (workspaces, { actor, team }) =>
        workspaces.reconcileMembers(
          { operator: 'directory' },
          { workspaceId: team, managedBy: 'another', members: [{ ...actor('eve'), role: 'developer' }] },
        ),
    },
    {
      title: 'A directory replaces Sam by Dev',
      answersWhatItDid: true,
      run: (workspaces, { actor, offered }) =>
        workspaces.reconcileMembers(
          { operator: 'directory' },
          { workspaceId: offered, managedBy: 'directory', members: [{ ...actor('dev'), role: 'manager' }] },
        ),
    },
  ],
  leaveWorkspace: [
    {
      title: 'Mia leaves',
      run: (workspaces, { actor, team }) => workspaces.leaveWorkspace(actor('mia'), { workspaceId: team }),
    },
  ],
  closeAccount: [
    {
      title: 'Dev closes the account',
      isLong: true,
      run: (workspaces, { actor }) => workspaces.closeAccount(actor('dev'), actor('dev')),
    },
    {
      title: 'An operator closes the account of Eve',
      isLong: true,
      run: (workspaces, { actor }) => workspaces.closeAccount({ operator: 'support' }, actor('eve')),
    },
  ],
  switchWorkspace: [
    {
      title: 'Dev switches to the team',
      run: (workspaces, { actor, team }) => workspaces.switchWorkspace(actor('dev'), { workspaceId: team }),
    },
  ],
  inviteMember: [
    {
      title: 'Mia invites someone to the last seat',
      run: (workspaces, { actor, team }) =>
        workspaces.inviteMember(actor('mia'), { workspaceId: team, role: 'developer' }),
    },
    {
      title: 'Ada invites someone with an id of her own',
      run: (workspaces, { actor, team, prefix }) =>
        workspaces.inviteMember(actor('ada'), {
          workspaceId: team,
          role: 'developer',
          invitationId: `${prefix}-own`,
        }),
    },
    {
      title: 'Ada invites someone by e-mail',
      run: (workspaces, { actor, team }) =>
        workspaces.inviteMember(actor('ada'), {
          workspaceId: team,
          role: 'developer',
          recipient: { email: 'new@tenantry.test' },
        }),
    },
  ],
  reissueInvitation: [
    {
      title: 'Ada reissues the invitation for Eve, for another role',
      run: (workspaces, { actor, team, bound: { invitationId } }) =>
        workspaces.reissueInvitation(actor('ada'), { workspaceId: team, invitationId, role: 'developer' }),
    },
    {
      title: 'Mia reissues the single link',
      run: (workspaces, { actor, team, single: { invitationId } }) =>
        workspaces.reissueInvitation(actor('mia'), { workspaceId: team, invitationId }),
    },
  ],
  revokeInvitation: [
    {
      title: 'Ada revokes the single link',
      run: (workspaces, { actor, team, single: { invitationId } }) =>
        workspaces.revokeInvitation(actor('ada'), { workspaceId: team, invitationId }),
    },
  ],
  acceptInvitation: [
    {
      title: 'Sam accepts the single link',
      run: async (workspaces, { actor, single }) =>
        workspaces.acceptInvitation(actor('sam'), { token: await single.token() }),
    },
    {
      title: 'Eve accepts the single link',
      run: async (workspaces, { actor, single }) =>
        workspaces.acceptInvitation(actor('eve'), { token: await single.token() }),
    },
    {
      title: 'Eve accepts the invitation for her user id',
      run: async (workspaces, { actor, bound }) =>
        workspaces.acceptInvitation(actor('eve'), { token: await bound.token() }),
    },
    {
      title: 'Sam accepts the unlimited link for the last seat',
      run: async (workspaces, { actor, unlimited }) =>
        workspaces.acceptInvitation(actor('sam'), { token: await unlimited.token() }),
    },
  ],
  declineInvitation: [
    {
      title: 'Eve declines the single link',
      run: async (workspaces, { actor, single }) =>
        workspaces.declineInvitation(actor('eve'), { token: await single.token() }),
    },
    {
      title: 'Eve declines the invitation for her user id, by its id',
      run: (workspaces, { actor, team, bound: { invitationId } }) =>
        workspaces.declineInvitation(actor('eve'), { workspaceId: team, invitationId }),
    },
  ],
};

/** Every action, by its command. */
export const actions: readonly Action[] = Object.values(commands).flatMap((command) =>
  (actionsOf[command.name] ?? [actionByAda(command)]).map((call) => ({ command: command.name, ...call })),
);

/** Every pair of actions, and each action with itself: the same command sent twice. Of two long ones, none. */
export const pairs: readonly (readonly [Action, Action])[] = actions.flatMap((a, index) =>
  actions.slice(index).flatMap((b) => (a.isLong && b.isLong ? [] : [[a, b] as const])),
);

/** Three actions each, where the third can take effect between the other two. */
export const triples: readonly (readonly Action[])[] = [
  ['Ada transfers the team to Mia', 'Mia leaves', 'Ada deletes the team'],
  ['Ada makes Mia a developer', 'Mia reissues the single link', 'Sam accepts the single link'],
  ['Sam accepts the single link', 'Eve accepts the single link', 'Ada revokes the single link'],
  [
    'Mia invites someone to the last seat',
    'Sam accepts the unlimited link for the last seat',
    'Eve declines the single link',
  ],
  [
    'Mia accepts the ownership',
    'Ada removes Mia, to whom the ownership is offered',
    'Mia creates a workspace',
  ],
  ['Ada deletes the team, which can be restored', 'Sam accepts the single link', 'Mia leaves'],
  ['Mia creates a workspace', 'Mia creates another one with the same name', 'Ada transfers the team to Mia'],
  ['Zed opens an account', 'Dev takes the username that Zed wants', 'Dev creates one with the same id'],
].map((titles) => titles.map(actionOf));

function actionOf(title: string): Action {
  const action = actions.find((one) => one.title === title);
  if (action === undefined) throw new Error(`there is no action: ${title}`);
  return action;
}

/** The call of a command by Ada, or by an operator if only they may, with the records of the scenario as its input. */
export function actionByAda(command: CallableMethod & { readonly name: string }): Omit<Action, 'command'> {
  const isForOperators = command.caller === 'operator';
  return {
    title: `${isForOperators ? 'An operator' : 'Ada'} calls ${command.name}`,
    async run(workspaces, { actor, team, single }) {
      const input = inputOf(command, {
        workspaceId: team,
        ...actor('dev'),
        role: 'developer',
        name: 'hello',
        username: 'hello',
        invitationId: single.invitationId,
        token: await single.token(),
      });
      const caller = isForOperators ? { operator: 'support' } : actor('ada');
      return callMethod(workspaces, command.name, { caller: command.caller, actor: caller, input });
    },
  };
}

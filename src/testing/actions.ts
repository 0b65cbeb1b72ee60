// The commands that are interleaved with one another in the scenario: every mutating method, alone and against its rivals.
import type { WorkspaceService } from '../service/workspace-service.js';
import type { Scenario } from './scenario.js';

/** One command of one process. */
export interface Action {
  readonly title: string;
  run(workspaces: WorkspaceService, scenario: Scenario): Promise<unknown>;
}

/** Every mutating method of the service at least once. */
export const actions: readonly Action[] = [
  {
    title: 'Zoe opens an account',
    run: (workspaces, { actor, prefix }) =>
      workspaces.openAccount({ ...actor('zoe'), username: `${prefix}-new` }),
  },
  {
    title: 'Dana takes the username that Zoe wants',
    run: (workspaces, { actor, prefix }) =>
      workspaces.renameAccount(actor('dana'), { ...actor('dana'), username: `${prefix}-NEW` }),
  },
  {
    title: 'Mark creates a workspace',
    run: (workspaces, { actor, newId }) =>
      workspaces.createWorkspace(actor('mark'), { name: 'made', workspaceId: newId('one') }),
  },
  {
    title: 'Mark creates another of that name',
    run: (workspaces, { actor, newId }) =>
      workspaces.createWorkspace(actor('mark'), { name: 'MADE', workspaceId: newId('two') }),
  },
  {
    title: 'Dana creates one with that id',
    run: (workspaces, { actor, newId }) =>
      workspaces.createWorkspace(actor('dana'), { name: 'hello', workspaceId: newId('one') }),
  },
  {
    title: 'Olga renames the team as a workspace of Mark',
    run: (workspaces, { actor, team }) =>
      workspaces.renameWorkspace(actor('olga'), { workspaceId: team, name: 'Aside' }),
  },
  {
    title: 'Olga deletes the team',
    run: (workspaces, { actor, team }) =>
      workspaces.deleteWorkspace(actor('olga'), { workspaceId: team, confirmName: 'hello' }),
  },
  {
    title: 'Olga hands the team to Mark',
    run: (workspaces, { actor, team }) =>
      workspaces.transferOwnership(actor('olga'), { workspaceId: team, ...actor('mark') }),
  },
  {
    title: 'Olga hands the team to Dana and becomes a developer',
    run: (workspaces, { actor, team }) =>
      workspaces.transferOwnership(actor('olga'), {
        workspaceId: team,
        ...actor('dana'),
        formerOwnerRole: 'developer',
      }),
  },
  {
    title: 'Olga makes Mark a developer',
    run: (workspaces, { actor, team }) =>
      workspaces.changeRole(actor('olga'), { workspaceId: team, ...actor('mark'), role: 'developer' }),
  },
  {
    title: 'An operator makes Dana a manager',
    run: (workspaces, { actor, team }) =>
      workspaces.changeRole(
        { operator: 'support' },
        { workspaceId: team, ...actor('dana'), role: 'manager' },
      ),
  },
  {
    title: 'Olga removes Mark',
    run: (workspaces, { actor, team }) =>
      workspaces.removeMember(actor('olga'), { workspaceId: team, ...actor('mark') }),
  },
  {
    title: 'Mark removes Dana',
    run: (workspaces, { actor, team }) =>
      workspaces.removeMember(actor('mark'), { workspaceId: team, ...actor('dana') }),
  },
  {
    title: 'Mark leaves',
    run: (workspaces, { actor, team }) => workspaces.leaveWorkspace(actor('mark'), { workspaceId: team }),
  },
  {
    title: 'Dana switches to the team',
    run: (workspaces, { actor, team }) => workspaces.switchWorkspace(actor('dana'), { workspaceId: team }),
  },
  {
    title: 'Mark invites for the last seat',
    run: (workspaces, { actor, team }) =>
      workspaces.inviteMember(actor('mark'), { workspaceId: team, role: 'developer' }),
  },
  {
    title: 'Olga invites somebody by e-mail',
    run: (workspaces, { actor, team }) =>
      workspaces.inviteMember(actor('olga'), {
        workspaceId: team,
        role: 'developer',
        recipient: { email: 'new@tenantry.test' },
      }),
  },
  {
    title: 'Mark reissues the single link',
    run: (workspaces, { actor, team, single: { invitationId } }) =>
      workspaces.reissueInvitation(actor('mark'), { workspaceId: team, invitationId }),
  },
  {
    title: 'Olga revokes the single link',
    run: (workspaces, { actor, team, single: { invitationId } }) =>
      workspaces.revokeInvitation(actor('olga'), { workspaceId: team, invitationId }),
  },
  {
    title: 'Xena accepts the single link',
    run: async (workspaces, { actor, single }) =>
      workspaces.acceptInvitation(actor('xena'), { token: await single.token() }),
  },
  {
    title: 'Yuri accepts the single link',
    run: async (workspaces, { actor, single }) =>
      workspaces.acceptInvitation(actor('yuri'), { token: await single.token() }),
  },
  {
    title: 'Yuri declines the single link',
    run: async (workspaces, { actor, single }) =>
      workspaces.declineInvitation(actor('yuri'), { token: await single.token() }),
  },
  {
    title: 'Yuri accepts the invitation meant for him',
    run: async (workspaces, { actor, bound }) =>
      workspaces.acceptInvitation(actor('yuri'), { token: await bound.token() }),
  },
  {
    title: 'Xena accepts the unlimited link for the last seat',
    run: async (workspaces, { actor, unlimited }) =>
      workspaces.acceptInvitation(actor('xena'), { token: await unlimited.token() }),
  },
];

/** Every pair of actions, each with itself too: the same command sent twice. */
export const pairs: readonly (readonly [Action, Action])[] = actions.flatMap((one, place) =>
  actions.slice(place).map((other) => [one, other] as const),
);

/** Threes in which the third can come between the other two. */
export const triples: readonly (readonly Action[])[] = [
  ['Olga hands the team to Mark', 'Mark leaves', 'Olga deletes the team'],
  ['Olga makes Mark a developer', 'Mark reissues the single link', 'Xena accepts the single link'],
  ['Xena accepts the single link', 'Yuri accepts the single link', 'Olga revokes the single link'],
  [
    'Mark invites for the last seat',
    'Xena accepts the unlimited link for the last seat',
    'Yuri declines the single link',
  ],
  ['Mark creates a workspace', 'Mark creates another of that name', 'Olga hands the team to Mark'],
  ['Zoe opens an account', 'Dana takes the username that Zoe wants', 'Dana creates one with that id'],
].map((titles) => titles.map(actionOf));

function actionOf(title: string): Action {
  const action = actions.find((one) => one.title === title);
  if (action === undefined) throw new Error(`there is no action: ${title}`);
  return action;
}

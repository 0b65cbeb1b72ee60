// How many invitations may be open, and which limits are none.
import { expect, test } from 'vitest';
import { WorkspaceService, type Limit, type MaxUses } from '../../src/index.js';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { testTokens } from '../../src/testing/index.js';
import {
  createTeam,
  olga,
  outcomeOf,
  refusalOf,
  unlimited,
  xena,
  yuri,
  type Team,
} from './invitation-team.js';

const wrong = [undefined, null, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10', 'none', 2 ** 53];
test.each(wrong)('M-08 a limit of %s is refused, given in an object or by a function', async (limit) => {
  for (const name of ['membersPerWorkspace', 'openInvitationsPerWorkspace', 'workspacesPerOwner'] as const) {
    const limits: unknown = { ...unlimited, [name]: limit };
    const options = (given: unknown) => ({ storage: memoryStorage(), tokens: testTokens, limits: given });
    const construct = (given: unknown) =>
      Reflect.construct(WorkspaceService, [options(given)]) as WorkspaceService;
    expect(() => construct(limits)).toThrow(new RegExp(name));
    const lazy = construct(() => limits);
    await lazy.openAccount({ userId: 'olga', username: 'olga' });
    await expect(lazy.createWorkspace(olga, { name: 'hello' })).rejects.toThrow(new RegExp(name));
    expect((await lazy.listWorkspaces(olga)).items).toHaveLength(1);
  }
});

test('M-08 a limits object with one missing or one too many is refused', () => {
  const { membersPerWorkspace: _left, ...fewer } = unlimited;
  for (const [limits, reason] of [
    [fewer, /membersPerWorkspace/],
    [{ ...unlimited, membersPerWorkspce: 5 }, /membersPerWorkspce/],
    [{}, /membersPerWorkspace/],
    [null, /limits/],
    [undefined, /limits/],
  ] as const) {
    const options = { storage: memoryStorage(), tokens: testTokens, limits };
    expect(() => void Reflect.construct(WorkspaceService, [options])).toThrow(reason);
  }
});

async function teamWith(openInvitationsPerWorkspace: Limit) {
  const team: Team = await createTeam({ limits: { ...unlimited, openInvitationsPerWorkspace } });
  const { workspaces, workspaceId } = team;
  const invite = (maxUses: MaxUses = 1) =>
    workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses, expiresInSeconds: 60 });
  return { ...team, invite };
}

test('I-22 equality is admitted, one more is not; 0 means none', async () => {
  const { invite } = await teamWith(2);
  for (const maxUses of [5, 'unlimited'] as const) expect(await outcomeOf(invite(maxUses))).toBe('ok');
  const refusal = await refusalOf(invite());
  expect(refusal.details).toEqual({
    which: 'openInvitationsPerWorkspace',
    limit: 2,
    current: 2,
    requested: 1,
  });
  expect(await outcomeOf((await teamWith(0)).invite())).toBe('LIMIT_EXCEEDED');
});

test('I-22 using up, declining, revoking and expiry make room', async () => {
  const { invite, workspaces, workspaceId, clock } = await teamWith(1);
  const used = await invite();
  expect(await outcomeOf(invite())).toBe('LIMIT_EXCEEDED');
  await workspaces.acceptInvitation(xena, { token: used.token });
  const declined = await invite();
  await workspaces.declineInvitation(yuri, { token: declined.token });
  const { invitation } = await invite();
  await workspaces.revokeInvitation(olga, { workspaceId, invitationId: invitation.id });
  await invite();
  expect(await outcomeOf(invite())).toBe('LIMIT_EXCEEDED');
  clock.advance(60_000);
  expect(await outcomeOf(invite())).toBe('ok');
});

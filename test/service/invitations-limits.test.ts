// The limit of open invitations, and invalid limits.
import { expect, test } from 'vitest';
import { defaultMatrix, WorkspaceService, type Limit, type MaxUses } from '../../src/index.js';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { testTokens } from '../../src/testing/index.js';
import { createTeam, ada, outcomeOf, refusalOf, unlimited, sam, eve, type Team } from './invitation-team.js';

const wrong = [undefined, null, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10', 'none', 2 ** 53];
test.each(wrong)('M-08 a limit of %s is rejected, in an object and from a function', async (limit) => {
  for (const name of ['membersPerWorkspace', 'openInvitationsPerWorkspace', 'workspacesPerOwner'] as const) {
    const limits: unknown = { ...unlimited, [name]: limit };
    const options = (given: unknown) => ({
      storage: memoryStorage(),
      tokens: testTokens,
      permissions: defaultMatrix,
      limits: given,
    });
    const construct = (given: unknown) =>
      Reflect.construct(WorkspaceService, [options(given)]) as WorkspaceService;
    expect(() => construct(limits)).toThrow(new RegExp(name));
    const lazy = construct(() => limits);
    await lazy.openAccount({ userId: 'ada', username: 'ada' });
    await expect(lazy.createWorkspace(ada, { name: 'hello' })).rejects.toThrow(new RegExp(name));
    expect((await lazy.listWorkspaces(ada)).items).toHaveLength(1);
  }
});

test('M-08 a limits object with a missing or an unknown limit is rejected', () => {
  const { membersPerWorkspace: _left, ...fewer } = unlimited;
  for (const [limits, reason] of [
    [fewer, /membersPerWorkspace/],
    [{ ...unlimited, membersPerWorkspce: 5 }, /membersPerWorkspce/],
    [{}, /membersPerWorkspace/],
    [null, /limits/],
    [undefined, /limits/],
  ] as const) {
    const options = { storage: memoryStorage(), tokens: testTokens, permissions: defaultMatrix, limits };
    expect(() => void Reflect.construct(WorkspaceService, [options])).toThrow(reason);
  }
});

async function teamWith(openInvitationsPerWorkspace: Limit) {
  const team: Team = await createTeam({ limits: { ...unlimited, openInvitationsPerWorkspace } });
  const { workspaces, workspaceId } = team;
  const invite = (maxUses: MaxUses = 1) =>
    workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses, expiresInSeconds: 60 });
  return { ...team, invite };
}

test('I-22 the limit itself is admitted, one more is not; 0 admits none', async () => {
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

test('I-22 using, declining, revoking and expiry free a place', async () => {
  const { invite, workspaces, workspaceId, clock } = await teamWith(1);
  const used = await invite();
  expect(await outcomeOf(invite())).toBe('LIMIT_EXCEEDED');
  await workspaces.acceptInvitation(sam, { token: used.token });
  const declined = await invite();
  await workspaces.declineInvitation(eve, { token: declined.token });
  const { invitation } = await invite();
  await workspaces.revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
  await invite();
  expect(await outcomeOf(invite())).toBe('LIMIT_EXCEEDED');
  clock.advance(60_000);
  expect(await outcomeOf(invite())).toBe('ok');
});

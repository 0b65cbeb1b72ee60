// Inviting with an id of the caller's own: one invitation, however often the call is repeated.
import { describe, expect, test } from 'vitest';
import { violations } from '../../src/testing/index.js';
import { defaultMatrix, WorkspaceError, type InviteMemberInput } from '../../src/index.js';
import { startingLine } from './around-storage.js';
import {
  ada,
  createTeam,
  dev,
  mia,
  outcomeOf,
  processes,
  refusalOf,
  root,
  sam,
  tallyOf,
  trailOf,
} from './invitation-team.js';

const own = { role: 'developer', maxUses: 3, invitationId: 'mine' } as const;
const typesOf = (team: Parameters<typeof trailOf>[0]) =>
  trailOf(team)
    .map(({ type }) => type)
    .filter((type) => type.startsWith('invitation.') && type !== 'invitation.accepted');

describe('inviteMember with an id of the caller', () => {
  test('I-26 the same values again return the same invitation with a new link, and one seat', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const seats = async () => (await workspaces.getWorkspace(ada, { workspaceId })).seats.reserved;
    const first = await workspaces.inviteMember(ada, { workspaceId, ...own });
    expect(first.invitation.id).toBe('mine');
    const second = await workspaces.inviteMember(ada, { workspaceId, ...own });
    expect(second.invitation).toEqual(first.invitation);
    expect(await seats()).toBe(3);
    expect(typesOf(team).slice(-2)).toEqual(['invitation.created', 'invitation.reissued']);
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token: first.token }))).toBe(
      'INVITATION_INVALID',
    );
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token: second.token }))).toBe('ok');
    // Also after a use: the values of the invitation are the same.
    const third = await workspaces.inviteMember(ada, { workspaceId, ...own });
    expect(third.invitation).toMatchObject({ id: 'mine', uses: 1, status: 'open' });
    expect(await seats()).toBe(2);
  });

  test('I-26 a generated id names the same invitation, too', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const repeated = { workspaceId, role: 'developer', invitationId: invitation.id } as const;
    expect((await workspaces.inviteMember(ada, repeated)).invitation).toEqual(invitation);
  });

  test.each<Partial<InviteMemberInput<'developer' | 'manager' | 'owner'>>>([
    { role: 'manager' },
    { maxUses: 2 },
    { maxUses: 'unlimited' },
    { maxUses: 1, recipient: sam },
    { expiresInSeconds: 60 },
  ])('I-26 other values are refused, and change nothing: %j', async (other) => {
    const { workspaces, workspaceId, storage } = await createTeam();
    await workspaces.inviteMember(ada, { workspaceId, ...own });
    const before = storage.dump();
    const error = await refusalOf(workspaces.inviteMember(ada, { workspaceId, ...own, ...other }));
    expect(error).toMatchObject({
      code: 'ID_TAKEN',
      message: 'this invitation id is in use for another invitation',
      details: { workspaceId, invitationId: 'mine' },
    });
    for (const actor of [mia, root])
      expect(await outcomeOf(workspaces.inviteMember(actor, { workspaceId, ...own }))).toBe('ID_TAKEN');
    expect(storage.dump()).toEqual(before);
  });

  test('I-26 the recipient is compared as it is for acceptance, and the call needs the same rights again', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const bound = { workspaceId, role: 'developer', invitationId: 'mine' } as const;
    const { invitation } = await workspaces.inviteMember(mia, {
      ...bound,
      recipient: { email: 'Sam@x.org' },
    });
    const again = await workspaces.inviteMember(mia, { ...bound, recipient: { email: 'sam@X.org' } });
    expect(again.invitation).toEqual(invitation);
    const id = { workspaceId, invitationId: 'mine' };
    await workspaces.changeRole(ada, { workspaceId, userId: 'mia', role: 'developer' });
    const denied = workspaces.inviteMember(mia, { ...bound, recipient: { email: 'sam@x.org' } });
    expect(await outcomeOf(denied)).toBe('PERMISSION_DENIED');
    expect(await outcomeOf(workspaces.inviteMember(sam, bound))).toBe('WORKSPACE_NOT_FOUND');
    expect((await workspaces.revokeInvitation(ada, id)).status).toBe('revoked');
  });

  test('I-26 the id is one of its workspace: another workspace can use the same', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { id: other } = await workspaces.createWorkspace(ada, { name: 'other' });
    await workspaces.inviteMember(ada, { workspaceId, ...own });
    const there = await workspaces.inviteMember(ada, { workspaceId: other, ...own, role: 'manager' });
    expect(there.invitation).toMatchObject({ id: 'mine', workspaceId: other, role: 'manager' });
  });

  test('I-26 an invitation that has ended says so', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, clock } = team;
    const invite = (invitationId: string, more: object = {}) =>
      workspaces.inviteMember(ada, { workspaceId, role: 'developer', invitationId, ...more });
    const used = await invite('used');
    await workspaces.acceptInvitation(sam, { token: used.token });
    await invite('revoked');
    await workspaces.revokeInvitation(ada, { workspaceId, invitationId: 'revoked' });
    const declined = await invite('declined');
    await workspaces.declineInvitation({ userId: 'eve' }, { token: declined.token });
    await invite('expired', { expiresInSeconds: 60 });
    clock.advance(60_000);
    const before = team.storage.dump();
    expect(await outcomeOf(invite('used'))).toBe('INVITATION_USED');
    expect(await outcomeOf(invite('revoked'))).toBe('INVITATION_REVOKED');
    expect(await outcomeOf(invite('declined'))).toBe('INVITATION_DECLINED');
    expect(await outcomeOf(invite('expired', { expiresInSeconds: 60 }))).toBe('INVITATION_EXPIRED');
    expect(team.storage.dump()).toEqual(before);
  });

  test('I-26 I-27 each link counts for the rate of its user, as that of a reissue', async () => {
    const { workspaces, workspaceId } = await createTeam({ invitationsPerActorPerDay: 2 });
    const invite = () => workspaces.inviteMember(mia, { workspaceId, ...own });
    await invite();
    await invite();
    expect((await refusalOf(invite())).details).toMatchObject({
      which: 'invitationsPerActorPerDay',
      limit: 2,
    });
  });

  test('I-26 the limits of the workspace bound one invitation, not its repeats', async () => {
    const limits = { membersPerWorkspace: 6, openInvitationsPerWorkspace: 1, workspacesPerOwner: 5 };
    const { workspaces, workspaceId } = await createTeam({ limits });
    for (let time = 0; time < 3; time++) await workspaces.inviteMember(ada, { workspaceId, ...own });
    const another = workspaces.inviteMember(ada, { workspaceId, ...own, invitationId: 'other' });
    expect(await outcomeOf(another)).toBe('LIMIT_EXCEEDED');
  });

  test('I-26 50 parallel calls with one id give one invitation and one set of seats', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const team = await createTeam();
      const { workspaceId, storage, clock } = team;
      const at = processes(team, seed, { count: 8, line: startingLine(8) });
      const calls = Array.from({ length: 50 }, (_, place) =>
        at(place).inviteMember(ada, { workspaceId, ...own }),
      );
      expect(await tallyOf(calls)).toEqual({ ok: 50 });
      const world = storage.dump();
      const open = world.invitations.filter(({ state }) => state === 'open');
      expect(open.map(({ id }) => id)).toEqual(['mine']);
      expect(world.workspaces.find(({ id }) => id === workspaceId)).toMatchObject({
        openInvitations: 1,
        reservedSeats: 3,
      });
      expect(typesOf(team).filter((type) => type === 'invitation.created')).toHaveLength(3);
      // One of the links works: that of the last commit.
      const links = await Promise.all(calls.map(async (call) => (await call).token));
      const opened = await Promise.all(
        links.map((token) => outcomeOf(team.workspaces.previewInvitation({ token }))),
      );
      expect(opened.filter((outcome) => outcome === 'ok')).toHaveLength(1);
      expect(violations(world, { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
    }
  });

  test('I-26 50 parallel calls with one id and other values: one invitation, and clear refusals', async () => {
    const team = await createTeam();
    const { workspaceId } = team;
    const at = processes(team, 7, { count: 8, line: startingLine(8) });
    const actors = [ada, mia];
    const calls = Array.from({ length: 50 }, (_, place) =>
      at(place).inviteMember(actors[place % 2] ?? ada, { workspaceId, ...own }),
    );
    expect(await tallyOf(calls)).toEqual({ ok: 25, ID_TAKEN: 25 });
    expect(team.storage.dump().invitations.filter(({ state }) => state === 'open')).toHaveLength(1);
  });

  test('S-08 I-26 lost acknowledgements and retries leave one invitation, whose last link works', async () => {
    const team = await createTeam();
    const { workspaceId, storage } = team;
    let lost = 0;
    const losing = {
      ...storage,
      commit: async (commit: Parameters<typeof storage.commit>[0]) => {
        const result = await storage.commit(commit);
        if (lost++ < 3) throw new Error('the acknowledgement was lost');
        return result;
      },
    };
    const workspaces = team.service({ storage: losing });
    const invite = () => workspaces.inviteMember(ada, { workspaceId, ...own });
    for (let time = 0; time < 3; time++) {
      const error = await refusalOf(invite());
      expect(error).toBeInstanceOf(WorkspaceError);
      expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    }
    const { token, invitation } = await invite();
    expect(invitation).toMatchObject({ id: 'mine', status: 'open', uses: 0 });
    const again = ['invitation.reissued', 'invitation.reissued', 'invitation.reissued'];
    expect(typesOf(team).slice(-4)).toEqual(['invitation.created', ...again]);
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
    expect(await outcomeOf(workspaces.acceptInvitation(dev, { token }))).toBe('ALREADY_MEMBER');
    expect(storage.dump().workspaces.find(({ id }) => id === workspaceId)?.reservedSeats).toBe(2);
  });
});

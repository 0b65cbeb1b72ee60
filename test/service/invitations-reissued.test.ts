// Reissuing with another role or lifetime, and opening expired invitations again.
import { describe, expect, test } from 'vitest';
import { defaultMatrix } from '../../src/index.js';
import { violations } from '../../src/testing/index.js';
import { startingLine } from './around-storage.js';
import {
  ada,
  createTeam,
  dev,
  eve,
  mia,
  outcomeOf,
  processes,
  refusalOf,
  root,
  sam,
  trailOf,
  type ServiceOptions,
} from './invitation-team.js';

const role = 'developer';
const DAY = 24 * 60 * 60 * 1000;

describe('another role or lifetime', () => {
  test('I-20 the new role is given, by the new token alone, and the event names it', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const { invitation, token } = await workspaces.inviteMember(ada, { workspaceId, role });
    const id = { workspaceId, invitationId: invitation.id };
    const changed = await workspaces.reissueInvitation(ada, { ...id, role: 'manager' });
    expect(changed.invitation).toMatchObject({ id: invitation.id, role: 'manager', status: 'open' });
    expect(trailOf(team).at(-1)).toMatchObject({ type: 'invitation.reissued', data: { role: 'manager' } });
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('INVITATION_INVALID');
    expect((await workspaces.acceptInvitation(sam, { token: changed.token })).member.role).toBe('manager');
    const same = await workspaces.inviteMember(ada, { workspaceId, role });
    await workspaces.reissueInvitation(ada, { workspaceId, invitationId: same.invitation.id, role });
    expect(Object.keys(trailOf(team).at(-1)?.data ?? {})).toEqual(['invitationId', 'expiresAt']);
  });

  test('I-20 the role ceiling holds for the former role and for the new one', async () => {
    const { workspaces, workspaceId, storage } = await createTeam();
    const low = await workspaces.inviteMember(ada, { workspaceId, role });
    const high = await workspaces.inviteMember(ada, { workspaceId, role: 'manager' });
    const before = storage.dump();
    for (const [{ invitation }, to] of [
      [low, 'manager'],
      [high, 'developer'],
      [high, 'manager'],
    ] as const) {
      const input = { workspaceId, invitationId: invitation.id, role: to };
      expect(await refusalOf(workspaces.reissueInvitation(mia, input))).toMatchObject({
        code: 'PERMISSION_DENIED',
        details: { permission: 'invitation:create', role: 'manager', grant: 'manager' },
      });
    }
    const toOwner = { workspaceId, invitationId: low.invitation.id, role: 'owner' as never };
    for (const actor of [ada, root])
      expect(await outcomeOf(workspaces.reissueInvitation(actor, toOwner))).toBe('PERMISSION_DENIED');
    expect(storage.dump()).toEqual(before);
  });

  test('I-09 the new lifetime begins now, and is kept by the next reissue', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role });
    const id = { workspaceId, invitationId: invitation.id };
    clock.advance(DAY);
    const short = await workspaces.reissueInvitation(ada, { ...id, expiresInSeconds: 60 });
    expect(short.invitation.expiresAt.getTime()).toBe(clock.now() + 60_000);
    clock.advance(30_000);
    const again = await workspaces.reissueInvitation(ada, id);
    expect(again.invitation.expiresAt.getTime()).toBe(clock.now() + 60_000);
  });
});

describe('an expired invitation', () => {
  /** An invitation that has expired, and one command afterwards that records it, if asked. */
  async function createExpired({ recorded, ...options }: ServiceOptions & { readonly recorded: boolean }) {
    const team = await createTeam(options);
    const { workspaces, workspaceId, clock } = team;
    const issued = await workspaces.inviteMember(mia, { workspaceId, role, recipient: sam });
    clock.advance(7 * DAY);
    if (recorded) {
      const other = await workspaces.inviteMember(ada, { workspaceId, role });
      await workspaces.revokeInvitation(ada, { workspaceId, invitationId: other.invitation.id });
    }
    return { ...team, issued, id: { workspaceId, invitationId: issued.invitation.id } };
  }
  const both = [{ recorded: false }, { recorded: true }] as const;

  test.each(both)(
    'I-11 M-08 is open again, with a seat and a new token, recorded: $recorded',
    async (how) => {
      const team = await createExpired(how);
      const { workspaces, workspaceId, storage, clock, issued, id } = team;
      const record = () => storage.dump().invitations.find((one) => one.id === id.invitationId);
      expect(record()?.state).toBe(how.recorded ? 'expired' : 'open');
      const again = await workspaces.reissueInvitation(ada, {
        ...id,
        role: 'manager',
        expiresInSeconds: 3600,
      });
      expect(again.invitation).toMatchObject({ status: 'open', role: 'manager', issuedBy: ada });
      expect(Object.hasOwn(record() ?? {}, 'closedAt')).toBe(false);
      expect((await workspaces.getWorkspace(ada, { workspaceId })).seats.reserved).toBe(1);
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token: issued.token }))).toBe(
        'INVITATION_INVALID',
      );
      const joined = await workspaces.acceptInvitation(sam, { token: again.token });
      expect(joined.member.role).toBe('manager');
      expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
    },
  );

  test.each(both)('M-08 I-22 needs a seat and a place again, recorded: $recorded', async (how) => {
    for (const limits of [
      { membersPerWorkspace: 4, openInvitationsPerWorkspace: 9, workspacesPerOwner: 5 },
      { membersPerWorkspace: 9, openInvitationsPerWorkspace: 1, workspacesPerOwner: 5 },
    ]) {
      const { workspaces, workspaceId, storage, id } = await createExpired({ ...how, limits });
      const other = await workspaces.inviteMember(ada, { workspaceId, role });
      const before = storage.dump();
      expect(await outcomeOf(workspaces.reissueInvitation(ada, id))).toBe('LIMIT_EXCEEDED');
      expect(storage.dump()).toEqual(before);
      await workspaces.revokeInvitation(ada, { workspaceId, invitationId: other.invitation.id });
      expect(await outcomeOf(workspaces.reissueInvitation(ada, id))).toBe('ok');
    }
  });

  test.each(both)(
    'I-19 M-10 not for one who is invited again, or a member, recorded: $recorded',
    async (how) => {
      const { workspaces, workspaceId, id } = await createExpired(how);
      const { invitation, token } = await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam });
      expect(await refusalOf(workspaces.reissueInvitation(ada, id))).toMatchObject({
        code: 'ALREADY_INVITED',
        details: { workspaceId, invitationId: invitation.id },
      });
      await workspaces.acceptInvitation(sam, { token });
      expect(await refusalOf(workspaces.reissueInvitation(ada, id))).toMatchObject({
        code: 'ALREADY_MEMBER',
        details: { workspaceId, userId: 'sam' },
      });
    },
  );

  test('M-10 not for an address with which a member joined', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const email = 'sam@example.com';
    const bound = await workspaces.inviteMember(ada, { workspaceId, role, recipient: { email } });
    clock.advance(7 * DAY);
    const link = await workspaces.inviteMember(ada, { workspaceId, role });
    await workspaces.acceptInvitation({ ...sam, email, emailVerified: true }, { token: link.token });
    const again = workspaces.reissueInvitation(ada, { workspaceId, invitationId: bound.invitation.id });
    expect(await outcomeOf(again)).toBe('ALREADY_MEMBER');
  });

  test('I-19 settles another one for the same recipient that has expired, too', async () => {
    const { workspaces, workspaceId, clock, storage, id } = await createExpired({ recorded: true });
    await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam, expiresInSeconds: 60 });
    clock.advance(60_000);
    const again = await workspaces.reissueInvitation(ada, id);
    expect(again.invitation.status).toBe('open');
    const open = storage.dump().invitations.filter(({ state }) => state === 'open');
    expect(open.map((one) => one.id)).toEqual([id.invitationId]);
    expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
  });

  test('M-08 a link with uses left reserves those, one without a limit none', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const some = await workspaces.inviteMember(ada, { workspaceId, role, maxUses: 3 });
    const any = await workspaces.inviteMember(ada, { workspaceId, role, maxUses: 'unlimited' });
    await workspaces.acceptInvitation(sam, { token: some.token });
    clock.advance(7 * DAY);
    for (const { invitation } of [some, any])
      await workspaces.reissueInvitation(ada, { workspaceId, invitationId: invitation.id });
    expect(await workspaces.getWorkspace(ada, { workspaceId })).toMatchObject({
      seats: { used: 4, reserved: 2 },
      openInvitations: { count: 2 },
    });
  });

  test('I-11 one that was used, revoked or declined stays ended', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const issue = async () => workspaces.inviteMember(ada, { workspaceId, role });
    const [used, revoked, declined] = [await issue(), await issue(), await issue()];
    await workspaces.acceptInvitation(sam, { token: used.token });
    await workspaces.revokeInvitation(ada, { workspaceId, invitationId: revoked.invitation.id });
    await workspaces.declineInvitation(eve, { token: declined.token });
    clock.advance(8 * DAY);
    const ends = [];
    for (const { invitation } of [used, revoked, declined])
      ends.push(
        await outcomeOf(workspaces.reissueInvitation(ada, { workspaceId, invitationId: invitation.id })),
      );
    expect(ends).toEqual(['INVITATION_USED', 'INVITATION_REVOKED', 'INVITATION_DECLINED']);
  });

  test('T-01 to one who may not invite it is as an open one', async () => {
    const { workspaces, storage, id } = await createExpired({ recorded: true });
    const before = storage.dump();
    expect(await outcomeOf(workspaces.reissueInvitation(dev, id))).toBe('PERMISSION_DENIED');
    expect(await outcomeOf(workspaces.reissueInvitation(eve, id))).toBe('WORKSPACE_NOT_FOUND');
    expect(storage.dump()).toEqual(before);
  });

  test('I-19 M-08 reopening against inviting the same person, 20 times over: one is open', async () => {
    const ends = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const team = await createExpired({ recorded: seed % 2 === 0 });
      const { workspaceId, id, storage, clock } = team;
      const at = processes(team, seed, { count: 3, line: startingLine(3) });
      const outcomes = await Promise.all([
        outcomeOf(at(0).reissueInvitation(ada, id)),
        outcomeOf(at(1).inviteMember(mia, { workspaceId, role, recipient: sam })),
        outcomeOf(at(2).reissueInvitation(mia, id)),
      ]);
      ends.add(outcomes.join());
      const open = storage.dump().invitations.filter(({ state }) => state === 'open');
      expect(open).toHaveLength(1);
      expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
    }
    expect(ends.size).toBeGreaterThan(1);
  });
});

// Adding a member without an invitation.
import { describe, expect, test } from 'vitest';
import { defaultMatrix } from '../../src/index.js';
import { violations } from '../../src/testing/index.js';
import { startingLine } from './around-storage.js';
import {
  ada,
  callUntyped,
  createTeam,
  crowd,
  dev,
  eve,
  membersOf,
  mia,
  outcomeOf,
  processes,
  refusalOf,
  root,
  sam,
  tallyOf,
  trailOf,
} from './invitation-team.js';

const role = 'developer';
const limits = { membersPerWorkspace: 5, openInvitationsPerWorkspace: 9, workspacesPerOwner: 9 };

describe('addMember', () => {
  test('M-13 makes a user a member at once, with one event, and again changes nothing', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, storage } = team;
    const member = await workspaces.addMember(root, { workspaceId, userId: 'sam', role });
    expect(member).toMatchObject({ workspaceId, userId: 'sam', role });
    expect(trailOf(team).at(-1)).toMatchObject({
      type: 'member.joined',
      actor: root,
      data: { userId: 'sam', role, invitationId: null },
    });
    expect(await workspaces.can(sam, { workspaceId, permission: 'workspace:view' })).toBe(true);
    const before = storage.dump();
    expect(await workspaces.addMember(root, { workspaceId, userId: 'sam', role })).toEqual(member);
    expect(storage.dump()).toEqual(before);
  });

  test('M-13 is for operators alone', async () => {
    const { workspaces, workspaceId, storage } = await createTeam();
    const before = storage.dump();
    for (const actor of [ada, mia, sam])
      expect(
        await outcomeOf(callUntyped(workspaces, 'addMember', [actor, { workspaceId, userId: 'sam', role }])),
      ).toBe('INVALID_INPUT');
    expect(storage.dump()).toEqual(before);
  });

  test('M-13 A-05 refuses what accepting refuses', async () => {
    const { workspaces, workspaceId, storage } = await createTeam();
    const { workspace: home } = await workspaces.activeWorkspace(sam);
    const before = storage.dump();
    const add = (userId: string, more: object = {}) =>
      refusalOf(callUntyped(workspaces, 'addMember', [root, { workspaceId, userId, role, ...more }]));
    expect(await add('none')).toMatchObject({ code: 'ACCOUNT_NOT_FOUND', details: { userId: 'none' } });
    expect(await add('sam', { workspaceId: home.id })).toMatchObject({
      code: 'PERSONAL_WORKSPACE',
      details: { operation: 'add-member' },
    });
    expect(await add('sam', { workspaceId: 'ws-none' })).toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
    for (const grant of ['owner', 'viewer'])
      expect(await add('sam', { role: grant })).toMatchObject({
        code: 'PERMISSION_DENIED',
        details: { role: null, grant },
      });
    expect(await add('dev', { role: 'manager' })).toMatchObject({
      code: 'ALREADY_MEMBER',
      details: { workspaceId, userId: 'dev' },
    });
    expect(await add('ada', { role: 'manager' })).toMatchObject({ code: 'ALREADY_MEMBER' });
    expect(storage.dump()).toEqual(before);
  });

  test('M-13 M-08 needs a seat besides the reserved ones, but not a second one for the same person', async () => {
    const { workspaces, workspaceId } = await createTeam({ limits });
    await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam });
    await workspaces.inviteMember(ada, { workspaceId, role });
    expect(await refusalOf(workspaces.addMember(root, { workspaceId, userId: 'eve', role }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { which: 'membersPerWorkspace', limit: 5, current: 5, requested: 1 },
    });
    expect(await outcomeOf(workspaces.addMember(root, { workspaceId, userId: 'sam', role }))).toBe('ok');
    expect(await workspaces.getWorkspace(ada, { workspaceId })).toMatchObject({
      seats: { used: 4, reserved: 1, limit: 5 },
    });
  });

  test('M-13 M-10 ends the open invitations for the person, by user id and by address', async () => {
    const { workspaces, workspaceId, storage, clock } = await createTeam();
    const email = 'Sam@Example.com';
    await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam });
    await workspaces.inviteMember(ada, { workspaceId, role, recipient: { email: 'sam@example.com' } });
    await workspaces.inviteMember(ada, { workspaceId, role, recipient: eve });
    await workspaces.addMember(root, { workspaceId, userId: 'sam', role, email });
    const { items } = await workspaces.listInvitations(ada, { workspaceId, status: 'open' });
    expect(items.map(({ recipient }) => recipient)).toEqual([eve]);
    const again = workspaces.inviteMember(ada, { workspaceId, role, recipient: { email } });
    expect(await outcomeOf(again)).toBe('ALREADY_MEMBER');
    expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
  });

  test('M-13 M-09 an operator may give a person who left any role; an older invitation still gives at most the former one', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'manager', maxUses: 5 });
    await workspaces.leaveWorkspace(dev, { workspaceId });
    const added = await workspaces.addMember(root, { workspaceId, userId: 'dev', role: 'manager' });
    expect(added.role).toBe('manager');
    await workspaces.changeRole(ada, { workspaceId, userId: 'dev', role });
    await workspaces.leaveWorkspace(dev, { workspaceId });
    expect((await workspaces.acceptInvitation(dev, { token })).member.role).toBe(role);
  });

  test('M-13 M-01 50 parallel calls for one person give one membership and one event', async () => {
    const team = await createTeam();
    const { workspaceId } = team;
    const at = processes(team, 3, { count: 8, line: startingLine(8) });
    const calls = Array.from({ length: 50 }, (_, place) =>
      at(place).addMember(root, { workspaceId, userId: 'sam', role }),
    );
    expect(await tallyOf(calls)).toEqual({ ok: 50 });
    expect(membersOf(team).filter((userId) => userId === 'sam')).toHaveLength(1);
    expect(trailOf(team).filter(({ type }) => type === 'member.joined')).toHaveLength(3);
  });

  test('M-13 M-08 50 parallel calls for 2 seats: exactly 2', async () => {
    const team = await createTeam({ limits });
    const { workspaceId } = team;
    const people = await crowd(team, 50);
    const at = processes(team, 4, { limits, count: 8, line: startingLine(8) });
    const calls = people.map(({ userId }, place) => at(place).addMember(root, { workspaceId, userId, role }));
    expect(await tallyOf(calls)).toEqual({ ok: 2, LIMIT_EXCEEDED: 48 });
    expect(membersOf(team)).toHaveLength(5);
  });

  test('M-13 adding against accepting, removing and inviting the same person: no state breaks a rule', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const team = await createTeam();
      const { workspaceId, storage, clock, workspaces } = team;
      const { token } = await workspaces.inviteMember(mia, { workspaceId, role, recipient: sam });
      const at = processes(team, seed, { count: 4, line: startingLine(4) });
      await tallyOf([
        at(0).addMember(root, { workspaceId, userId: 'sam', role: 'manager' }),
        at(1).acceptInvitation(sam, { token }),
        at(2).removeMember(ada, { workspaceId, userId: 'sam' }),
        at(3).inviteMember(ada, { workspaceId, role, recipient: sam }),
      ]);
      expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
    }
  });

  test('M-13 A-09 adding against closing the account: never a member without an account', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const team = await createTeam();
      const { workspaceId, storage, clock } = team;
      const at = processes(team, seed, { count: 2, line: startingLine(2) });
      await tallyOf([
        at(0).addMember(root, { workspaceId, userId: 'sam', role }),
        at(1).closeAccount(sam, { userId: 'sam' }),
      ]);
      expect(membersOf(team)).not.toContain('sam');
      expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
    }
  });
});

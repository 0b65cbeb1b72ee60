// Who is refused what, in full: the code and the details that a host shows, or acts upon.
import { describe, expect, test } from 'vitest';
import {
  corePermissions,
  definePermissionMatrix,
  type Actor,
  type InvitationEnd,
  type MaxUses,
  type Recipient,
  type Snapshot,
  type UserActor,
} from '../../src/index.js';
import { acceptInvitation, declineInvitation } from '../../src/domain/commands/acceptance.js';
import { renameAccount, switchWorkspace } from '../../src/domain/commands/account.js';
import { inviteMember, reissueInvitation, revokeInvitation } from '../../src/domain/commands/invitation.js';
import { changeRole, leaveWorkspace, removeMember } from '../../src/domain/commands/member.js';
import { deleteWorkspace, renameWorkspace, transferOwnership } from '../../src/domain/commands/workspace.js';
import type { CommandSpec, Decision } from '../../src/domain/decision.js';
import {
  account,
  ada,
  decided,
  dev,
  given,
  happened,
  invitation,
  membersOf,
  mia,
  nothing,
  now,
  personal,
  refused,
  roomy,
  root,
  sam,
  team,
  workspaceId,
} from './given.js';

const invitationId = 'inv-1';
const secretHash = 'hash';
const role = 'developer';

/** What is asked of a workspace: each command with what else it needs. */
const asked = (workspaceId: string) => {
  const invite = { workspaceId, role, maxUses: 1, expiresInSeconds: 60, invitationId: 'inv-new' };
  const proof = { workspaceId, invitationId, secretHash, expiresAt: now + 60_000 };
  const bound =
    <Command, Caller extends Actor>(spec: CommandSpec<Command, Caller>, command: NoInfer<Command>) =>
    (snapshot: Snapshot, actor: Caller, more: Partial<Command> = {}): Decision =>
      decided(spec, snapshot, { ...command, ...more }, { actor });
  return {
    rename: bound(renameWorkspace, { workspaceId, name: 'Other' }),
    delete: bound(deleteWorkspace, { workspaceId }),
    transfer: bound(transferOwnership, { workspaceId, userId: 'dev' }),
    invite: bound(inviteMember, { ...invite, secretHash, issuedAt: now }),
    reissue: bound(reissueInvitation, { workspaceId, invitationId, secretHash }),
    revoke: bound(revokeInvitation, { workspaceId, invitationId }),
    changeRole: bound(changeRole, { workspaceId, userId: 'dev', role }),
    remove: bound(removeMember, { workspaceId, userId: 'dev' }),
    leave: bound(leaveWorkspace, { workspaceId }),
    accept: bound(acceptInvitation, proof),
    decline: bound(declineInvitation, proof),
    switch: bound(switchWorkspace, { workspaceId }),
  };
};
const ask = asked(workspaceId);

/** Leads change roles, and grant a guest's; they invite nobody. */
function matrixOfLeads() {
  const permissions = ['workspace:view', 'member:change-role'] as const;
  return definePermissionMatrix({
    roles: {
      owner: { permissions: corePermissions, grants: ['lead', 'guest'] },
      lead: { permissions, grants: ['guest'] },
      guest: { permissions: ['workspace:view'], grants: [] },
    },
  });
}

describe('a personal workspace', () => {
  const home = given({ workspace: personal, members: membersOf({ ada: 'owner' }) });
  const at = asked(personal.id);
  const told = (operation: string) => refused('PERSONAL_WORKSPACE', { workspaceId: personal.id, operation });

  test.each([
    ['rename', at.rename],
    ['delete', at.delete],
    ['transfer', at.transfer],
    ['invite', at.invite],
    ['reissue-invitation', at.reissue],
    ['revoke-invitation', at.revoke],
    ['change-role', at.changeRole],
    ['remove-member', at.remove],
  ] as const)('A-05 refuses the operation %s by that name, to its owner and to the host', (name, call) => {
    expect([call(home, ada), call(home, root)]).toEqual([told(name), told(name)]);
  });

  test.each([
    ['leave', at.leave, ada],
    ['join', at.accept, sam],
    ['join', at.decline, sam],
  ] as const)('A-05 refuses the operation %s by that name', (name, call, actor) => {
    expect(call(home, actor)).toEqual(told(name));
  });
});

test('where there is no workspace, not even the host finds one', () => {
  const gone = given({ workspace: null, members: new Map(), tombstone: true });
  const { rename, transfer, invite, reissue, revoke, changeRole: change, remove } = ask;
  for (const call of [rename, ask.delete, transfer, invite, reissue, revoke, change, remove]) {
    expect(call(gone, root)).toEqual(refused('WORKSPACE_NOT_FOUND', { workspaceId }));
    expect(call(given(), sam)).toEqual(refused('WORKSPACE_NOT_FOUND', { workspaceId }));
  }
  for (const call of [ask.leave, ask.switch]) {
    expect(call(given({ workspace: null }), dev)).toEqual(refused('WORKSPACE_NOT_FOUND', { workspaceId }));
    expect(call(given(), sam)).toEqual(refused('WORKSPACE_NOT_FOUND', { workspaceId }));
  }
});

test('who has no account is told so', () => {
  const unknown = refused('ACCOUNT_NOT_FOUND', { userId: 'eve' });
  const eve = { userId: 'eve' };
  const invited = given({ invitation: invitation() });
  const rename = { userId: 'eve', username: 'eve' };
  expect([
    ask.accept(invited, eve),
    ask.decline(invited, eve),
    ask.switch(given({ members: membersOf({ eve: role }) }), eve),
    decided(renameAccount, given({ workspace: null }), rename, { actor: eve }),
    decided(renameAccount, given(), rename, { actor: root }),
  ]).toEqual([unknown, unknown, unknown, unknown, unknown]);
  // As A-05 has it, nobody has an account without a personal workspace.
  expect(
    decided(renameAccount, given({ workspace: null }), { ...rename, userId: 'ada' }, { actor: root }),
  ).toEqual(refused('ACCOUNT_NOT_FOUND', { userId: 'ada' }));
  // As M-01 has it, nobody is a member without an account: then there is nobody to hand over to either.
  expect(ask.transfer(given({ accounts: new Map() }), ada)).toEqual(
    refused('MEMBER_NOT_FOUND', { workspaceId, userId: 'dev' }),
  );
});

describe('roles', () => {
  const denied = (permission: string, by: string | null, grant: string) =>
    refused('PERMISSION_DENIED', { permission, role: by, grant });
  const forManager = given({ invitation: invitation({ role: 'manager' }) });

  test.each<[string, () => Decision, object]>([
    [
      'inviting',
      () => ask.invite(given(), mia, { role: 'manager' }),
      denied('invitation:create', 'manager', 'manager'),
    ],
    ['issuing anew', () => ask.reissue(forManager, mia), denied('invitation:create', 'manager', 'manager')],
    ['revoking', () => ask.revoke(forManager, mia), denied('invitation:revoke', 'manager', 'manager')],
    [
      'changing a role',
      () => ask.changeRole(given(), root, { role: 'owner' }),
      denied('member:change-role', null, 'owner'),
    ],
    [
      'removing',
      () => ask.remove(given({ members: membersOf({ mia: 'manager', dev: 'manager' }) }), mia),
      denied('member:remove', 'manager', 'manager'),
    ],
    [
      'handing over',
      () => ask.transfer(given(), ada, { formerOwnerRole: 'viewer' }),
      denied('workspace:transfer', 'owner', 'viewer'),
    ],
  ])('%s is refused with the role that the caller may not give, take back or act upon', (_, decide, then) => {
    expect(decide()).toEqual(then);
  });

  test('W-03 a team is handed over to nobody who owns as many as they may', () => {
    const limits = { membersPerWorkspace: 0, openInvitationsPerWorkspace: 0, workspacesPerOwner: 2 };
    const handOver = (ownedTeams: number) =>
      decided(
        transferOwnership,
        given({ accounts: new Map([['dev', account('dev', { ownedTeams })]]) }),
        { workspaceId, userId: 'dev' },
        { actor: ada, limits },
      );
    expect(handOver(1)).toMatchObject({ ok: true, events: [{ type: 'workspace.transferred' }] });
    expect(handOver(2)).toEqual(
      refused('LIMIT_EXCEEDED', { which: 'workspacesPerOwner', limit: 2, current: 2, requested: 1 }),
    );
  });

  test('an owner who may grant no role has none to take in return', () => {
    const matrix = definePermissionMatrix({ roles: { owner: { permissions: corePermissions, grants: [] } } });
    const members = membersOf({ ada: 'owner', dev: 'owner' });
    expect(
      decided(transferOwnership, given({ members }), { workspaceId, userId: 'dev' }, { actor: ada, matrix }),
    ).toEqual(denied('workspace:transfer', 'owner', 'owner'));
  });

  test('who may change roles demotes nobody whose role they may not grant', () => {
    const matrix = matrixOfLeads();
    const members = membersOf({ ada: 'owner', mia: 'lead', dev: 'lead' });
    const change = { workspaceId, userId: 'dev', role: 'guest' };
    expect(decided(changeRole, given({ members }), change, { actor: mia, matrix })).toEqual(
      denied('member:change-role', 'lead', 'lead'),
    );
    expect(decided(changeRole, given({ members }), change, { actor: ada, matrix })).toEqual(
      happened({
        type: 'member.role-changed',
        workspaceId,
        data: { userId: 'dev', from: 'lead', to: 'guest' },
      }),
    );
  });

  test('a role that the matrix has no more: the owner and the host act on who holds it, a manager does not', () => {
    const members = membersOf({ ada: 'owner', mia: 'manager', dev: 'retired' });
    const removed = happened({
      type: 'member.removed',
      workspaceId,
      data: { userId: 'dev', role: 'retired' },
    });
    expect([ada, root, mia].map((actor) => ask.remove(given({ members }), actor))).toEqual([
      removed,
      removed,
      denied('member:remove', 'manager', 'retired'),
    ]);
  });
});

describe('invitations', () => {
  const ends = [
    ['used', 'INVITATION_USED'],
    ['revoked', 'INVITATION_REVOKED'],
    ['declined', 'INVITATION_DECLINED'],
    ['expired', 'INVITATION_EXPIRED'],
  ] as const;
  const closed = (state: InvitationEnd) => given({ invitation: { ...invitation(), state, closedAt: now } });

  test.each(ends)('I-11 one that is %s is neither accepted, nor declined, nor issued anew', (state, code) => {
    const snapshot = closed(state);
    expect([ask.accept(snapshot, sam), ask.decline(snapshot, sam), ask.reissue(snapshot, ada)]).toEqual([
      refused(code),
      // to decline twice is to decline
      state === 'declined' ? nothing : refused(code),
      refused(code),
    ]);
  });

  test.each(ends)('I-11 one that is %s stays so past its expiry', (state, code) => {
    const past = { ...invitation({ expiresAt: now }), state, closedAt: now };
    expect(ask.accept(given({ invitation: past }), sam, { expiresAt: now })).toEqual(refused(code));
  });

  test('I-11 a token that is not the last one of the record is none', () => {
    const invalid = refused('INVITATION_INVALID');
    const open = given({ invitation: invitation() });
    for (const call of [ask.accept, ask.decline]) {
      expect([
        call(open, sam, { secretHash: 'hasH' }),
        call(open, sam, { secretHash: 'has' }),
        call(open, sam, { secretHash: 'hash0' }),
        call(open, sam, { workspaceId: 'ws-2' }),
        call(open, sam, { expiresAt: now + 61_000 }),
        call(given(), sam),
        call(given({ ...open, workspace: null }), sam),
      ]).toEqual([invalid, invalid, invalid, invalid, invalid, invalid, invalid]);
    }
  });

  const other = refused('INVITATION_RECIPIENT_MISMATCH');
  const unproved = refused('RECIPIENT_NOT_VERIFIED');
  const [email, emailVerified] = ['sam@example.org', true];
  test.each<[Recipient | null, Omit<UserActor, 'userId'>, object]>([
    [null, {}, { ok: true }],
    [sam, {}, { ok: true }],
    [{ userId: 'eve' }, { email, emailVerified }, other],
    [{ email }, { email: ' SAM@example.org', emailVerified }, { ok: true }],
    [{ email }, { email: 's.am@example.org', emailVerified }, other],
    [{ email }, { email, emailVerified: false }, unproved],
    [{ email }, { email }, unproved],
    [{ email }, { emailVerified }, unproved],
    [{ email: 'eve@example.org' }, { email }, unproved],
  ])('I-18 one for %j is answered by sam with %j as it should be', (recipient, proved, then) => {
    const open = given({ invitation: invitation({ recipient }) });
    const actor = { ...sam, ...proved };
    expect([ask.accept(open, actor), ask.decline(open, actor)]).toMatchObject([then, then]);
  });

  test('I-20 nobody comes in by one whose issuer is gone, or may no longer invite to the role', () => {
    const by = (members: Readonly<Record<string, string>>, one = invitation()) =>
      ask.accept(given({ members: membersOf(members), invitation: one }), sam);
    const byHost = invitation({ role: 'manager', issuedBy: root });
    const joined = { ok: true, events: [{ type: 'invitation.accepted' }, { type: 'member.joined' }] };
    expect([
      by({ mia: 'manager' }),
      by({ mia: 'developer' }),
      by({ mia: 'manager' }, invitation({ role: 'manager' })),
      by({ ada: 'owner' }),
      by({}, byHost),
      by({}, { ...byHost, role: 'owner' }),
    ]).toMatchObject([
      joined,
      refused('INVITATION_REVOKED'),
      refused('INVITATION_REVOKED'),
      refused('INVITATION_REVOKED'),
      joined,
      refused('INVITATION_REVOKED'),
    ]);
  });

  test('I-20 nobody comes in by one whose issuer may grant the role, and may not invite any more', () => {
    const matrix = matrixOfLeads();
    const members = membersOf({ ada: 'owner', mia: 'lead' });
    const one = invitation({ role: 'guest' });
    const proof = { workspaceId, invitationId, secretHash, expiresAt: one.expiresAt };
    expect(
      decided(acceptInvitation, given({ members, invitation: one }), proof, { actor: sam, matrix }),
    ).toEqual(refused('INVITATION_REVOKED'));
  });

  test('I-22 what has expired makes room among the open ones', () => {
    const openInvitations = [invitation({ id: 'inv-old', expiresAt: now })];
    const workspace = team({ openInvitations: 3, reservedSeats: 3 });
    const command = {
      workspaceId,
      role,
      maxUses: 1,
      expiresInSeconds: 60,
      invitationId,
      secretHash,
      issuedAt: now,
    };
    const invite = (limit: number) =>
      decided(inviteMember, given({ openInvitations, workspace }), command, {
        actor: ada,
        limits: { ...roomy, openInvitationsPerWorkspace: limit },
      });
    expect(invite(3)).toMatchObject({
      ok: true,
      events: [{ type: 'invitation.expired' }, { type: 'invitation.created' }],
    });
    const which = 'openInvitationsPerWorkspace';
    expect(invite(2)).toEqual(refused('LIMIT_EXCEEDED', { which, limit: 2, current: 2, requested: 1 }));
  });

  test('one for a single person is closed by declining it, one for several by nobody', () => {
    const declined = { type: 'invitation.declined', workspaceId, data: { invitationId, userId: 'sam' } };
    const decline = (maxUses: MaxUses) => ask.decline(given({ invitation: invitation({ maxUses }) }), sam);
    expect([decline(1), decline(2), decline('unlimited')]).toEqual([happened(declined), nothing, nothing]);
  });

  test('a member declines nothing, and is invited to nothing', () => {
    const member = refused('ALREADY_MEMBER', { workspaceId, userId: 'dev' });
    const snapshot = given({ invitation: invitation() });
    expect(ask.accept(snapshot, dev)).toEqual(member);
    expect(ask.decline(snapshot, dev)).toEqual(member);
    expect(ask.invite(snapshot, ada, { recipient: dev })).toEqual(member);
  });

  test('one that is not there is named', () => {
    const unknown = refused('INVITATION_NOT_FOUND', { workspaceId, invitationId });
    expect([ask.reissue(given(), ada), ask.revoke(given(), ada)]).toEqual([unknown, unknown]);
  });

  test('one that is open is revoked, with the reason', () => {
    expect(ask.revoke(given({ invitation: invitation() }), mia)).toEqual(
      happened({ type: 'invitation.revoked', workspaceId, data: { invitationId, reason: 'revoked' } }),
    );
  });

  test('I-19 what is open for others, or for anyone, neither stands in the way nor ends', () => {
    const openInvitations = [
      invitation({ id: 'inv-link' }),
      invitation({ id: 'inv-dev', recipient: dev }),
      invitation({ id: 'inv-mail', recipient: { email: 'sam' } }),
    ];
    const snapshot = given({ openInvitations, workspace: team({ openInvitations: 3, reservedSeats: 3 }) });
    for (const recipient of [sam, { email: 'eve@example.org' }])
      expect(ask.invite(snapshot, ada, { recipient })).toMatchObject({
        events: [{ type: 'invitation.created', data: { recipient } }],
      });
  });
});

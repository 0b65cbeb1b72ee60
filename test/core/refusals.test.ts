// Refusals in full: the code and the details that an app shows or acts upon.
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
import { commands } from '../../src/commands/index.js';
import type { Decision } from '../../src/core/decision.js';
import type { InvitationProof } from '../../src/core/invitation.js';
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
  type Decider,
  workspaceId,
} from './given.js';

const {
  acceptInvitation,
  changeRole,
  declineInvitation,
  deleteWorkspace,
  inviteMember,
  leaveWorkspace,
  reissueInvitation,
  removeMember,
  renameAccount,
  renameWorkspace,
  revokeInvitation,
  switchWorkspace,
  transferOwnership,
} = commands;

const invitationId = 'inv-1';
const secretHash = 'hash';
const role = 'developer';

/** Every command on a workspace, with the rest of its input. */
const asked = (workspaceId: string) => {
  const invite = { workspaceId, role, maxUses: 1, expiresInSeconds: 60, invitationId: 'inv-new' };
  const proof = { workspaceId, invitationId, secretHash, expiresAt: now + 60_000 };
  const bound =
    <Command, Caller extends Actor>(spec: Decider<Command, Caller>, command: NoInfer<Command>) =>
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
    accept: bound<InvitationProof, UserActor>(acceptInvitation, proof),
    decline: bound<InvitationProof, UserActor>(declineInvitation, proof),
    switch: bound(switchWorkspace, { workspaceId }),
  };
};
const ask = asked(workspaceId);

/** A lead changes roles and grants guest, but does not invite. */
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
  ] as const)('A-05 refuses %s with PERSONAL_WORKSPACE, to its owner and to operators', (name, call) => {
    expect([call(home, ada), call(home, root)]).toEqual([told(name), told(name)]);
  });

  test.each([
    ['leave', at.leave, ada],
    ['join', at.accept, sam],
    ['join', at.decline, sam],
  ] as const)('A-05 refuses %s with PERSONAL_WORKSPACE', (name, call, actor) => {
    expect(call(home, actor)).toEqual(told(name));
  });
});

test('a deleted workspace is not found, even by operators; a team is not found by users who are not members', () => {
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

test('a user without an account gets ACCOUNT_NOT_FOUND', () => {
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
  // No account exists without a personal workspace.
  expect(
    decided(renameAccount, given({ workspace: null }), { ...rename, userId: 'ada' }, { actor: root }),
  ).toEqual(refused('ACCOUNT_NOT_FOUND', { userId: 'ada' }));
  // No member exists without an account (M-01), so such a target is not a member.
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
  ])('%s is refused with the role that the caller may not grant, revoke or act upon', (_, decide, then) => {
    expect(decide()).toEqual(then);
  });

  test('W-03 a transfer to a user who owns as many teams as allowed is refused', () => {
    const limits = { membersPerWorkspace: 3, openInvitationsPerWorkspace: 0, workspacesPerOwner: 2 };
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

  test('an owner who may grant no role cannot keep a role after a transfer', () => {
    const matrix = definePermissionMatrix({ roles: { owner: { permissions: corePermissions, grants: [] } } });
    const members = membersOf({ ada: 'owner', dev: 'owner' });
    expect(
      decided(transferOwnership, given({ members }), { workspaceId, userId: 'dev' }, { actor: ada, matrix }),
    ).toEqual(denied('workspace:transfer', 'owner', 'owner'));
  });

  test('a member with member:change-role cannot demote a member whose role they may not grant', () => {
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

  test('the owner and operators can remove a member whose role the matrix no longer has, a manager cannot', () => {
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

  test.each(ends)('I-11 a %s invitation can be neither accepted, declined nor reissued', (state, code) => {
    const snapshot = closed(state);
    expect([ask.accept(snapshot, sam), ask.decline(snapshot, sam), ask.reissue(snapshot, ada)]).toEqual([
      refused(code),
      // declining twice is a no-op
      state === 'declined' ? nothing : refused(code),
      refused(code),
    ]);
  });

  test.each(ends)('I-11 a %s invitation keeps its state after its expiry', (state, code) => {
    const past = { ...invitation({ expiresAt: now }), state, closedAt: now };
    expect(ask.accept(given({ invitation: past }), sam, { expiresAt: now })).toEqual(refused(code));
  });

  test('I-11 only the last token of the invitation is valid', () => {
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
  ])(
    'I-18 an invitation for %j, answered by sam with %j, gives the expected result',
    (recipient, proved, then) => {
      const open = given({ invitation: invitation({ recipient }) });
      const actor = { ...sam, ...proved };
      expect([ask.accept(open, actor), ask.decline(open, actor)]).toMatchObject([then, then]);
    },
  );

  test('I-20 an invitation is void if its issuer has left or can no longer grant its role', () => {
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

  test('I-20 an invitation is void if its issuer may grant the role but no longer invite', () => {
    const matrix = matrixOfLeads();
    const members = membersOf({ ada: 'owner', mia: 'lead' });
    const one = invitation({ role: 'guest' });
    const proof = { workspaceId, invitationId, secretHash, expiresAt: one.expiresAt };
    expect(
      decided(acceptInvitation, given({ members, invitation: one }), proof, { actor: sam, matrix }),
    ).toEqual(refused('INVITATION_REVOKED'));
  });

  test('I-22 expired invitations do not count towards the limit of open invitations', () => {
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

  test('declining closes an invitation for a single use, but not one for several uses', () => {
    const declined = { type: 'invitation.declined', workspaceId, data: { invitationId, userId: 'sam' } };
    const decline = (maxUses: MaxUses) => ask.decline(given({ invitation: invitation({ maxUses }) }), sam);
    expect([decline(1), decline(2), decline('unlimited')]).toEqual([happened(declined), nothing, nothing]);
  });

  test('a member can neither decline nor be invited', () => {
    const member = refused('ALREADY_MEMBER', { workspaceId, userId: 'dev' });
    const snapshot = given({ invitation: invitation() });
    expect(ask.accept(snapshot, dev)).toEqual(member);
    expect(ask.decline(snapshot, dev)).toEqual(member);
    expect(ask.invite(snapshot, ada, { recipient: dev })).toEqual(member);
  });

  test('an unknown invitation is named in the refusal', () => {
    const unknown = refused('INVITATION_NOT_FOUND', { workspaceId, invitationId });
    expect([ask.reissue(given(), ada), ask.revoke(given(), ada)]).toEqual([unknown, unknown]);
  });

  test('revoking an open invitation records the reason', () => {
    expect(ask.revoke(given({ invitation: invitation() }), mia)).toEqual(
      happened({ type: 'invitation.revoked', workspaceId, data: { invitationId, reason: 'revoked' } }),
    );
  });

  test('I-19 open invitations for others or for anyone neither block a new invitation nor end by it', () => {
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

// Decisions as given/when/then: given records, when a command runs, then events or a refusal. No service, no storage.
import { describe, expect, test } from 'vitest';
import {
  defaultMatrix,
  type Actor,
  type Limits,
  type MaxUses,
  type ReadSet,
  type Snapshot,
  type UserActor,
} from '../../src/index.js';
import type { ReadContext } from '../../src/commands/define.js';
import { commands } from '../../src/commands/index.js';
import {
  account,
  ada,
  decided,
  dev,
  empty,
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

const {
  acceptInvitation,
  changeRole,
  createWorkspace,
  declineInvitation,
  deleteWorkspace,
  inviteMember,
  leaveWorkspace,
  openAccount,
  reissueInvitation,
  removeMember,
  renameAccount,
  renameWorkspace,
  revokeInvitation,
  switchWorkspace,
  transferOwnership,
} = commands;

describe('accounts', () => {
  const command = { userId: 'ada', username: 'ada', displayName: undefined, newWorkspaceId: 'ws-new' };

  test('without an account, opening creates the account and its personal workspace', () => {
    expect(decided(openAccount, given(empty), command, { actor: ada })).toEqual(
      happened(
        {
          type: 'account.opened',
          userId: 'ada',
          data: { username: 'ada', displayName: null, personalWorkspaceId: 'ws-new' },
        },
        {
          type: 'workspace.created',
          workspaceId: 'ws-new',
          data: { kind: 'personal', name: 'ada', ownerId: 'ada' },
        },
      ),
    );
  });

  test('with an account, opening is a no-op, and is refused for another username', () => {
    expect(decided(openAccount, given(), { ...command, username: 'ADA' }, { actor: ada })).toEqual(nothing);
    expect(decided(openAccount, given(), { ...command, username: 'eve' }, { actor: ada })).toEqual(
      refused('ACCOUNT_EXISTS', { userId: 'ada' }),
    );
  });

  test('renaming emits one event for the account and one for the workspace; for other users the account does not exist', () => {
    const snapshot = given({ workspace: personal });
    const rename = { userId: 'ada', username: 'Countess' };
    expect(decided(renameAccount, snapshot, rename, { actor: ada })).toEqual(
      happened(
        { type: 'account.renamed', userId: 'ada', data: { from: 'ada', to: 'Countess', displayName: null } },
        { type: 'workspace.renamed', workspaceId: 'personal-ada', data: { from: 'ada', to: 'Countess' } },
      ),
    );
    expect(decided(renameAccount, snapshot, rename, { actor: root }).ok).toBe(true);
    expect(decided(renameAccount, snapshot, rename, { actor: dev })).toEqual(
      refused('ACCOUNT_NOT_FOUND', { userId: 'ada' }),
    );
    expect(decided(renameAccount, snapshot, { userId: 'ada', username: 'ada' }, { actor: ada })).toEqual(
      nothing,
    );
    const shown = { userId: 'ada', username: 'ada', displayName: 'Ada L.' };
    expect(decided(renameAccount, snapshot, shown, { actor: ada })).toEqual(
      happened({
        type: 'account.renamed',
        userId: 'ada',
        data: { from: 'ada', to: 'ada', displayName: 'Ada L.' },
      }),
    );
  });

  test('only members switch to a workspace, and switching to the active workspace is a no-op', () => {
    const switched = {
      type: 'account.switched',
      userId: 'dev',
      data: { from: 'personal-dev', to: workspaceId },
    };
    expect(decided(switchWorkspace, given(), { workspaceId }, { actor: dev })).toEqual(happened(switched));
    expect(decided(switchWorkspace, given(), { workspaceId }, { actor: sam })).toEqual(
      refused('WORKSPACE_NOT_FOUND', { workspaceId }),
    );
    const there = given({ accounts: new Map([['dev', account('dev', { activeWorkspaceId: workspaceId })]]) });
    expect(decided(switchWorkspace, there, { workspaceId }, { actor: dev })).toEqual(nothing);
  });
});

describe('workspaces', () => {
  const fresh = given({ workspace: null, members: new Map() });
  const create = { workspaceId, name: 'Core' };
  const two = { ...roomy, workspacesPerOwner: 2 };
  const owning = (ownedTeams: number) =>
    given({ workspace: null, accounts: new Map([['sam', account('sam', { ownedTeams })]]) });

  test('the creator of a workspace becomes its owner', () => {
    expect(decided(createWorkspace, fresh, create, { actor: sam })).toEqual({
      ...happened({
        type: 'workspace.created',
        workspaceId,
        data: { kind: 'team', name: 'Core', ownerId: 'sam' },
      }),
      emailKeys: new Map(),
    });
  });

  test.each<[string, Snapshot, UserActor, Limits, object]>([
    ['no account', given(empty), sam, roomy, refused('ACCOUNT_NOT_FOUND', { userId: 'sam' })],
    ['the same workspace exists already', given(), ada, roomy, nothing],
    [
      'the same workspace exists already, beyond the limit',
      given(),
      ada,
      { ...roomy, workspacesPerOwner: 0 },
      nothing,
    ],
    ['the id belongs to another owner', given(), sam, roomy, refused('ID_TAKEN', { workspaceId })],
    [
      'the id belongs to a workspace with another name',
      given({ workspace: team({ name: 'X' }) }),
      ada,
      roomy,
      refused('ID_TAKEN', { workspaceId }),
    ],
    [
      'the id belongs to a personal workspace',
      given({ workspace: team({ kind: 'personal' }) }),
      ada,
      roomy,
      refused('ID_TAKEN', { workspaceId }),
    ],
    [
      'the id belongs to a deleted workspace',
      given({ workspace: null, tombstone: true }),
      ada,
      roomy,
      refused('ID_TAKEN', { workspaceId }),
    ],
    ['the owner is one below the limit', owning(1), sam, two, { ok: true }],
    [
      'the owner has reached the limit',
      owning(2),
      sam,
      two,
      refused('LIMIT_EXCEEDED', { which: 'workspacesPerOwner', limit: 2, current: 2, requested: 1 }),
    ],
    [
      'the limit admits no member at all',
      fresh,
      sam,
      { ...roomy, membersPerWorkspace: 0 },
      refused('LIMIT_EXCEEDED', { which: 'membersPerWorkspace', limit: 0, current: 0, requested: 1 }),
    ],
  ])('creating a workspace when %s', (_, snapshot, actor, limits, then) => {
    expect(decided(createWorkspace, snapshot, create, { actor, limits })).toMatchObject(then);
  });

  test('renaming and deleting need the permission, a team workspace and a matching name', () => {
    const rename = { workspaceId, name: 'Other' };
    expect(decided(renameWorkspace, given(), rename, { actor: ada })).toEqual(
      happened({ type: 'workspace.renamed', workspaceId, data: { from: 'Core', to: 'Other' } }),
    );
    expect(decided(renameWorkspace, given(), { workspaceId, name: 'Core' }, { actor: ada })).toEqual(nothing);
    expect(decided(renameWorkspace, given(), rename, { actor: mia })).toEqual(
      refused('PERMISSION_DENIED', { permission: 'workspace:rename', role: 'manager' }),
    );
    expect(decided(deleteWorkspace, given(), { workspaceId }, { actor: root })).toEqual(
      happened({ type: 'workspace.deleted', workspaceId, data: { name: 'Core', ownerId: 'ada' } }),
    );
    expect(decided(deleteWorkspace, given(), { workspaceId, confirmName: ' Core ' }, { actor: ada }).ok).toBe(
      true,
    );
    expect(decided(deleteWorkspace, given(), { workspaceId, confirmName: 'core' }, { actor: ada })).toEqual(
      refused('CONFIRMATION_MISMATCH', { workspaceId }),
    );
    const own = given({ workspace: personal });
    expect(decided(deleteWorkspace, own, { workspaceId: personal.id }, { actor: root })).toEqual(
      refused('PERSONAL_WORKSPACE', { workspaceId: personal.id, operation: 'delete' }),
    );
  });

  test('a transfer emits one event and revokes the invitations that the former owner can no longer grant', () => {
    const openInvitations = [
      invitation({ id: 'inv-manager', role: 'manager', issuedBy: ada }),
      invitation({ id: 'inv-developer', issuedBy: ada }),
      invitation({ id: 'inv-mia', issuedBy: mia }),
      invitation({ id: 'inv-expired', role: 'manager', issuedBy: ada, expiresAt: now }),
    ];
    expect(
      decided(transferOwnership, given({ openInvitations }), { workspaceId, userId: 'dev' }, { actor: ada }),
    ).toEqual(
      happened(
        {
          type: 'workspace.transferred',
          workspaceId,
          data: { from: 'ada', to: 'dev', formerOwnerRole: 'manager' },
        },
        // Expired already, so it is settled instead of revoked.
        {
          type: 'invitation.expired',
          workspaceId,
          data: { invitationId: 'inv-expired', expiredAt: '2026-01-01T00:00:00.000Z' },
        },
        {
          type: 'invitation.revoked',
          workspaceId,
          data: { invitationId: 'inv-manager', reason: 'issuer-lost-right' },
        },
      ),
    );
  });

  const crowded = given({
    workspace: team({ openInvitations: 4, reservedSeats: 9 }),
    openInvitations: [
      invitation({ id: 'inv-manager', role: 'manager', issuedBy: ada, maxUses: 4 }),
      invitation({ id: 'inv-expired', maxUses: 2, expiresAt: now }),
      invitation({ id: 'inv-expired-manager', role: 'manager', issuedBy: ada, expiresAt: now }),
    ],
  });

  // 3 members and 9 seats, of which 4 are revoked and 3 have expired; 1 of 4 invitations stays open.
  test.each<[Partial<Limits>, object]>([
    [{ membersPerWorkspace: 5, openInvitationsPerWorkspace: 1, workspacesPerOwner: 1 }, { ok: true }],
    [
      { membersPerWorkspace: 4 },
      refused('LIMIT_EXCEEDED', { which: 'membersPerWorkspace', limit: 4, current: 5, requested: 0 }),
    ],
    [
      { membersPerWorkspace: 0 },
      refused('LIMIT_EXCEEDED', { which: 'membersPerWorkspace', limit: 0, current: 5, requested: 0 }),
    ],
    [
      { openInvitationsPerWorkspace: 0 },
      refused('LIMIT_EXCEEDED', { which: 'openInvitationsPerWorkspace', limit: 0, current: 1, requested: 0 }),
    ],
    [
      { workspacesPerOwner: 0, membersPerWorkspace: 0, openInvitationsPerWorkspace: 0 },
      refused('LIMIT_EXCEEDED', { which: 'workspacesPerOwner', limit: 0, current: 0, requested: 1 }),
    ],
  ])('M-11 transferring to an owner with the limits %j', (change, then) => {
    for (const actor of [ada, root]) {
      const limits = { ...roomy, ...change };
      const command = { workspaceId, userId: 'dev' };
      expect(decided(transferOwnership, crowded, command, { actor, limits })).toMatchObject(then);
    }
  });

  test.each<[string, Actor, { readonly userId: string; readonly formerOwnerRole?: string }, object]>([
    ['to the present owner', ada, { userId: 'ada' }, nothing],
    [
      'to a user who is not a member',
      ada,
      { userId: 'sam' },
      refused('MEMBER_NOT_FOUND', { workspaceId, userId: 'sam' }),
    ],
    [
      'by a manager',
      mia,
      { userId: 'mia' },
      refused('PERMISSION_DENIED', { permission: 'workspace:transfer', role: 'manager' }),
    ],
    [
      'with the role owner for the former owner',
      ada,
      { userId: 'dev', formerOwnerRole: 'owner' },
      refused('PERMISSION_DENIED', { permission: 'workspace:transfer', role: 'owner', grant: 'owner' }),
    ],
  ])('transferring %s', (_, actor, rest, then) => {
    expect(decided(transferOwnership, given(), { workspaceId, ...rest }, { actor })).toEqual(then);
  });
});

describe('members', () => {
  const denied = (permission: string, role: string, grant?: string) =>
    refused('PERMISSION_DENIED', { permission, role, ...(grant !== undefined && { grant }) });
  const ownerStays = refused('OWNER_REQUIRED', { workspaceId, userId: 'ada' });
  const unknown = (userId: string) => refused('MEMBER_NOT_FOUND', { workspaceId, userId });

  test.each<[string, Actor, string, string, object]>([
    ['a developer to manager', ada, 'dev', 'manager', { ok: true }],
    ['a developer to developer', ada, 'dev', 'developer', nothing],
    ['the owner', ada, 'ada', 'manager', ownerStays],
    ['the owner, by an operator', root, 'ada', 'manager', ownerStays],
    ['a member to owner', ada, 'dev', 'owner', denied('member:change-role', 'owner', 'owner')],
    ['a user who is not a member', ada, 'sam', 'manager', unknown('sam')],
    ['a member, by a manager', mia, 'dev', 'developer', denied('member:change-role', 'manager')],
  ])('changing the role of %s', (_, actor, userId, role, then) => {
    expect(decided(changeRole, given(), { workspaceId, userId, role }, { actor })).toMatchObject(then);
  });

  test('a demotion also revokes the open invitations that the member can no longer grant', () => {
    const snapshot = given({ openInvitations: [invitation(), invitation({ id: 'inv-2', issuedBy: ada })] });
    const command = { workspaceId, userId: 'mia', role: 'developer' };
    expect(decided(changeRole, snapshot, command, { actor: ada })).toEqual(
      happened(
        {
          type: 'member.role-changed',
          workspaceId,
          data: { userId: 'mia', from: 'manager', to: 'developer' },
        },
        {
          type: 'invitation.revoked',
          workspaceId,
          data: { invitationId: 'inv-1', reason: 'issuer-lost-right' },
        },
      ),
    );
  });

  test.each<[string, Actor, string, object]>([
    ['a developer, by a manager', mia, 'dev', { ok: true, events: [{ type: 'member.removed' }] }],
    ['a manager, by the owner', ada, 'mia', { ok: true, events: [{ type: 'member.removed' }] }],
    ['a manager, by an operator', root, 'mia', { ok: true, events: [{ type: 'member.removed' }] }],
    ['a manager, by themselves', mia, 'mia', { ok: true, events: [{ type: 'member.left' }] }],
    ['a developer, by themselves', dev, 'dev', { ok: true, events: [{ type: 'member.left' }] }],
    ['a manager, by a developer', dev, 'mia', denied('member:remove', 'developer')],
    ['the owner, by a manager', mia, 'ada', ownerStays],
    ['the owner, by themselves', ada, 'ada', ownerStays],
    ['a user who is not a member', mia, 'sam', unknown('sam')],
    ['a member, by a user who is not a member', sam, 'dev', refused('WORKSPACE_NOT_FOUND', { workspaceId })],
  ])('removing %s', (_, actor, userId, then) => {
    expect(decided(removeMember, given(), { workspaceId, userId }, { actor })).toMatchObject(then);
  });

  test('leaving and being removed both revoke the invitations that the member issued', () => {
    const snapshot = given({ openInvitations: [invitation()] });
    expect(decided(removeMember, snapshot, { workspaceId, userId: 'mia' }, { actor: ada })).toEqual(
      happened(
        { type: 'member.removed', workspaceId, data: { userId: 'mia', role: 'manager' } },
        {
          type: 'invitation.revoked',
          workspaceId,
          data: { invitationId: 'inv-1', reason: 'issuer-removed' },
        },
      ),
    );
    expect(decided(leaveWorkspace, snapshot, { workspaceId }, { actor: mia })).toEqual(
      happened(
        { type: 'member.left', workspaceId, data: { userId: 'mia', role: 'manager' } },
        { type: 'invitation.revoked', workspaceId, data: { invitationId: 'inv-1', reason: 'issuer-left' } },
      ),
    );
  });
});

describe('invitations', () => {
  const command = {
    workspaceId,
    role: 'developer',
    maxUses: 1,
    expiresInSeconds: 60,
    recipient: undefined,
    invitationId: 'inv-new',
    secretHash: 'new hash',
    issuedAt: now,
  };
  const seats = { ...roomy, membersPerWorkspace: 5 };

  test('the event of a new invitation contains everything except the secret', () => {
    expect(decided(inviteMember, given(), command, { actor: mia })).toEqual({
      ok: true,
      issued: { secretHash: 'new hash', issuedAt: now },
      counted: null,
      events: [
        {
          type: 'invitation.created',
          workspaceId,
          data: {
            invitationId: 'inv-new',
            role: 'developer',
            recipient: null,
            maxUses: 1,
            expiresAt: '2026-01-01T00:01:00.000Z',
          },
        },
      ],
    });
  });

  test.each<[string, Partial<typeof command> | object, Snapshot, object]>([
    [
      'to manager, by a manager',
      { role: 'manager' },
      given(),
      refused('PERMISSION_DENIED', { permission: 'invitation:create', role: 'manager', grant: 'manager' }),
    ],
    ['a member', { recipient: dev }, given(), refused('ALREADY_MEMBER', { workspaceId, userId: 'dev' })],
    [
      'a user who has an open invitation',
      { recipient: sam },
      given({
        openInvitations: [invitation({ recipient: sam })],
        workspace: team({ openInvitations: 1, reservedSeats: 1 }),
      }),
      refused('ALREADY_INVITED', { workspaceId, invitationId: 'inv-1' }),
    ],
    [
      'a user whose invitation has expired, which settles the expired one',
      { recipient: sam },
      given({
        openInvitations: [invitation({ recipient: sam, expiresAt: now })],
        workspace: team({ openInvitations: 1, reservedSeats: 2, memberCount: 3 }),
      }),
      { ok: true, events: [{ type: 'invitation.expired' }, { type: 'invitation.created' }] },
    ],
    ['two users when two seats are free', { maxUses: 2 }, given(), { ok: true }],
    [
      'three users when two seats are free',
      { maxUses: 3 },
      given(),
      refused('LIMIT_EXCEEDED', { which: 'membersPerWorkspace', limit: 5, current: 3, requested: 3 }),
    ],
    [
      'unlimited users when no seat is free',
      { maxUses: 'unlimited' },
      given({ workspace: team({ memberCount: 5 }) }),
      { ok: true },
    ],
    [
      'into a personal workspace, by a developer',
      {},
      given({ workspace: team({ kind: 'personal' }) }),
      refused('PERMISSION_DENIED', { permission: 'invitation:create', role: 'developer' }),
    ],
  ])('inviting %s', (what, rest, snapshot, then) => {
    const actor = what === 'into a personal workspace, by a developer' ? dev : mia;
    expect(decided(inviteMember, snapshot, { ...command, ...rest }, { actor, limits: seats })).toMatchObject(
      then,
    );
  });

  test('reissuing starts the same lifetime again and makes the actor the issuer', () => {
    const snapshot = given({ invitation: invitation({ issuedAt: now - 30_000, expiresAt: now + 30_000 }) });
    const again = { workspaceId, invitationId: 'inv-1', secretHash: 'other hash' };
    expect(decided(reissueInvitation, snapshot, again, { actor: ada })).toEqual({
      ok: true,
      issued: { secretHash: 'other hash', issuedAt: now },
      counted: null,
      events: [
        {
          type: 'invitation.reissued',
          workspaceId,
          data: { invitationId: 'inv-1', expiresAt: '2026-01-01T00:01:00.000Z' },
        },
      ],
    });
  });

  test.each<[string, Snapshot['invitation'], object]>([
    ['an open invitation', invitation(), { ok: true, events: [{ type: 'invitation.revoked' }] }],
    [
      'an invitation past its expiry',
      invitation({ expiresAt: now }),
      { ok: true, events: [{ type: 'invitation.expired' }] },
    ],
    [
      'an invitation that is settled as expired',
      { ...invitation(), state: 'expired', closedAt: now },
      nothing,
    ],
    ['a declined invitation', { ...invitation(), state: 'declined', closedAt: now }, nothing],
    [
      'a used invitation',
      { ...invitation(), uses: 1, state: 'used', closedAt: now },
      refused('INVITATION_USED'),
    ],
    ['an unknown invitation', null, refused('INVITATION_NOT_FOUND', { workspaceId, invitationId: 'inv-1' })],
  ])('revoking %s', (_, one, then) => {
    const snapshot = given({ invitation: one });
    expect(
      decided(revokeInvitation, snapshot, { workspaceId, invitationId: 'inv-1' }, { actor: mia }),
    ).toMatchObject(then);
  });

  const proof = { workspaceId, invitationId: 'inv-1', secretHash: 'hash', expiresAt: now + 60_000 };

  test('I-14 accepting an invitation again is a no-op for the member who joined by it, even with another address', () => {
    const came = membersOf({ ada: 'owner', mia: 'manager', sam: 'developer' }, 'inv-1');
    const used = {
      ...invitation({ recipient: { email: 'sam@old.org' } }),
      uses: 1,
      state: 'used',
      closedAt: now,
    } as const;
    const actor = { ...sam, email: 'sam@new.org', emailVerified: true };
    expect(decided(acceptInvitation, given({ members: came, invitation: used }), proof, { actor })).toEqual(
      nothing,
    );
  });

  test.each<[string, MaxUses, number, number | null]>([
    ['one of the reserved seats', 2, 4, null],
    ['a reserved seat, although the limit was lowered below it', 2, 3, 3],
    ['the last free seat', 'unlimited', 6, null],
    ['no seat, because other invitations reserve the rest', 'unlimited', 5, 5],
  ])('M-08 accepting takes %s: %s uses under a limit of %i', (_, maxUses, limit, current) => {
    // 3 members, and 2 seats that other invitations reserve
    const snapshot = given({ invitation: invitation({ maxUses }), workspace: team({ reservedSeats: 2 }) });
    const limits = { ...roomy, membersPerWorkspace: limit };
    const refusal = refused('LIMIT_EXCEEDED', { which: 'membersPerWorkspace', limit, current, requested: 1 });
    expect(decided(acceptInvitation, snapshot, proof, { actor: sam, limits })).toMatchObject(
      current === null ? { ok: true } : refusal,
    );
  });

  test('M-08 a new member can take the seats that an expired invitation reserved', () => {
    const expired = invitation({ id: 'inv-old', maxUses: 2, expiresAt: now });
    const snapshot = given({
      invitation: invitation({ maxUses: 'unlimited' }),
      openInvitations: [expired],
      workspace: team({ reservedSeats: 2 }),
    });
    const limits = { ...roomy, membersPerWorkspace: 4 };
    expect(decided(acceptInvitation, snapshot, proof, { actor: sam, limits })).toEqual({
      ...happened(
        {
          type: 'invitation.expired',
          workspaceId,
          data: { invitationId: 'inv-old', expiredAt: '2026-01-01T00:00:00.000Z' },
        },
        { type: 'invitation.accepted', workspaceId, data: { invitationId: 'inv-1', userId: 'sam', uses: 1 } },
        {
          type: 'member.joined',
          workspaceId,
          data: { userId: 'sam', role: 'developer', invitationId: 'inv-1' },
        },
      ),
      emailKeys: new Map(),
    });
  });
});

describe('what a command reads', () => {
  const invitationId = 'inv-1';
  const secretHash = 'hash';
  const proof = { workspaceId, invitationId, secretHash, expiresAt: now };
  const invite = {
    ...{ workspaceId, role: 'developer', maxUses: 1, expiresInSeconds: 60, invitationId, secretHash },
    issuedAt: now,
  };
  const change = { workspaceId, userId: 'dev', role: 'manager' };

  test.each<[string, (facts: ReadContext) => ReadSet, ReadSet]>([
    [
      'renaming',
      (facts) => renameWorkspace.read({ workspaceId, name: 'Other' }, facts),
      { workspaceId, members: [] },
    ],
    [
      'deleting',
      (facts) => deleteWorkspace.read({ workspaceId }, facts),
      { workspaceId, members: [], owner: true },
    ],
    [
      'handing over',
      (facts) => transferOwnership.read({ workspaceId, userId: 'dev' }, facts),
      {
        workspaceId,
        members: ['dev'],
        accounts: ['dev'],
        owner: true,
        issuedByOwner: true,
        issuedBy: ['dev'],
        expiredAt: now,
      },
    ],
    ['inviting', (facts) => inviteMember.read(invite, facts), { workspaceId, members: [], expiredAt: now }],
    [
      'inviting a user',
      (facts) => inviteMember.read({ ...invite, recipient: sam }, facts),
      { workspaceId, members: ['sam'], recipients: [sam], expiredAt: now },
    ],
    [
      'inviting an address',
      (facts) => inviteMember.read({ ...invite, recipient: { email: 'a@b' } }, facts),
      { workspaceId, members: [], recipients: [{ email: 'a@b' }], emailKey: 'email:a@b', expiredAt: now },
    ],
    [
      'issuing anew',
      (facts) => reissueInvitation.read({ workspaceId, invitationId, secretHash }, facts),
      { workspaceId, members: [], invitationId },
    ],
    [
      'revoking',
      (facts) => revokeInvitation.read({ workspaceId, invitationId }, facts),
      { workspaceId, members: [], invitationId },
    ],
    [
      'changing a role',
      (facts) => changeRole.read(change, facts),
      { workspaceId, members: ['dev'], issuedBy: ['dev'], openLinks: true },
    ],
    [
      'removing',
      (facts) => removeMember.read(change, facts),
      { workspaceId, members: ['dev'], issuedBy: ['dev'], openLinks: true, departuresOf: ['dev'] },
    ],
  ])(
    "T-04 %s reads the caller's membership together with everything else, and none for an operator",
    (_, readSetFor, rest) => {
      expect(readSetFor({ actor: root, now, invitationsPerActorPerDay: 'unlimited' })).toEqual(rest);
      expect(readSetFor({ actor: ada, now, invitationsPerActorPerDay: 'unlimited' })).toEqual({
        ...rest,
        members: ['ada', ...(rest.members ?? [])],
      });
    },
  );

  test("T-04 accepting, declining, leaving, switching, creating and renaming read the caller's own records", () => {
    const facts = { actor: sam, now, invitationsPerActorPerDay: 1 };
    const own = { workspaceId, members: ['sam'], accounts: ['sam'] };
    expect([
      acceptInvitation.read(proof, facts),
      declineInvitation.read(proof, facts),
      switchWorkspace.read({ workspaceId }, facts),
      leaveWorkspace.read({ workspaceId }, facts),
      createWorkspace.read({ workspaceId, name: 'Core' }, facts),
      renameAccount.read({ userId: 'sam', username: 'sam' }, facts),
    ]).toEqual([
      { ...own, invitationId, recipients: [sam], departuresOf: ['sam'], expiredAt: now },
      { ...own, invitationId },
      own,
      { workspaceId, members: ['sam'], issuedBy: ['sam'], departuresOf: ['sam'] },
      { workspaceId, accounts: ['sam'] },
      { personalWorkspaceOf: 'sam' },
    ]);
  });

  test('limits are queried for the present, new or future owner of the workspace', () => {
    const own = { ownerId: 'ada', workspaceId };
    const gone = given({ workspace: null });
    expect([
      inviteMember.limitedBy?.(given(), invite, mia),
      acceptInvitation.limitedBy?.(given(), proof, sam),
      acceptInvitation.limitedBy?.(gone, proof, sam),
      createWorkspace.limitedBy?.(gone, { workspaceId, name: 'Core' }, sam),
      transferOwnership.limitedBy?.(given(), { workspaceId, userId: 'dev' }, ada),
      inviteMember.limitedBy?.(given(), invite, root),
    ]).toEqual([own, own, null, { ownerId: 'sam', workspaceId: null }, { ownerId: 'dev', workspaceId }, own]);
  });

  test('limits are not queried if the caller is not a member or the target cannot become the owner', () => {
    const transfer = { workspaceId, userId: 'dev' };
    expect([
      inviteMember.limitedBy?.(given(), invite, sam),
      transferOwnership.limitedBy?.(given(), transfer, sam),
      transferOwnership.limitedBy?.(given(), { ...transfer, userId: 'sam' }, ada),
      transferOwnership.limitedBy?.(given(), { ...transfer, userId: 'sam' }, root),
    ]).toEqual([null, null, null, null]);
    expect(transferOwnership.limitedBy?.(given(), transfer, root)).toEqual({ ownerId: 'dev', workspaceId });
  });

  test('I-20 inviting to owner is refused even if a custom matrix object would allow it', () => {
    const generous = {
      ...defaultMatrix,
      mayGrant: () => true,
      isGrantable: (name: string): name is string => name !== '',
    };
    const toOwner = { ...invite, role: 'owner' };
    for (const actor of [ada, root]) {
      expect(decided(inviteMember, given(), toOwner, { actor, matrix: generous })).toMatchObject(
        refused('PERMISSION_DENIED', { permission: 'invitation:create', grant: 'owner' }),
      );
    }
  });
});

// Given records, when a command, then events or a refusal: the decisions alone, without a service or a storage.
import { describe, expect, test } from 'vitest';
import {
  sealosMatrix,
  type Actor,
  type Limits,
  type MaxUses,
  type Slice,
  type Snapshot,
  type UserActor,
} from '../../src/index.js';
import { acceptInvitation, declineInvitation } from '../../src/domain/commands/acceptance.js';
import { openAccount, renameAccount, switchWorkspace } from '../../src/domain/commands/account.js';
import { inviteMember, reissueInvitation, revokeInvitation } from '../../src/domain/commands/invitation.js';
import { changeRole, leaveWorkspace, removeMember } from '../../src/domain/commands/member.js';
import {
  createWorkspace,
  deleteWorkspace,
  renameWorkspace,
  transferOwnership,
} from '../../src/domain/commands/workspace.js';
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

describe('accounts', () => {
  const command = { userId: 'ada', username: 'ada', displayName: undefined, newWorkspaceId: 'ws-new' };

  test('given nobody, opening makes the account and its personal workspace', () => {
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

  test('given the account, opening does nothing, or refuses another username', () => {
    expect(decided(openAccount, given(), { ...command, username: 'ADA' }, { actor: ada })).toEqual(nothing);
    expect(decided(openAccount, given(), { ...command, username: 'eve' }, { actor: ada })).toEqual(
      refused('ACCOUNT_EXISTS', { userId: 'ada' }),
    );
  });

  test('renaming tells the account and the workspace; by anybody else there is no account', () => {
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

  test('switching is for members, and to where one is already it does nothing', () => {
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

  test('creating makes the creator the owner', () => {
    expect(decided(createWorkspace, fresh, create, { actor: sam })).toEqual(
      happened({
        type: 'workspace.created',
        workspaceId,
        data: { kind: 'team', name: 'Core', ownerId: 'sam' },
      }),
    );
  });

  test.each<[string, Snapshot, UserActor, Limits, object]>([
    ['no account', given(empty), sam, roomy, refused('ACCOUNT_NOT_FOUND', { userId: 'sam' })],
    ['the same already there', given(), ada, roomy, nothing],
    ['the same already there, over the limit', given(), ada, { ...roomy, workspacesPerOwner: 0 }, nothing],
    ['the id of another owner', given(), sam, roomy, refused('ID_TAKEN', { workspaceId })],
    [
      'the id of another name',
      given({ workspace: team({ name: 'X' }) }),
      ada,
      roomy,
      refused('ID_TAKEN', { workspaceId }),
    ],
    [
      'the id of a personal one',
      given({ workspace: team({ kind: 'personal' }) }),
      ada,
      roomy,
      refused('ID_TAKEN', { workspaceId }),
    ],
    [
      'the id of a deleted one',
      given({ workspace: null, tombstone: true }),
      ada,
      roomy,
      refused('ID_TAKEN', { workspaceId }),
    ],
    ['one below the limit', owning(1), sam, two, { ok: true }],
    [
      'the limit reached',
      owning(2),
      sam,
      two,
      refused('LIMIT_EXCEEDED', { which: 'workspacesPerOwner', limit: 2, current: 2, requested: 1 }),
    ],
    [
      'no room for even one member',
      fresh,
      sam,
      { ...roomy, membersPerWorkspace: 0 },
      refused('LIMIT_EXCEEDED', { which: 'membersPerWorkspace', limit: 0, current: 0, requested: 1 }),
    ],
  ])('creating, given %s', (_, snapshot, actor, limits, then) => {
    expect(decided(createWorkspace, snapshot, create, { actor, limits })).toMatchObject(then);
  });

  test('renaming, deleting and handing over need the permission, a team, and what they act on', () => {
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

  test('handing over makes one event of the swap, and revokes what the former owner may grant no longer', () => {
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
        {
          type: 'invitation.revoked',
          workspaceId,
          data: { invitationId: 'inv-manager', reason: 'issuer-lost-right' },
        },
        // Past its expiry already: it is settled, not revoked.
        {
          type: 'invitation.expired',
          workspaceId,
          data: { invitationId: 'inv-expired', expiredAt: '2026-01-01T00:00:00.000Z' },
        },
      ),
    );
  });

  test.each<[string, Actor, { readonly userId: string; readonly formerOwnerRole?: string }, object]>([
    ['to the owner', ada, { userId: 'ada' }, nothing],
    ['to nobody', ada, { userId: 'sam' }, refused('MEMBER_NOT_FOUND', { workspaceId, userId: 'sam' })],
    [
      'by a manager',
      mia,
      { userId: 'mia' },
      refused('PERMISSION_DENIED', { permission: 'workspace:transfer', role: 'manager' }),
    ],
    [
      'for another owner in return',
      ada,
      { userId: 'dev', formerOwnerRole: 'owner' },
      refused('PERMISSION_DENIED', { permission: 'workspace:transfer', role: 'owner', grant: 'owner' }),
    ],
  ])('handing over %s', (_, actor, rest, then) => {
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
    ['the owner, by the host', root, 'ada', 'manager', ownerStays],
    ['anybody to owner', ada, 'dev', 'owner', denied('member:change-role', 'owner', 'owner')],
    ['nobody', ada, 'sam', 'manager', unknown('sam')],
    ['anybody, by a manager', mia, 'dev', 'developer', denied('member:change-role', 'manager')],
  ])('changing the role of %s', (_, actor, userId, role, then) => {
    expect(decided(changeRole, given(), { workspaceId, userId, role }, { actor })).toMatchObject(then);
  });

  test('a demotion revokes the open invitations that the member may no longer vouch for, in the same breath', () => {
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
    ['a manager, by the host', root, 'mia', { ok: true, events: [{ type: 'member.removed' }] }],
    ['a manager, by themselves', mia, 'mia', { ok: true, events: [{ type: 'member.left' }] }],
    ['a developer, by themselves', dev, 'dev', { ok: true, events: [{ type: 'member.left' }] }],
    ['a manager, by a developer', dev, 'mia', denied('member:remove', 'developer')],
    ['the owner, by a manager', mia, 'ada', ownerStays],
    ['the owner, by themselves', ada, 'ada', ownerStays],
    ['nobody', mia, 'sam', unknown('sam')],
    ['anybody, by a stranger', sam, 'dev', refused('WORKSPACE_NOT_FOUND', { workspaceId })],
  ])('removing %s', (_, actor, userId, then) => {
    expect(decided(removeMember, given(), { workspaceId, userId }, { actor })).toMatchObject(then);
  });

  test('leaving, and being removed, revokes what the member issued', () => {
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

  test('inviting tells all but the secret', () => {
    expect(decided(inviteMember, given(), command, { actor: mia })).toEqual({
      ok: true,
      issued: { secretHash: 'new hash', issuedAt: now },
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
      'somebody who is invited',
      { recipient: sam },
      given({
        openInvitations: [invitation({ recipient: sam })],
        workspace: team({ openInvitations: 1, reservedSeats: 1 }),
      }),
      refused('ALREADY_INVITED', { workspaceId, invitationId: 'inv-1' }),
    ],
    [
      'somebody whose invitation has expired: it is settled on the way',
      { recipient: sam },
      given({
        openInvitations: [invitation({ recipient: sam, expiresAt: now })],
        workspace: team({ openInvitations: 1, reservedSeats: 2, memberCount: 3 }),
      }),
      { ok: true, events: [{ type: 'invitation.expired' }, { type: 'invitation.created' }] },
    ],
    ['two where there are two seats', { maxUses: 2 }, given(), { ok: true }],
    [
      'three where there are two seats',
      { maxUses: 3 },
      given(),
      refused('LIMIT_EXCEEDED', { which: 'membersPerWorkspace', limit: 5, current: 3, requested: 3 }),
    ],
    [
      'without end where there is no seat',
      { maxUses: 'unlimited' },
      given({ workspace: team({ memberCount: 5 }) }),
      { ok: true },
    ],
    [
      'into a personal workspace',
      {},
      given({ workspace: team({ kind: 'personal' }) }),
      refused('PERMISSION_DENIED', { permission: 'invitation:create', role: 'developer' }),
    ],
  ])('inviting %s', (what, rest, snapshot, then) => {
    const actor = what === 'into a personal workspace' ? dev : mia;
    expect(decided(inviteMember, snapshot, { ...command, ...rest }, { actor, limits: seats })).toMatchObject(
      then,
    );
  });

  test('issuing anew gives the same life again from now, and makes the actor the issuer', () => {
    const snapshot = given({ invitation: invitation({ issuedAt: now - 30_000, expiresAt: now + 30_000 }) });
    const again = { workspaceId, invitationId: 'inv-1', secretHash: 'other hash' };
    expect(decided(reissueInvitation, snapshot, again, { actor: ada })).toEqual({
      ok: true,
      issued: { secretHash: 'other hash', issuedAt: now },
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
    ['an open one', invitation(), { ok: true, events: [{ type: 'invitation.revoked' }] }],
    [
      'one past its expiry',
      invitation({ expiresAt: now }),
      { ok: true, events: [{ type: 'invitation.expired' }] },
    ],
    ['one settled as expired', { ...invitation(), state: 'expired', closedAt: now }, nothing],
    ['a declined one', { ...invitation(), state: 'declined', closedAt: now }, nothing],
    ['a used one', { ...invitation(), uses: 1, state: 'used', closedAt: now }, refused('INVITATION_USED')],
    ['none', null, refused('INVITATION_NOT_FOUND', { workspaceId, invitationId: 'inv-1' })],
  ])('revoking %s', (_, one, then) => {
    const snapshot = given({ invitation: one });
    expect(
      decided(revokeInvitation, snapshot, { workspaceId, invitationId: 'inv-1' }, { actor: mia }),
    ).toMatchObject(then);
  });

  const proof = { workspaceId, invitationId: 'inv-1', secretHash: 'hash', expiresAt: now + 60_000 };

  test('I-14 who came in by an invitation is in: accepting it again is nothing, even as somebody else', () => {
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
    ['one of the reserved seats, of a limit lowered since', 2, 3, 3],
    ['the last free seat', 'unlimited', 6, null],
    ['no seat, for the rest are reserved', 'unlimited', 5, 5],
  ])('M-08 accepting takes %s: %s uses under a limit of %i', (_, maxUses, limit, current) => {
    // 3 members, and 2 seats that other invitations hold
    const snapshot = given({ invitation: invitation({ maxUses }), workspace: team({ reservedSeats: 2 }) });
    const limits = { ...roomy, membersPerWorkspace: limit };
    const refusal = refused('LIMIT_EXCEEDED', { which: 'membersPerWorkspace', limit, current, requested: 1 });
    expect(decided(acceptInvitation, snapshot, proof, { actor: sam, limits })).toMatchObject(
      current === null ? { ok: true } : refusal,
    );
  });

  test('M-08 what has expired gives its seats to who comes in', () => {
    const expired = invitation({ id: 'inv-old', maxUses: 2, expiresAt: now });
    const snapshot = given({
      invitation: invitation({ maxUses: 'unlimited' }),
      openInvitations: [expired],
      workspace: team({ reservedSeats: 2 }),
    });
    const limits = { ...roomy, membersPerWorkspace: 4 };
    expect(decided(acceptInvitation, snapshot, proof, { actor: sam, limits })).toEqual(
      happened(
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
    );
  });
});

describe('what a command looks at', () => {
  const invitationId = 'inv-1';
  const secretHash = 'hash';
  const proof = { workspaceId, invitationId, secretHash, expiresAt: now };
  const invite = {
    ...{ workspaceId, role: 'developer', maxUses: 1, expiresInSeconds: 60, invitationId, secretHash },
    issuedAt: now,
  };
  const change = { workspaceId, userId: 'dev', role: 'manager' };

  test.each<[string, (facts: { readonly actor: Actor; readonly now: number }) => Slice, Slice]>([
    [
      'renaming',
      (facts) => renameWorkspace.slice({ workspaceId, name: 'Other' }, facts),
      { workspaceId, members: [] },
    ],
    [
      'deleting',
      (facts) => deleteWorkspace.slice({ workspaceId }, facts),
      { workspaceId, members: [], owner: true },
    ],
    [
      'handing over',
      (facts) => transferOwnership.slice({ workspaceId, userId: 'dev' }, facts),
      {
        workspaceId,
        members: ['dev'],
        accounts: ['dev'],
        owner: true,
        issuedByOwner: true,
        issuedBy: 'dev',
      },
    ],
    ['inviting', (facts) => inviteMember.slice(invite, facts), { workspaceId, members: [], expiredAt: now }],
    [
      'inviting a user',
      (facts) => inviteMember.slice({ ...invite, recipient: sam }, facts),
      { workspaceId, members: ['sam'], recipient: sam, expiredAt: now },
    ],
    [
      'inviting an address',
      (facts) => inviteMember.slice({ ...invite, recipient: { email: 'a@b' } }, facts),
      { workspaceId, members: [], recipient: { email: 'a@b' }, expiredAt: now },
    ],
    [
      'issuing anew',
      (facts) => reissueInvitation.slice({ workspaceId, invitationId, secretHash }, facts),
      { workspaceId, members: [], invitationId },
    ],
    [
      'revoking',
      (facts) => revokeInvitation.slice({ workspaceId, invitationId }, facts),
      { workspaceId, members: [], invitationId },
    ],
    [
      'changing a role',
      (facts) => changeRole.slice(change, facts),
      { workspaceId, members: ['dev'], issuedBy: 'dev' },
    ],
    [
      'removing',
      (facts) => removeMember.slice(change, facts),
      { workspaceId, members: ['dev'], issuedBy: 'dev' },
    ],
  ])('T-04 %s: the membership of who calls is read with the rest; the host has none', (_, sliceFor, rest) => {
    expect(sliceFor({ actor: root, now })).toEqual(rest);
    expect(sliceFor({ actor: ada, now })).toEqual({ ...rest, members: ['ada', ...(rest.members ?? [])] });
  });

  test('T-04 of who answers, leaves, switches or creates, the account or the membership', () => {
    const facts = { actor: sam, now };
    const own = { workspaceId, members: ['sam'], accounts: ['sam'] };
    expect([
      acceptInvitation.slice(proof, facts),
      declineInvitation.slice(proof, facts),
      switchWorkspace.slice({ workspaceId }, facts),
      leaveWorkspace.slice({ workspaceId }, facts),
      createWorkspace.slice({ workspaceId, name: 'Core' }, facts),
      renameAccount.slice({ userId: 'sam', username: 'sam' }, facts),
    ]).toEqual([
      { ...own, invitationId, expiredAt: now },
      { ...own, invitationId },
      own,
      { workspaceId, members: ['sam'], issuedBy: 'sam' },
      { workspaceId, accounts: ['sam'] },
      { personalWorkspaceOf: 'sam' },
    ]);
  });

  test('limits are asked for the owner: whoever has the workspace, makes it, or would have it', () => {
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

  test('no limits are asked for who is not a member, nor for who cannot become the owner', () => {
    const transfer = { workspaceId, userId: 'dev' };
    expect([
      inviteMember.limitedBy?.(given(), invite, sam),
      transferOwnership.limitedBy?.(given(), transfer, sam),
      transferOwnership.limitedBy?.(given(), { ...transfer, userId: 'sam' }, ada),
      transferOwnership.limitedBy?.(given(), { ...transfer, userId: 'sam' }, root),
    ]).toEqual([null, null, null, null]);
    expect(transferOwnership.limitedBy?.(given(), transfer, root)).toEqual({ ownerId: 'dev', workspaceId });
  });

  test('I-20 nobody is invited to owner, whatever the object says that is handed over as a matrix', () => {
    const generous = {
      ...sealosMatrix,
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

// The role ceiling: a member can grant no role above their own, when they invite and when the invitation is accepted.
import { describe, expect, test } from 'vitest';
import {
  WorkspaceService,
  corePermissions,
  definePermissionMatrix,
  defaultMatrix,
  type Actor,
  type DefaultRole,
} from '../../src/index.js';
import { createTokens, hashSecret } from '../../src/tokens/tokens.js';
import { testTokens } from '../../src/testing/index.js';
import {
  callUntyped,
  createTeam,
  dev,
  mia,
  membersOf,
  ada,
  root,
  outcomeOf,
  refusalOf,
  sam,
  eve,
  type Team,
} from './invitation-team.js';

const views = ['workspace:view', 'member:view', 'quota:view', 'resource:view'] as const;

/** The Sealos roles with other grants. */
function matrixWith(grants: {
  readonly owner: readonly DefaultRole[];
  readonly manager: readonly DefaultRole[];
}) {
  return definePermissionMatrix({
    roles: {
      owner: { permissions: corePermissions, grants: grants.owner },
      manager: { permissions: defaultMatrix.permissionsOf('manager'), grants: grants.manager },
      developer: { permissions: views, grants: [] },
    },
  });
}

const actors: readonly [string, Actor, readonly string[]][] = [
  ['an owner', ada, ['manager', 'developer']],
  ['a manager', mia, ['developer']],
  ['a developer', dev, []],
  ['an operator', root, ['manager', 'developer']],
];
const roles = [
  'owner',
  'manager',
  'developer',
  'viewer',
  'OWNER',
  'owner ',
  'constructor',
  '__proto__',
  'toString',
];

describe('inviting', () => {
  test.each(actors)(
    'I-20 %s can invite to the roles that they may grant, and to no other',
    async (_name, actor, grantable) => {
      const { workspaces, workspaceId, storage } = await createTeam();
      for (const role of roles) {
        const before = storage.dump();
        const invited = await outcomeOf(
          callUntyped(workspaces, 'inviteMember', [actor, { workspaceId, role }]),
        );
        expect([role, invited]).toEqual([role, grantable.includes(role) ? 'ok' : 'PERMISSION_DENIED']);
        if (invited !== 'ok') expect(storage.dump()).toEqual(before);
      }
    },
  );

  test.each(actors)(
    'I-20 %s can reissue invitations to the roles that they may grant, and to no other',
    async (_name, actor, grantable) => {
      const { workspaces, workspaceId, storage } = await createTeam();
      for (const role of ['manager', 'developer'] as const) {
        const { invitation, token } = await workspaces.inviteMember(ada, { workspaceId, role });
        const before = storage.dump();
        const reissued = workspaces.reissueInvitation(actor, { workspaceId, invitationId: invitation.id });
        const mayGrant = grantable.includes(role);
        expect(await outcomeOf(reissued)).toBe(mayGrant ? 'ok' : 'PERMISSION_DENIED');
        if (mayGrant) continue;
        expect(storage.dump()).toEqual(before);
        expect(await outcomeOf(workspaces.previewInvitation({ token }))).toBe('ok');
      }
    },
  );

  test('I-20 the role of the caller is never taken from the input: a role in the actor or input is rejected by name', async () => {
    const { workspaces, workspaceId } = await createTeam();
    for (const args of [
      [
        { ...mia, role: 'owner' },
        { workspaceId, role: 'manager' },
      ],
      [mia, { workspaceId, role: 'manager', issuedBy: { userId: 'ada' } }],
      [mia, { workspaceId, role: 'manager', actor: ada }],
    ]) {
      expect(await outcomeOf(callUntyped(workspaces, 'inviteMember', args))).toBe('INVALID_INPUT');
    }
  });
});

describe('an invitation to owner', () => {
  /** Only direct access to the database could create it. */
  async function planted() {
    const team = await createTeam();
    const { workspaces, workspaceId, storage } = team;
    const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'manager' });
    const record = storage.dump().invitations.find(({ id }) => id === invitation.id);
    if (record?.state !== 'open') throw new Error('there is no invitation');
    const secret = 'AAAAAAAAAAAAAAAAAAAAAA';
    const changed = { ...record, role: 'owner', secretHash: await hashSecret(secret) };
    const result = await storage.commit({
      expect: [],
      changes: [{ kind: 'invitation.update', invitation: changed }],
      events: [],
    });
    expect(result).toEqual({ ok: true });
    const { issuedAt, expiresAt, id: invitationId } = record;
    const token = await createTokens(testTokens).issueInvitation({
      workspaceId,
      invitationId,
      secret,
      issuedAt,
      expiresAt,
    });
    return { team, token, named: { workspaceId, invitationId } };
  }

  test.each(actors)('I-20 %s cannot reissue it, although it is stored', async (_name, actor) => {
    const { team, named } = await planted();
    const before = team.storage.dump();
    expect(await outcomeOf(team.workspaces.reissueInvitation(actor, named))).toBe('PERMISSION_DENIED');
    expect(team.storage.dump()).toEqual(before);
  });

  test('I-20 no one can join by it, even with a token that is valid in every other respect', async () => {
    const { team, token } = await planted();
    const before = team.storage.dump();
    expect(await outcomeOf(team.workspaces.previewInvitation({ token }))).toBe('ok');
    expect(await outcomeOf(team.workspaces.acceptInvitation(sam, { token }))).toBe('INVITATION_REVOKED');
    expect(team.storage.dump()).toEqual(before);
  });

  test.each(actors)(
    'I-20 %s sees no token of any invitation in the lists',
    async (_name, actor, grantable) => {
      const { team, token } = await planted();
      const list = team.workspaces.listInvitations(actor, { workspaceId: team.workspaceId });
      if (grantable.length === 0) {
        expect(await outcomeOf(list)).toBe('PERMISSION_DENIED');
        return;
      }
      const shown = JSON.stringify(await list);
      expect(shown).toContain('"role":"owner"');
      for (const part of token.split('.')) expect(shown).not.toContain(part);
      expect(shown).not.toMatch(/secret|hash|token/i);
    },
  );
});

describe('accepting', () => {
  const noGrants = matrixWith({ owner: ['manager', 'developer'], manager: [] });
  const ownerGrantsDevelopers = matrixWith({ owner: ['developer'], manager: ['developer'] });

  test('I-20 an invitation is void while the matrix no longer lets its issuer grant the role, and valid again afterwards', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, storage } = team;
    const { token } = await workspaces.inviteMember(mia, { workspaceId, role: 'developer' });
    const strict = team.service({ permissions: noGrants });
    const before = storage.dump();
    expect(await outcomeOf(strict.acceptInvitation(sam, { token }))).toBe('INVITATION_REVOKED');
    expect(storage.dump()).toEqual(before);
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
  });

  test("I-20 the ceiling applies to the owner's own invitations, too", async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const manager = await workspaces.inviteMember(ada, { workspaceId, role: 'manager' });
    const developer = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const strict = team.service({ permissions: ownerGrantsDevelopers });
    expect(await outcomeOf(strict.acceptInvitation(sam, manager))).toBe('INVALID_INPUT');
    expect(await outcomeOf(strict.acceptInvitation(sam, { token: manager.token }))).toBe(
      'INVITATION_REVOKED',
    );
    expect(await outcomeOf(strict.acceptInvitation(sam, { token: developer.token }))).toBe('ok');
  });

  test("I-20 an operator's invitation is valid for every role of the matrix except owner, but not for a removed role", async () => {
    const wide = definePermissionMatrix({
      roles: {
        owner: { permissions: corePermissions, grants: ['manager', 'developer', 'viewer'] },
        manager: { permissions: defaultMatrix.permissionsOf('manager'), grants: ['developer', 'viewer'] },
        developer: { permissions: views, grants: ['viewer'] },
        viewer: { permissions: ['workspace:view'], grants: [] },
      },
    });
    const team = await createTeam();
    const { workspaceId, storage, clock } = team;
    const other = new WorkspaceService({ storage, clock, tokens: testTokens, permissions: wide });
    const { token } = await other.inviteMember(root, { workspaceId, role: 'viewer' });
    const before = storage.dump();
    expect(await outcomeOf(team.workspaces.acceptInvitation(sam, { token }))).toBe('INVITATION_REVOKED');
    expect(storage.dump()).toEqual(before);
    expect(await outcomeOf(other.acceptInvitation(sam, { token }))).toBe('ok');
  });

  test('I-20 an operator can invite to a role that the owner cannot grant, and it is accepted if the matrix has the role', async () => {
    const team = await createTeam({ permissions: ownerGrantsDevelopers });
    const { workspaces, workspaceId } = team;
    expect(await outcomeOf(workspaces.inviteMember(ada, { workspaceId, role: 'manager' }))).toBe(
      'PERMISSION_DENIED',
    );
    const { token } = await workspaces.inviteMember(root, { workspaceId, role: 'manager' });
    expect((await workspaces.acceptInvitation(sam, { token })).member.role).toBe('manager');
  });

  test('I-20 the issuer of the last token counts, not the member who created the invitation', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const strict = team.service({ permissions: noGrants });
    const named = async (actor: Actor) => {
      const { invitation } = await workspaces.inviteMember(actor, { workspaceId, role: 'developer' });
      return { workspaceId, invitationId: invitation.id };
    };
    const byMia = await workspaces.reissueInvitation(mia, await named(ada));
    const byAda = await workspaces.reissueInvitation(ada, await named(mia));
    expect(await outcomeOf(strict.acceptInvitation(sam, { token: byMia.token }))).toBe('INVITATION_REVOKED');
    expect(await outcomeOf(strict.acceptInvitation(sam, { token: byAda.token }))).toBe('ok');
  });

  test.each<[string, (team: Team) => Promise<unknown>]>([
    [
      'demoted',
      ({ workspaces, workspaceId }) =>
        workspaces.changeRole(ada, { workspaceId, userId: 'mia', role: 'developer' }),
    ],
    [
      'removed',
      ({ workspaces, workspaceId }) => workspaces.removeMember(ada, { workspaceId, userId: 'mia' }),
    ],
    ['gone', ({ workspaces, workspaceId }) => workspaces.leaveWorkspace(mia, { workspaceId })],
  ])(
    'I-20 an issuer who is %s at that moment voids the invitation, and the same token stays void later',
    async (_name, lose) => {
      const team = await createTeam();
      const { workspaces, workspaceId } = team;
      const { token } = await workspaces.inviteMember(mia, {
        workspaceId,
        role: 'developer',
        maxUses: 'unlimited',
      });
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
      await lose(team);
      expect(await outcomeOf(workspaces.acceptInvitation(eve, { token }))).toBe('INVITATION_REVOKED');
      const back = membersOf(team).includes('mia');
      if (back) await workspaces.changeRole(ada, { workspaceId, userId: 'mia', role: 'manager' });
      else {
        const again = await workspaces.inviteMember(ada, { workspaceId, role: 'manager' });
        await workspaces.acceptInvitation(mia, { token: again.token });
      }
      expect((await refusalOf(workspaces.acceptInvitation(eve, { token }))).code).toBe('INVITATION_REVOKED');
      expect(membersOf(team)).not.toContain('eve');
    },
  );
});

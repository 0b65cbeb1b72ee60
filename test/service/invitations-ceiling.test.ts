// The ceiling: nobody gives a role beyond their own, when they invite and still when somebody accepts.
import { describe, expect, test } from 'vitest';
import {
  WorkspaceService,
  corePermissions,
  definePermissionMatrix,
  sealosMatrix,
  type Actor,
  type SealosRole,
} from '../../src/index.js';
import { createTokens, hashSecret } from '../../src/tokens/tokens.js';
import { testTokens } from '../../src/testing/index.js';
import {
  callUntyped,
  createTeam,
  dana,
  mark,
  membersOf,
  olga,
  operator,
  outcomeOf,
  refusalOf,
  xena,
  yuri,
  type Team,
} from './invitation-team.js';

const views = ['workspace:view', 'member:view', 'quota:view', 'resource:view'] as const;

/** The Sealos roles with other grants. */
function matrixWith(grants: {
  readonly owner: readonly SealosRole[];
  readonly manager: readonly SealosRole[];
}) {
  return definePermissionMatrix({
    roles: {
      owner: { permissions: corePermissions, grants: grants.owner },
      manager: { permissions: sealosMatrix.permissionsOf('manager'), grants: grants.manager },
      developer: { permissions: views, grants: [] },
    },
  });
}

const actors: readonly [string, Actor, readonly string[]][] = [
  ['an owner', olga, ['manager', 'developer']],
  ['a manager', mark, ['developer']],
  ['a developer', dana, []],
  ['an operator', operator, ['manager', 'developer']],
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

describe('at creation', () => {
  test.each(actors)(
    'I-20 %s invites to the roles that they may grant, and to no other',
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
    'I-20 %s reissues invitations to the roles that they may grant, and to no other',
    async (_name, actor, grantable) => {
      const { workspaces, workspaceId, storage } = await createTeam();
      for (const role of ['manager', 'developer'] as const) {
        const { invitation, token } = await workspaces.inviteMember(olga, { workspaceId, role });
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

  test('I-20 the caller says who they are, not what: a role in the actor or input is refused by name', async () => {
    const { workspaces, workspaceId } = await createTeam();
    for (const args of [
      [
        { ...mark, role: 'owner' },
        { workspaceId, role: 'manager' },
      ],
      [mark, { workspaceId, role: 'manager', issuedBy: { userId: 'olga' } }],
      [mark, { workspaceId, role: 'manager', actor: olga }],
    ]) {
      expect(await outcomeOf(callUntyped(workspaces, 'inviteMember', args))).toBe('INVALID_INPUT');
    }
  });
});

describe('an invitation to owner', () => {
  /** As only somebody with access to the database could make it. */
  async function planted() {
    const team = await createTeam();
    const { workspaces, workspaceId, storage } = team;
    const { invitation } = await workspaces.inviteMember(olga, { workspaceId, role: 'manager' });
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

  test.each(actors)('I-20 %s cannot reissue it, though it stands in the storage', async (_name, actor) => {
    const { team, named } = await planted();
    const before = team.storage.dump();
    expect(await outcomeOf(team.workspaces.reissueInvitation(actor, named))).toBe('PERMISSION_DENIED');
    expect(team.storage.dump()).toEqual(before);
  });

  test('I-20 nobody joins by it, with a token that everything else vouches for', async () => {
    const { team, token } = await planted();
    const before = team.storage.dump();
    expect(await outcomeOf(team.workspaces.previewInvitation({ token }))).toBe('ok');
    expect(await outcomeOf(team.workspaces.acceptInvitation(xena, { token }))).toBe('INVITATION_REVOKED');
    expect(team.storage.dump()).toEqual(before);
  });

  test.each(actors)(
    'I-20 %s sees no token of it, or of any, in the lists',
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

describe('at acceptance', () => {
  const noGrants = matrixWith({ owner: ['manager', 'developer'], manager: [] });
  const ownerGrantsDevelopers = matrixWith({ owner: ['developer'], manager: ['developer'] });

  test('I-20 a matrix that took the right to grant since: the invitation opens nothing, and anew once it gives it back', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, storage } = team;
    const { token } = await workspaces.inviteMember(mark, { workspaceId, role: 'developer' });
    const strict = team.service({ permissions: noGrants });
    const before = storage.dump();
    expect(await outcomeOf(strict.acceptInvitation(xena, { token }))).toBe('INVITATION_REVOKED');
    expect(storage.dump()).toEqual(before);
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('ok');
  });

  test("I-20 the owner's own invitations are measured alike", async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const manager = await workspaces.inviteMember(olga, { workspaceId, role: 'manager' });
    const developer = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
    const strict = team.service({ permissions: ownerGrantsDevelopers });
    expect(await outcomeOf(strict.acceptInvitation(xena, manager))).toBe('INVALID_INPUT');
    expect(await outcomeOf(strict.acceptInvitation(xena, { token: manager.token }))).toBe(
      'INVITATION_REVOKED',
    );
    expect(await outcomeOf(strict.acceptInvitation(xena, { token: developer.token }))).toBe('ok');
  });

  test('I-20 an operator vouches for every role of the matrix but the owner: not for one that it lost', async () => {
    const wide = definePermissionMatrix({
      roles: {
        owner: { permissions: corePermissions, grants: ['manager', 'developer', 'viewer'] },
        manager: { permissions: sealosMatrix.permissionsOf('manager'), grants: ['developer', 'viewer'] },
        developer: { permissions: views, grants: ['viewer'] },
        viewer: { permissions: ['workspace:view'], grants: [] },
      },
    });
    const team = await createTeam();
    const { workspaceId, storage, clock } = team;
    const other = new WorkspaceService({ storage, clock, tokens: testTokens, permissions: wide });
    const { token } = await other.inviteMember(operator, { workspaceId, role: 'viewer' });
    const before = storage.dump();
    expect(await outcomeOf(team.workspaces.acceptInvitation(xena, { token }))).toBe('INVITATION_REVOKED');
    expect(storage.dump()).toEqual(before);
    expect(await outcomeOf(other.acceptInvitation(xena, { token }))).toBe('ok');
  });

  test('I-20 an operator makes what the owner could not, and it is taken where the matrix knows the role', async () => {
    const team = await createTeam({ permissions: ownerGrantsDevelopers });
    const { workspaces, workspaceId } = team;
    expect(await outcomeOf(workspaces.inviteMember(olga, { workspaceId, role: 'manager' }))).toBe(
      'PERMISSION_DENIED',
    );
    const { token } = await workspaces.inviteMember(operator, { workspaceId, role: 'manager' });
    expect((await workspaces.acceptInvitation(xena, { token })).member.role).toBe('manager');
  });

  test('I-20 the issuer is who issued the last token: their right counts, not that of who invited', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const strict = team.service({ permissions: noGrants });
    const named = async (actor: Actor) => {
      const { invitation } = await workspaces.inviteMember(actor, { workspaceId, role: 'developer' });
      return { workspaceId, invitationId: invitation.id };
    };
    const byMark = await workspaces.reissueInvitation(mark, await named(olga));
    const byOlga = await workspaces.reissueInvitation(olga, await named(mark));
    expect(await outcomeOf(strict.acceptInvitation(xena, { token: byMark.token }))).toBe(
      'INVITATION_REVOKED',
    );
    expect(await outcomeOf(strict.acceptInvitation(xena, { token: byOlga.token }))).toBe('ok');
  });

  test.each<[string, (team: Team) => Promise<unknown>]>([
    [
      'demoted',
      ({ workspaces, workspaceId }) =>
        workspaces.changeRole(olga, { workspaceId, userId: 'mark', role: 'developer' }),
    ],
    [
      'removed',
      ({ workspaces, workspaceId }) => workspaces.removeMember(olga, { workspaceId, userId: 'mark' }),
    ],
    ['gone', ({ workspaces, workspaceId }) => workspaces.leaveWorkspace(mark, { workspaceId })],
  ])(
    'I-20 an issuer who is %s at that moment vouches for nobody, and later for nobody by the same token',
    async (_name, lose) => {
      const team = await createTeam();
      const { workspaces, workspaceId } = team;
      const { token } = await workspaces.inviteMember(mark, {
        workspaceId,
        role: 'developer',
        maxUses: 'unlimited',
      });
      expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('ok');
      await lose(team);
      expect(await outcomeOf(workspaces.acceptInvitation(yuri, { token }))).toBe('INVITATION_REVOKED');
      const back = membersOf(team).includes('mark');
      if (back) await workspaces.changeRole(olga, { workspaceId, userId: 'mark', role: 'manager' });
      else {
        const again = await workspaces.inviteMember(olga, { workspaceId, role: 'manager' });
        await workspaces.acceptInvitation(mark, { token: again.token });
      }
      expect((await refusalOf(workspaces.acceptInvitation(yuri, { token }))).code).toBe('INVITATION_REVOKED');
      expect(membersOf(team)).not.toContain('yuri');
    },
  );
});

// The record decides, not the token: what was closed stays closed, and what the token says must be what the record says.
import { describe, expect, test } from 'vitest';
import type { StorageAdapter } from '../../src/index.js';
import {
  callUntyped,
  dana,
  mark,
  olga,
  operator,
  outcomeOf,
  refusalOf,
  xena,
  yuri,
} from '../service/invitation-team.js';
import { codesOf, createBench, type Bench } from './bench.js';
import { claimsOf, forge } from './forge.js';

interface End {
  readonly accept: string;
  readonly preview: string;
  readonly by: (bench: Bench) => Promise<unknown>;
}

const named = ({ team, invitationId }: Bench) => ({ workspaceId: team.workspaceId, invitationId });

const ends: Readonly<Record<string, End>> = {
  revoked: {
    accept: 'INVITATION_REVOKED',
    preview: 'revoked',
    by: (bench) => bench.workspaces.revokeInvitation(olga, named(bench)),
  },
  'used up': {
    accept: 'INVITATION_USED',
    preview: 'used',
    by: ({ workspaces, token }) => workspaces.acceptInvitation(yuri, { token }),
  },
  declined: {
    accept: 'INVITATION_DECLINED',
    preview: 'declined',
    by: ({ workspaces, token }) => workspaces.declineInvitation(yuri, { token }),
  },
  expired: {
    accept: 'INVITATION_EXPIRED',
    preview: 'expired',
    by: async ({ team, claims }) => team.clock.set(Number(claims['exp']) * 1000),
  },
  reissued: {
    accept: 'INVITATION_INVALID',
    preview: 'INVITATION_INVALID',
    by: (bench) => bench.workspaces.reissueInvitation(olga, named(bench)),
  },
  'of a deleted workspace': {
    accept: 'INVITATION_INVALID',
    preview: 'INVITATION_INVALID',
    by: ({ workspaces, team }) => workspaces.deleteWorkspace(olga, { workspaceId: team.workspaceId }),
  },
};

describe('the stored state', () => {
  test.each(Object.entries(ends))(
    'I-11 what is %s is refused, though the signature is valid',
    async (_name, end) => {
      const bench = await createBench();
      const { workspaces, token, team } = bench;
      expect((await workspaces.previewInvitation({ token })).status).toBe('open');
      await end.by(bench);
      const before = team.storage.dump();
      expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe(end.accept);
      expect(await outcomeOf(workspaces.declineInvitation(xena, { token }))).toBe(
        end.accept === 'INVITATION_DECLINED' ? 'ok' : end.accept,
      );
      const preview = await workspaces.previewInvitation({ token }).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      );
      expect(preview).toBe(end.preview);
      expect(team.storage.dump()).toEqual(before);
    },
  );

  test.each(Object.entries(ends))(
    'I-11 what is %s stays refused under claims that the right key signs anew',
    async (_name, { by }) => {
      const bench = await createBench();
      await by(bench);
      const now = Math.floor(bench.team.clock.now() / 1000);
      for (const claims of [bench.claims, { ...bench.claims, iat: now, exp: now + 3600 }]) {
        const token = await forge(claims);
        const outcome = await outcomeOf(bench.workspaces.acceptInvitation(xena, { token }));
        expect(outcome).toMatch(/^INVITATION_/);
      }
      expect(
        bench.team.storage
          .dump()
          .members.some(
            ({ userId, workspaceId }) => userId === 'xena' && workspaceId === bench.team.workspaceId,
          ),
      ).toBe(false);
    },
  );
});

describe('the claims against the record', () => {
  test('I-11 a role among the claims is INVITATION_INVALID, the one of the record too', async () => {
    const bench = await createBench();
    for (const role of ['owner', 'manager', 'developer']) {
      expect(await codesOf(bench, await forge({ ...bench.claims, role }))).toEqual(['INVITATION_INVALID']);
    }
  });

  test('I-11 an invitation of one workspace opens no other, though both exist', async () => {
    const bench = await createBench();
    const { workspaces, claims } = bench;
    const other = await workspaces.createWorkspace(olga, { name: 'other' });
    const second = await workspaces.inviteMember(olga, { workspaceId: other.id, role: 'manager' });
    const mixed = [
      { ...claims, wid: other.id },
      { ...claimsOf(second.token), wid: bench.team.workspaceId },
      { ...claims, jti: second.invitation.id },
      { ...claims, wid: other.id, jti: second.invitation.id },
    ];
    for (const one of mixed) expect(await codesOf(bench, await forge(one))).toEqual(['INVITATION_INVALID']);
  });

  test('I-11 not even through a storage that looks for an invitation in every workspace', async () => {
    const bench = await createBench();
    const { team, workspaces, claims, invitationId } = bench;
    const other = await workspaces.createWorkspace(olga, { name: 'other' });
    const storage: StorageAdapter = {
      ...team.storage,
      load: async (slice) => {
        const { invitation } = await team.storage.load({ workspaceId: team.workspaceId, invitationId });
        return { ...(await team.storage.load(slice)), invitation };
      },
    };
    const token = await forge({ ...claims, wid: other.id });
    expect(await codesOf({ workspaces: team.service({ storage }) }, token)).toEqual(['INVITATION_INVALID']);
  });

  test('I-11 the role given is the one of the record', async () => {
    const { workspaces, token, team } = await createBench();
    const { member } = await workspaces.acceptInvitation(xena, { token });
    expect(member.role).toBe('developer');
    expect(team.storage.dump().members).toContainEqual(
      expect.objectContaining({ userId: 'xena', role: 'developer' }),
    );
  });
});

describe('personal workspaces', () => {
  test('A-05 a correctly signed token that names a personal workspace lets nobody in, its owner and operators included', async () => {
    const bench = await createBench();
    const { workspaces, claims, team } = bench;
    const { workspace } = await workspaces.openAccount({ userId: 'olga', username: 'olga' });
    const before = team.storage.dump();
    const tokens = [
      await forge({ ...claims, wid: workspace.id }),
      await forge({ ...claims, wid: workspace.id, jti: 'inv-0000000000009999' }),
      await forge({ ...claims, wid: workspace.id, exp: 1 }),
    ];
    for (const token of tokens) {
      for (const actor of [olga, mark, dana, xena, { userId: 'without-account' }]) {
        const answers = [
          workspaces.acceptInvitation(actor, { token }),
          workspaces.declineInvitation(actor, { token }),
        ];
        for (const { code, details } of await Promise.all(answers.map(refusalOf))) {
          expect(code).toBe('PERSONAL_WORKSPACE');
          expect(details).toEqual({ workspaceId: workspace.id, operation: 'join' });
        }
      }
      expect(await outcomeOf(workspaces.previewInvitation({ token }))).toBe('INVITATION_INVALID');
      const asOperator = callUntyped(workspaces, 'acceptInvitation', [operator, { token }]);
      expect(await outcomeOf(asOperator)).toBe('INVALID_INPUT');
    }
    expect(team.storage.dump()).toEqual(before);
  });

  test('A-05 not even an open invitation that stands in a personal workspace lets anybody in', async () => {
    const bench = await createBench();
    const { workspaces, claims, team } = bench;
    const { workspace } = await workspaces.openAccount({ userId: 'olga', username: 'olga' });
    const invitation = team.storage.dump().invitations.at(-1);
    if (invitation === undefined) throw new Error('there is no invitation');
    const planted = { ...invitation, workspaceId: workspace.id };
    await team.storage.commit({
      expect: [],
      changes: [{ kind: 'invitation.insert', invitation: planted }],
      events: [],
    });
    const token = await forge({ ...claims, wid: workspace.id });
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('PERSONAL_WORKSPACE');
    expect(await outcomeOf(workspaces.declineInvitation(xena, { token }))).toBe('PERSONAL_WORKSPACE');
    expect(
      team.storage
        .dump()
        .members.filter(({ workspaceId }) => workspaceId === workspace.id)
        .map(({ userId }) => userId),
    ).toEqual(['olga']);
  });

  test('A-05 nobody invites into a personal workspace: not its owner, not an operator', async () => {
    const { team, workspaces, calls } = await createBench();
    const { workspace } = await workspaces.openAccount({ userId: 'olga', username: 'olga' });
    const before = team.storage.dump();
    calls.length = 0;
    for (const [actor, code] of [
      [olga, 'PERSONAL_WORKSPACE'],
      [operator, 'PERSONAL_WORKSPACE'],
      [mark, 'WORKSPACE_NOT_FOUND'],
    ] as const) {
      for (const maxUses of [1, 5, 'unlimited'] as const) {
        const invited = workspaces.inviteMember(actor, {
          workspaceId: workspace.id,
          role: 'developer',
          maxUses,
        });
        expect(await outcomeOf(invited)).toBe(code);
      }
      const existing = { workspaceId: workspace.id, invitationId: 'inv-0000000000000001' };
      expect(await outcomeOf(workspaces.reissueInvitation(actor, existing))).toBe(code);
      expect(await outcomeOf(workspaces.revokeInvitation(actor, existing))).toBe(code);
    }
    expect(calls.filter(({ method }) => method === 'commit')).toEqual([]);
    expect(team.storage.dump()).toEqual(before);
  });
});

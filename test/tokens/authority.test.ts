// The stored record decides, not the token: a closed invitation stays closed, and claims must match the record.
import { describe, expect, test } from 'vitest';
import type { StorageAdapter } from '../../src/index.js';
import {
  callUntyped,
  dev,
  mia,
  ada,
  root,
  outcomeOf,
  refusalOf,
  sam,
  eve,
} from '../service/invitation-team.js';
import { codesOf, createFixture, type Fixture } from './fixture.js';
import { claimsOf, forge } from './forge.js';

interface End {
  readonly accept: string;
  readonly preview: string;
  readonly by: (fixture: Fixture) => Promise<unknown>;
}

const named = ({ team, invitationId }: Fixture) => ({ workspaceId: team.workspaceId, invitationId });

const ends: Readonly<Record<string, End>> = {
  revoked: {
    accept: 'INVITATION_REVOKED',
    preview: 'revoked',
    by: (fixture) => fixture.workspaces.revokeInvitation(ada, named(fixture)),
  },
  'used up': {
    accept: 'INVITATION_USED',
    preview: 'used',
    by: ({ workspaces, token }) => workspaces.acceptInvitation(eve, { token }),
  },
  declined: {
    accept: 'INVITATION_DECLINED',
    preview: 'declined',
    by: ({ workspaces, token }) => workspaces.declineInvitation(eve, { token }),
  },
  expired: {
    accept: 'INVITATION_EXPIRED',
    preview: 'expired',
    by: async ({ team, claims }) => team.clock.set(Number(claims['exp']) * 1000),
  },
  reissued: {
    accept: 'INVITATION_INVALID',
    preview: 'INVITATION_INVALID',
    by: (fixture) => fixture.workspaces.reissueInvitation(ada, named(fixture)),
  },
  'in a deleted workspace': {
    accept: 'INVITATION_INVALID',
    preview: 'INVITATION_INVALID',
    by: ({ workspaces, team }) => workspaces.deleteWorkspace(ada, { workspaceId: team.workspaceId }),
  },
};

describe('stored state', () => {
  test.each(Object.entries(ends))(
    'I-11 an invitation that is %s is rejected, although the signature is valid',
    async (_name, end) => {
      const fixture = await createFixture();
      const { workspaces, token, team } = fixture;
      expect((await workspaces.previewInvitation({ token })).status).toBe('open');
      await end.by(fixture);
      const before = team.storage.dump();
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe(end.accept);
      expect(await outcomeOf(workspaces.declineInvitation(sam, { token }))).toBe(
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
    'I-11 an invitation that is %s stays rejected for new claims signed by the right key',
    async (_name, { by }) => {
      const fixture = await createFixture();
      await by(fixture);
      const now = Math.floor(fixture.team.clock.now() / 1000);
      for (const claims of [fixture.claims, { ...fixture.claims, iat: now, exp: now + 3600 }]) {
        const token = await forge(claims);
        const outcome = await outcomeOf(fixture.workspaces.acceptInvitation(sam, { token }));
        expect(outcome).toMatch(/^INVITATION_/);
      }
      expect(
        fixture.team.storage
          .dump()
          .members.some(
            ({ userId, workspaceId }) => userId === 'sam' && workspaceId === fixture.team.workspaceId,
          ),
      ).toBe(false);
    },
  );
});

describe('claims compared with the record', () => {
  test('I-11 a token with a role claim is INVITATION_INVALID, even with the role of the record', async () => {
    const fixture = await createFixture();
    for (const role of ['owner', 'manager', 'developer']) {
      expect(await codesOf(fixture, await forge({ ...fixture.claims, role }))).toEqual([
        'INVITATION_INVALID',
      ]);
    }
  });

  test('I-11 an invitation to one workspace does not open another', async () => {
    const fixture = await createFixture();
    const { workspaces, claims } = fixture;
    const other = await workspaces.createWorkspace(ada, { name: 'other' });
    const second = await workspaces.inviteMember(ada, { workspaceId: other.id, role: 'manager' });
    const mixed = [
      { ...claims, wid: other.id },
      { ...claimsOf(second.token), wid: fixture.team.workspaceId },
      { ...claims, jti: second.invitation.id },
      { ...claims, wid: other.id, jti: second.invitation.id },
    ];
    for (const one of mixed) expect(await codesOf(fixture, await forge(one))).toEqual(['INVITATION_INVALID']);
  });

  test('I-11 nor does it with a storage that finds invitations by id alone, which is an outage', async () => {
    const fixture = await createFixture();
    const { team, workspaces, claims, invitationId } = fixture;
    const other = await workspaces.createWorkspace(ada, { name: 'other' });
    const storage: StorageAdapter = {
      ...team.storage,
      load: async (readSet) => {
        const { invitation } = await team.storage.load({ workspaceId: team.workspaceId, invitationId });
        return { ...(await team.storage.load(readSet)), invitation };
      },
    };
    const token = await forge({ ...claims, wid: other.id });
    expect(await codesOf({ workspaces: team.service({ storage }) }, token)).toEqual(['UNAVAILABLE']);
  });

  test('I-11 acceptance assigns the role of the record', async () => {
    const { workspaces, token, team } = await createFixture();
    const { member } = await workspaces.acceptInvitation(sam, { token });
    expect(member.role).toBe('developer');
    expect(team.storage.dump().members).toContainEqual(
      expect.objectContaining({ userId: 'sam', role: 'developer' }),
    );
  });
});

describe('personal workspaces', () => {
  test('A-05 a correctly signed token for a personal workspace admits no one, not even its owner or an operator', async () => {
    const fixture = await createFixture();
    const { workspaces, claims, team } = fixture;
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    const before = team.storage.dump();
    const tokens = [
      await forge({ ...claims, wid: workspace.id }),
      await forge({ ...claims, wid: workspace.id, jti: 'inv-0000000000009999' }),
      await forge({ ...claims, wid: workspace.id, exp: 1 }),
    ];
    for (const token of tokens) {
      for (const actor of [ada, mia, dev, sam, { userId: 'without-account' }]) {
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
      const asOperator = callUntyped(workspaces, 'acceptInvitation', [root, { token }]);
      expect(await outcomeOf(asOperator)).toBe('INVALID_INPUT');
    }
    expect(team.storage.dump()).toEqual(before);
  });

  test('A-05 an open invitation stored for a personal workspace admits no one', async () => {
    const fixture = await createFixture();
    const { workspaces, claims, team } = fixture;
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    const invitation = team.storage.dump().invitations.at(-1);
    if (invitation === undefined) throw new Error('there is no invitation');
    const planted = { ...invitation, workspaceId: workspace.id };
    await team.storage.commit({
      expect: [],
      changes: [{ kind: 'invitation.insert', invitation: planted }],
      events: [],
    });
    const token = await forge({ ...claims, wid: workspace.id });
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('PERSONAL_WORKSPACE');
    expect(await outcomeOf(workspaces.declineInvitation(sam, { token }))).toBe('PERSONAL_WORKSPACE');
    expect(
      team.storage
        .dump()
        .members.filter(({ workspaceId }) => workspaceId === workspace.id)
        .map(({ userId }) => userId),
    ).toEqual(['ada']);
  });

  test('A-05 neither the owner nor an operator can invite to a personal workspace', async () => {
    const { team, workspaces, calls } = await createFixture();
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    const before = team.storage.dump();
    calls.length = 0;
    for (const [actor, code] of [
      [ada, 'PERSONAL_WORKSPACE'],
      [root, 'PERSONAL_WORKSPACE'],
      [mia, 'WORKSPACE_NOT_FOUND'],
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

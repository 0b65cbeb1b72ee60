// Recipients of invitations, and the proof that they need.
import { expect, test } from 'vitest';
import type { Recipient, UserActor } from '../../src/index.js';
import { callUntyped, createTeam, ada, outcomeOf, refusalOf, sam, eve } from './invitation-team.js';

const address = 'Ada.Lovelace+x@Example.com';
const emails: readonly [string | undefined, boolean][] = [
  [undefined, false],
  [address, true],
  ['ada.lovelace+x@example.com', true],
  ['  ADA.LOVELACE+X@EXAMPLE.COM\t', true],
  ['adalovelace+x@example.com', false],
  ['ada.lovelace@example.com', false],
  ['ada.lovelace+y@example.com', false],
  ['ada.lovelace+x@example.org', false],
  ['ada.lovelace+x@mail.example.com', false],
];
const proofs = [true, false, undefined] as const;
const cases = emails.flatMap(([email, same]) =>
  proofs.map((emailVerified) => ({ email, same, emailVerified })),
);

test.each(cases)(
  'I-18 $email, verified: $emailVerified, for Ada.Lovelace+x@Example.com',
  async ({ email, same, emailVerified }) => {
    const actor: UserActor = { ...sam, email, emailVerified };
    const proved = emailVerified === true && email !== undefined;
    const expected = !proved ? 'RECIPIENT_NOT_VERIFIED' : same ? 'ok' : 'INVITATION_RECIPIENT_MISMATCH';
    for (const written of [address, ` ${address.toUpperCase()} `]) {
      for (const method of ['acceptInvitation', 'declineInvitation'] as const) {
        const { workspaces, workspaceId, storage } = await createTeam();
        const recipient = { email: written };
        const { token } = await workspaces.inviteMember(ada, {
          workspaceId,
          role: 'developer',
          recipient,
        });
        const before = storage.dump();
        expect(await outcomeOf(workspaces[method](actor, { token }))).toBe(expected);
        if (expected !== 'ok') expect(storage.dump()).toEqual(before);
      }
    }
  },
);

test.each(['true', 1, 'yes', {}, [true], null])(
  'I-18 emailVerified: %j does not count as verified',
  async (emailVerified) => {
    const { workspaces, workspaceId, storage } = await createTeam();
    const recipient = { email: address };
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient });
    const before = storage.dump();
    const actor = { ...sam, email: address, emailVerified };
    const refusal = await refusalOf(callUntyped(workspaces, 'acceptInvitation', [actor, { token }]));
    expect(['RECIPIENT_NOT_VERIFIED', 'INVALID_INPUT']).toContain(refusal.code);
    expect(storage.dump()).toEqual(before);
  },
);

test.each<[UserActor, string]>([
  [sam, 'ok'],
  [{ ...sam, email: address, emailVerified: false }, 'ok'],
  [eve, 'INVITATION_RECIPIENT_MISMATCH'],
  [{ ...eve, email: address, emailVerified: true }, 'INVITATION_RECIPIENT_MISMATCH'],
  [{ userId: 'SAM' }, 'INVITATION_RECIPIENT_MISMATCH'],
  [{ userId: 'sam ' }, 'INVITATION_RECIPIENT_MISMATCH'],
])('I-18 %j for a user id: %s', async (actor, expected) => {
  for (const method of ['acceptInvitation', 'declineInvitation'] as const) {
    const { workspaces, workspaceId, storage } = await createTeam();
    await workspaces.openAccount({ userId: 'SAM', username: 'another' });
    await workspaces.openAccount({ userId: 'sam ', username: 'one more' });
    const recipient = { userId: 'sam' };
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient });
    const before = storage.dump();
    expect(await outcomeOf(workspaces[method](actor, { token }))).toBe(expected);
    if (expected !== 'ok') expect(storage.dump()).toEqual(before);
  }
});

test('I-18 an invitation without a recipient needs no proof', async () => {
  const { workspaces, workspaceId } = await createTeam();
  const actors = [sam, { ...eve, email: address, emailVerified: false }];
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses: 2 });
  for (const actor of actors)
    expect(await outcomeOf(workspaces.acceptInvitation(actor, { token }))).toBe('ok');
});

test.each<[Recipient, number | 'unlimited']>([
  [{ email: address }, 2],
  [{ email: address }, 'unlimited'],
  [{ userId: 'sam' }, 2],
])('I-18 an invitation for %j is for one user: %s uses are refused', async (recipient, maxUses) => {
  const { workspaces, workspaceId } = await createTeam();
  const invited = workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient, maxUses });
  expect(await outcomeOf(invited)).toBe('INVALID_INPUT');
});

// Whom an invitation is for, and what they have to prove.
import { expect, test } from 'vitest';
import type { Recipient, UserActor } from '../../src/index.js';
import { callUntyped, createTeam, olga, outcomeOf, refusalOf, xena, yuri } from './invitation-team.js';

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
    const actor: UserActor = { ...xena, email, emailVerified };
    const proved = emailVerified === true && email !== undefined;
    const expected = !proved ? 'RECIPIENT_NOT_VERIFIED' : same ? 'ok' : 'INVITATION_RECIPIENT_MISMATCH';
    for (const written of [address, ` ${address.toUpperCase()} `]) {
      for (const method of ['acceptInvitation', 'declineInvitation'] as const) {
        const { workspaces, workspaceId, storage } = await createTeam();
        const recipient = { email: written };
        const { token } = await workspaces.inviteMember(olga, {
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
  'I-18 emailVerified %j is not true',
  async (emailVerified) => {
    const { workspaces, workspaceId, storage } = await createTeam();
    const recipient = { email: address };
    const { token } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer', recipient });
    const before = storage.dump();
    const actor = { ...xena, email: address, emailVerified };
    const refusal = await refusalOf(callUntyped(workspaces, 'acceptInvitation', [actor, { token }]));
    expect(['RECIPIENT_NOT_VERIFIED', 'INVALID_INPUT']).toContain(refusal.code);
    expect(storage.dump()).toEqual(before);
  },
);

test.each<[UserActor, string]>([
  [xena, 'ok'],
  [{ ...xena, email: address, emailVerified: false }, 'ok'],
  [yuri, 'INVITATION_RECIPIENT_MISMATCH'],
  [{ ...yuri, email: address, emailVerified: true }, 'INVITATION_RECIPIENT_MISMATCH'],
  [{ userId: 'XENA' }, 'INVITATION_RECIPIENT_MISMATCH'],
  [{ userId: 'xena ' }, 'INVITATION_RECIPIENT_MISMATCH'],
])('I-18 %j for the user xena: %s', async (actor, expected) => {
  for (const method of ['acceptInvitation', 'declineInvitation'] as const) {
    const { workspaces, workspaceId, storage } = await createTeam();
    await workspaces.openAccount({ userId: 'XENA', username: 'another' });
    await workspaces.openAccount({ userId: 'xena ', username: 'one more' });
    const recipient = { userId: 'xena' };
    const { token } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer', recipient });
    const before = storage.dump();
    expect(await outcomeOf(workspaces[method](actor, { token }))).toBe(expected);
    if (expected !== 'ok') expect(storage.dump()).toEqual(before);
  }
});

test('I-18 one bound to nobody asks for no proof', async () => {
  const { workspaces, workspaceId } = await createTeam();
  const actors = [xena, { ...yuri, email: address, emailVerified: false }];
  const { token } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses: 2 });
  for (const actor of actors)
    expect(await outcomeOf(workspaces.acceptInvitation(actor, { token }))).toBe('ok');
});

test.each<[Recipient, number | 'unlimited']>([
  [{ email: address }, 2],
  [{ email: address }, 'unlimited'],
  [{ userId: 'xena' }, 2],
])('I-18 an invitation for %j is for one person: %s uses are refused', async (recipient, maxUses) => {
  const { workspaces, workspaceId } = await createTeam();
  const invited = workspaces.inviteMember(olga, { workspaceId, role: 'developer', recipient, maxUses });
  expect(await outcomeOf(invited)).toBe('INVALID_INPUT');
});

// Members that a directory manages, and the seats where people are invited.
import { describe, expect, test } from 'vitest';
import { fieldOn, openDesk } from './desk.js';

/** Ada's team, in which a directory manages Max, a manager, and Ben, a developer. */
async function managed() {
  const desk = await openDesk();
  const [ada, ben, max] = [
    await desk.signedIn('Ada'),
    await desk.signedIn('Ben'),
    await desk.signedIn('Max'),
  ];
  const at = await ada.create('hello');
  const members = [
    { userId: ben.id(), role: 'developer' },
    { userId: max.id(), role: 'manager' },
  ] as const;
  const input = { workspaceId: at.slice(3), managedBy: 'okta', members };
  await desk.workspaces.reconcileMembers({ operator: 'sync' }, input);
  return { desk, ada, ben, max, at };
}

describe('M-14 a member that a directory manages', () => {
  test('is shown as such, without controls for the role and the removal', async () => {
    const { ada, at, ben } = await managed();
    const { text, body } = await ada.get(`${at}/members`);
    expect(text).toContain('Ben Managed by okta Developer');
    expect(text).toContain('Max Managed by okta Manager');
    expect(body).not.toContain(`${at}/members/role`);
    expect(body).not.toContain(`${at}/members/remove`);
    // the directory does not decide who the owner is
    expect(body).toContain(`id="transfer-${ben.id()}"`);
  });

  test('the other members keep their controls', async () => {
    const { desk, ada, at } = await managed();
    const cid = await desk.signedIn('Cid');
    await cid.accept(await ada.invite(at));
    const { body } = await ada.get(`${at}/members`);
    expect(body.match(/members\/remove"/g)).toHaveLength(1);
    expect(body).toContain(`id="remove-${cid.id()}"`);
  });

  test('cannot leave, and forged forms are rejected with the name of the directory', async () => {
    const { desk, ada, ben, at } = await managed();
    const { text, body } = await ben.get(`${at}/members`);
    expect(text).toContain('You cannot leave: the directory “okta” manages your membership.');
    expect(body).not.toContain(`${at}/members/leave`);
    const before = await desk.dump();
    const userId = ben.id();
    for (const answer of [
      await ben.post(`${at}/members/leave`),
      await ada.post(`${at}/members/remove`, { userId }),
      await ada.post(`${at}/members/role`, { userId, role: 'manager' }),
    ]) {
      expect([answer.status, answer.alert]).toEqual([409, 'The directory “okta” manages this member.']);
    }
    expect(await desk.dump()).toBe(before);
  });
});

describe('seats', () => {
  const full = 'The workspace is full. Remove a member or revoke an invitation first.';

  test('the form says when none is free, also when open invitations reserve the last', async () => {
    const desk = await openDesk({ seats: 5 });
    const ada = await desk.signedIn('Ada');
    const at = await ada.create('hello');
    for (const name of ['Ben', 'Cid']) await (await desk.signedIn(name)).accept(await ada.invite(at));
    await ada.invite(at);
    const free = await ada.get(`${at}/invite`);
    expect(free.text).toContain('3 of 5 seats, 1 reserved.');
    expect(free.text).not.toContain(full);

    await ada.invite(at);
    const taken = await ada.get(`${at}/invite`);
    expect(taken.text).toContain('3 of 5 seats, 2 reserved.');
    expect(taken.text).toContain(full);
    expect((await ada.post(`${at}/invite`, { role: 'developer' })).alert).toContain('The workspace is full');
    // as the form says, a link without a limit is possible
    await ada.invite(at, { role: 'developer', uses: 'unlimited' });

    const invitationId = fieldOn(await ada.get(`${at}/members`), 'invitationId');
    await ada.post(`${at}/invitations/revoke`, { invitationId });
    expect((await ada.get(`${at}/invite`)).text).not.toContain(full);
  });

  test('are not shown to members who cannot invite', async () => {
    const { ada, ben, at } = await managed();
    expect((await ada.get(`${at}/members`)).text).toContain('3 of 20 seats, 0 reserved.');
    expect((await ben.get(`${at}/members`)).text).not.toContain('seats');
  });
});

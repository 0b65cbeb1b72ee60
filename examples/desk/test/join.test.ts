// Joining by a link: what an invitee sees, each reason for a rejection, and that the token does not leak.
import { describe, expect, test } from 'vitest';
import { fieldOn, openDesk, tokenOn } from './desk.js';

async function invited(fields: Readonly<Record<string, string>> = { role: 'developer' }) {
  const desk = await openDesk();
  const ada = await desk.signedIn('Ada');
  const at = await ada.create('hello');
  return { desk, ada, at, token: await ada.invite(at, fields) };
}

describe('an invitation', () => {
  test('shows the inviter, the workspace, the role, its permissions and the expiry', async () => {
    const { desk, token } = await invited();
    const ben = await desk.signedIn('Ben');
    const { text } = await ben.post('/join', { token });
    expect(text).toContain('Join hello Ada invites you to hello as developer.');
    expect(text).toContain('A developer can view members and resources.');
    expect(text).toContain('The invitation expires at 2026-11-30 12:00 UTC');
    expect(text).toContain('You are signed in as Ben. Accept Decline');
  });

  test('is shown for a pasted link', async () => {
    const { desk, token } = await invited();
    const { text } = await desk.stranger().post('/join', { link: ` https://desk.test/join#${token} ` });
    expect(text).toContain('Join hello');
  });

  test('is kept while signing in, and leads to the workspace', async () => {
    const { desk, token, at } = await invited();
    const ben = desk.stranger();
    const before = await ben.post('/join', { token });
    expect(before.text).toContain('Sign in to accept or decline');
    expect(before.text).not.toContain('Accept');

    const refused = await ben.post('/join/sign-in', { token: fieldOn(before, 'token'), name: '' });
    expect(refused.status).toBe(400);
    const after = await ben.post('/join/sign-in', { token: fieldOn(refused, 'token'), name: 'Ben' });
    expect(after.text).toContain('You are signed in as Ben.');
    const accepted = await ben.post('/join/accept', { token: fieldOn(after, 'token') });
    expect([accepted.status, accepted.location]).toEqual([303, at]);
    expect((await ben.get('/')).location).toBe(at);
    expect((await ben.get(at)).text).toContain('Your role: developer.');
  });

  test('is shown again when the session has ended', async () => {
    const { desk, token } = await invited();
    const { status, text } = await desk.stranger().post('/join/accept', { token });
    expect(status).toBe(200);
    expect(text).toContain('Sign in to accept or decline');
  });

  test('is declined', async () => {
    const { desk, ada, at, token } = await invited();
    const ben = await desk.signedIn('Ben');
    const { location } = await ben.post('/join/decline', { token });
    expect(location).toBe('/?notice=declined');
    expect((await ben.get(at)).status).toBe(404);
    expect((await ada.get(`${at}/activity`)).text).toContain('Ben declined an invitation.');
  });

  test('accepted twice by the same person leads to the same workspace', async () => {
    const { desk, token, at } = await invited();
    const ben = await desk.signedIn('Ben');
    expect((await ben.accept(token)).location).toBe(at);
    expect((await ben.accept(token)).location).toBe(at);
  });

  test('a GET never accepts, whatever its query', async () => {
    const { desk, token, at } = await invited();
    const ben = await desk.signedIn('Ben');
    for (const path of ['/join', '/join/accept', '/join/decline']) await ben.get(`${path}?token=${token}`);
    expect((await ben.get(at)).status).toBe(404);
    expect((await ben.accept(token)).location).toBe(at);
  });
});

describe('invitations for the reader', () => {
  test('are on the desktop and among the workspaces, and are accepted and declined without a link', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const [first, second] = [await ada.create('hello'), await ada.create('other')];
    for (const at of [first, second]) await ada.invite(at, { role: 'developer', email: 'ben@example.com' });
    const ben = await desk.signedIn('Ben', 'ben@example.com');
    const home = (await ben.get('/')).location;
    const page = await ben.get(home);
    expect(page.text).toContain('Invitations for you');
    expect((await ben.get('/workspaces')).text).toContain('hello Developer Ada');
    const forms =
      /name="workspaceId" value="([^"]+)"[^<]*<input type="hidden" name="invitationId" value="([^"]+)"/g;
    const named = [...page.body.matchAll(forms)].map(([, workspaceId = '', invitationId = '']) => ({
      workspaceId,
      invitationId,
    }));
    // Two forms for each invitation.
    const [accept, , decline] = named;
    if (accept === undefined || decline === undefined) throw new Error('there are not two invitations');
    expect((await ben.post('/join/accept', accept)).location).toBe(`/w/${accept.workspaceId}`);
    expect((await ben.post('/join/decline', decline)).location).toBe('/?notice=declined');
    expect((await ben.get(home)).text).not.toContain('Invitations for you');
    expect((await ben.get(`/w/${decline.workspaceId}`)).status).toBe(404);
    const eve = await desk.signedIn('Eve');
    expect((await eve.post('/join/accept', accept)).text).toContain('This invitation link does not work');
  });
});

describe('every error is one sentence with the next step', () => {
  const ask = 'Ask the person who invited you for a new link.';

  test('expired', async () => {
    const { desk, token } = await invited({ role: 'developer', expires: '3600' });
    const ben = await desk.signedIn('Ben');
    desk.clock.advance(3600_000);
    for (const answer of [await ben.post('/join', { token }), await ben.accept(token)]) {
      expect(answer.status).toBe(410);
      expect(answer.alert).toBe('This invitation has expired.');
      expect(answer.text).toContain(ask);
    }
  });

  test('revoked', async () => {
    const { desk, ada, at, token } = await invited();
    const ben = await desk.signedIn('Ben');
    const invitationId = fieldOn(await ada.get(`${at}/members`), 'invitationId');
    await ada.post(`${at}/invitations/revoke`, { invitationId });
    for (const answer of [await ben.post('/join', { token }), await ben.accept(token)]) {
      expect([answer.status, answer.alert]).toEqual([410, 'This invitation was revoked.']);
      expect(answer.text).toContain(ask);
    }
  });

  test('used by another person', async () => {
    const { desk, token } = await invited();
    await (await desk.signedIn('Ben')).accept(token);
    const eve = await desk.signedIn('Eve');
    for (const answer of [await eve.post('/join', { token }), await eve.accept(token)]) {
      expect(answer.status).toBe(410);
      expect(answer.alert).toBe('This invitation has already been used.');
      expect(answer.text).toContain('If you used it, the workspace is among yours.');
    }
  });

  test('declined', async () => {
    const { desk, token } = await invited();
    const ben = await desk.signedIn('Ben');
    await ben.post('/join/decline', { token });
    for (const answer of [await ben.post('/join', { token }), await ben.accept(token)]) {
      expect([answer.status, answer.alert]).toEqual([410, 'This invitation was declined.']);
    }
  });

  test('for another person', async () => {
    const { desk, token } = await invited({ role: 'developer', email: 'ben@example.com' });
    const eve = await desk.signedIn('Eve', 'eve@example.com');
    const answer = await eve.accept(token);
    expect([answer.status, answer.alert]).toEqual([403, 'This invitation is for another person.']);
    expect(answer.text).toContain('Sign in as the person it was sent to.');
    expect(answer.body).not.toContain('ben@example.com');
    expect((await (await desk.signedIn('Ben', 'BEN@example.com')).accept(token)).status).toBe(303);
  });

  test('for an address, opened by a person without one', async () => {
    const { desk, token } = await invited({ role: 'developer', email: 'ben@example.com' });
    const answer = await (await desk.signedIn('Ben')).accept(token);
    expect(answer.status).toBe(403);
    expect(answer.alert).toBe('This invitation is for an e-mail address, and you signed in without one.');
  });

  test('already a member', async () => {
    const { ada, at, token } = await invited();
    const answer = await ada.accept(token);
    expect([answer.status, answer.alert]).toEqual([409, 'You are already a member of this workspace.']);
    expect(answer.body).toContain(`href="${at}">Open the workspace`);
  });

  test('no seat left', async () => {
    const desk = await openDesk({ seats: 2 });
    const ada = await desk.signedIn('Ada');
    const token = await ada.invite(await ada.create('hello'), { role: 'developer', uses: 'unlimited' });
    await (await desk.signedIn('Ben')).accept(token);
    const answer = await (await desk.signedIn('Eve')).accept(token);
    expect(answer.status).toBe(409);
    expect(answer.alert).toContain(
      'The workspace is full: members and open invitations use 2 of its 2 seats.',
    );
  });

  test.each([
    ['nothing', () => ''],
    ['a word', () => 'hello'],
    ['a cut one', (token: string) => token.slice(0, -1)],
    ['a changed one', (token: string) => token.replace(/.{20}$/, 'A'.repeat(20))],
    ['one of a deleted workspace', (token: string) => token],
  ])('not an invitation: %s', async (which, change) => {
    const { desk, ada, at, token } = await invited();
    if (which.startsWith('one of')) await ada.post(`${at}/delete`, { confirmName: 'hello' });
    const ben = await desk.signedIn('Ben');
    for (const path of ['/join', '/join/accept', '/join/decline']) {
      const answer = await ben.post(path, { token: change(token) });
      expect(answer.status).toBe(400);
      expect(answer.alert).toMatch(/^This invitation link does not work/);
    }
  });
});

test('a token appears in no address, redirect or log line, and only on the page that it was sent to', async () => {
  const { desk, ada, at, token } = await invited({ role: 'developer', uses: 'several', count: '3' });
  const invitationId = fieldOn(await ada.get(`${at}/members`), 'invitationId');
  const reissued = tokenOn(await ada.post(`${at}/invitations/reissue`, { invitationId }));
  const ben = desk.stranger();
  const shown = [
    await ben.post('/join', { token: reissued }),
    await ben.post('/join/sign-in', { token: reissued, name: 'Ben' }),
  ];
  const silent = [
    await ben.accept(reissued),
    await ben.accept(token),
    await ben.post('/join', { token }),
    ...(await Promise.all(
      ['', '/members', '/resources'].flatMap((page) => [ada.get(at + page), ben.get(at + page)]),
    )),
    await ada.get(`${at}/activity`),
    await ada.get('/workspaces'),
    await ben.post('/join/decline', { token: reissued }),
  ];
  await desk.close();
  silent.push(await ben.accept(reissued));

  for (const { body } of shown) expect(body).toContain(reissued);
  for (const secret of [token, reissued, token.split('.')[2] ?? '', reissued.split('.')[2] ?? '']) {
    expect(secret).not.toBe('');
    for (const { body, headers } of silent) {
      expect(body).not.toContain(secret);
      expect(JSON.stringify([...headers])).not.toContain(secret);
    }
    for (const { headers } of shown) expect(JSON.stringify([...headers])).not.toContain(secret);
    expect(desk.lines.join('\n')).not.toContain(secret);
  }
  expect(desk.lines).toHaveLength(1);
  expect(ben.cookie()).not.toContain(reissued);
});

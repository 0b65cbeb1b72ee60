// The pages of the desk: every form, from the first sign-in to the deletion of a workspace.
import { describe, expect, test } from 'vitest';
import { keysOf } from '../src/secret.js';
import { ORIGIN, fieldOn, openDesk, tokenOn } from './desk.js';

/** Ada owns a team in which Ben has the role. */
async function team(
  role: 'manager' | 'developer' = 'developer',
  options: Parameters<typeof openDesk>[0] = {},
) {
  const desk = await openDesk(options);
  const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben')];
  const at = await ada.create('hello');
  await ben.accept(await ada.invite(at, { role }));
  return { desk, ada, ben, at };
}

describe('signing in', () => {
  test('a name alone leads to the desktop of the personal workspace', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');

    const home = await ada.get('/');
    expect(home.status).toBe(303);
    const desktop = await ada.get(home.location);
    expect(desktop.text).toContain('Your personal workspace. Only you can use it.');
    expect(desktop.body).not.toContain('/invite"');
  });

  test.each([
    ['Ada  Lovelace', 'ADA lovelace'],
    ['Straße', 'STRASSE'],
    ['Ὀδυσσεύς', 'ὈΔΥΣΣΕΎΣ'],
  ])('%j and %j are two spellings of one person', async (one, other) => {
    const desk = await openDesk();
    const [first, second] = [await desk.signedIn(one), await desk.signedIn(other)];
    expect(second.id()).toBe(first.id());
  });

  test('concurrent sign-ins under a new name are one person', async () => {
    const desk = await openDesk();
    const all = await Promise.all(['Ada', 'ada', 'ADA', 'Ada'].map((name) => desk.signedIn(name)));
    expect(new Set(all.map((each) => each.id())).size).toBe(1);
  });

  test.each([
    [{ name: '' }, 'A name must have 1 to 100 visible characters.'],
    [{ name: 'a'.repeat(101) }, 'A name must have 1 to 100 visible characters.'],
    [{ name: 'Ada\u202e' }, 'A name must have 1 to 100 visible characters.'],
    [{ name: 'Ada', email: 'nowhere' }, 'This is not an e-mail address.'],
  ])('%j is rejected, and the input is kept', async (fields, sentence) => {
    const desk = await openDesk();
    const answer = await desk.stranger().post('/sign-in', fields);
    expect(answer.status).toBe(400);
    expect(answer.alert).toBe(sentence);
    expect(answer.body).toContain(`name="name" value="${fields.name}"`);
  });

  test.each(['/sign-in', '/join/sign-in'])('a name of almost 64 KiB is rejected by %s', async (path) => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const token = await ada.invite(await ada.create('hello'));
    const before = await desk.dump();
    const answer = await desk.stranger().post(path, { token, name: `a${'\u0301\u0316'.repeat(5_000)}` });
    expect([answer.status, answer.alert]).toEqual([400, 'A name must have 1 to 100 visible characters.']);
    expect(await desk.dump()).toBe(before);
    expect(desk.lines).toEqual([]);
  });

  test('a session ends by signing out, or after twelve hours', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    desk.clock.advance(12 * 3600_000 - 1000);
    expect((await ada.get('/')).location).toMatch(/^\/w\//);
    desk.clock.advance(1000);
    expect((await ada.get('/')).location).toBe('/sign-in');

    const again = await desk.signedIn('Ada');
    const { headers } = await again.post('/sign-out');
    expect(headers.get('set-cookie')).toMatch(/^__Host-desk=; Max-Age=0/);
  });

  test('signing out ends the session on the server: a copy of its cookie is not accepted', async () => {
    const desk = await openDesk();
    const [ada, other] = [await desk.signedIn('Ada'), await desk.signedIn('Ada')];
    const [copy, copyOfOther] = [ada.cookie(), other.cookie()];
    const locationWith = async (cookie: string) =>
      (await desk.app.request(`${ORIGIN}/`, { headers: { cookie } })).headers.get('location');
    expect(await locationWith(copy)).toMatch(/^\/w\//);
    await ada.post('/sign-out');
    expect(await locationWith(copy)).toBe('/sign-in');
    expect((await desk.app.request(`${ORIGIN}/live`, { headers: { cookie: copy } })).status).toBe(401);
    // the session of another browser of the same person goes on
    expect(await locationWith(copyOfOther)).toMatch(/^\/w\//);
    expect(await desk.count('desk_session')).toBe(1);
  });

  test('signing in again ends the session that the browser had, and removes those that have expired', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const copy = ada.cookie();
    await ada.post('/sign-in', { name: 'Ben' });
    expect(await desk.count('desk_session')).toBe(1);
    const { headers } = await desk.app.request(`${ORIGIN}/`, { headers: { cookie: copy } });
    expect(headers.get('location')).toBe('/sign-in');
    desk.clock.advance(12 * 3600_000);
    await desk.signedIn('Ben');
    expect(await desk.count('desk_session')).toBe(1);
  });

  test('the database has no session that could be used as a cookie', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const [, secret = ''] = /\.([a-f0-9]{32})\./.exec(ada.cookie()) ?? [];
    expect(secret).toHaveLength(32);
    expect(await desk.dump()).not.toContain(secret);
  });

  test('a changed cookie, or one signed by another key, is not accepted', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const request = (cookie: string) => desk.app.request(`${ORIGIN}/`, { headers: { cookie } });
    const forged = ada.cookie().replace(/u-./, (id) => (id === 'u-a' ? 'u-b' : 'u-a'));
    expect((await request(forged)).headers.get('location')).toBe('/sign-in');
    const other = ada.cookie().replace(/\.([a-f0-9])/, (_, first) => (first === 'a' ? '.b' : '.a'));
    expect(other).not.toBe(ada.cookie());
    expect((await request(other)).headers.get('location')).toBe('/sign-in');
    const elsewhere = await openDesk({ keys: keysOf('another secret of at least 32 characters') });
    const { headers } = await elsewhere.app.request(`${ORIGIN}/`, { headers: { cookie: ada.cookie() } });
    expect(headers.get('location')).toBe('/sign-in');
    expect((await request(ada.cookie())).headers.get('location')).toMatch(/^\/w\//);
  });

  test('the cookie is hidden from scripts and other sites, and on https bound to the host', async () => {
    const local = await openDesk({ origin: 'http://localhost:3000', address: ORIGIN });
    const { headers } = await local.stranger().post('/sign-in', { name: 'Ada' });
    expect(headers.get('set-cookie')).toMatch(/^desk=.+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);

    const secure = await openDesk();
    const answer = await secure.stranger().post('/sign-in', { name: 'Ada' });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^__Host-desk=/);
    expect(cookie).toContain('; Secure');
  });

  test('signing in returns to the requested page, and never to another site', async () => {
    const desk = await openDesk();
    const wanted = await desk.stranger().get('/w/ws-1/members');
    expect(wanted.location).toBe('/sign-in?next=%2Fw%2Fws-1%2Fmembers');
    expect((await desk.stranger().get(wanted.location)).body).toContain(
      'name="next" value="/w/ws-1/members"',
    );
    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', '/w/../sign-out']) {
      expect((await desk.stranger().post('/sign-in', { name: 'Ada', next })).location).toBe('/');
    }
  });
});

describe('workspaces', () => {
  test('create, switch, rename, and delete with the name as confirmation', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const at = await ada.create('hello');
    expect((await ada.get('/')).location).toBe(at);
    expect((await ada.get(at)).text).toContain('Your role: owner. You are the only member.');

    expect((await ada.post(`${at}/rename`, { name: 'world' })).location).toBe('/workspaces');
    expect((await ada.get('/workspaces')).text).toContain('world Owner 1');

    const wrong = await ada.post(`${at}/delete`, { confirmName: 'hello' });
    expect(wrong.status).toBe(409);
    expect(wrong.alert).toBe(
      'The name that you typed is not the name of the workspace. Nothing was deleted.',
    );
    expect((await ada.post(`${at}/delete`, {})).status).toBe(409);

    const right = await ada.post(`${at}/delete`, { confirmName: 'world' });
    expect(right.location).toBe('/workspaces?notice=deleted');
    expect((await ada.get(right.location)).text).toContain(
      'The workspace was deleted. You can restore it below',
    );
    expect((await ada.get(at)).status).toBe(404);
    expect((await ada.get('/')).location).not.toBe(at);
  });

  test('an invalid or taken name is rejected, and the input is kept', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    await ada.create('hello');

    const taken = await ada.post('/workspaces', { name: 'HELLO' });
    expect(taken.status).toBe(409);
    expect(taken.alert).toBe('You already have a workspace named “HELLO”.');
    expect(taken.body).toContain('name="name" value="HELLO"');
    const none = await ada.post('/workspaces', { name: ' ' });
    expect([none.status, none.alert]).toEqual([400, 'A name must have 1 to 100 visible characters.']);
  });

  test('viewing a workspace does not switch to it, and a switch is remembered', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const personal = (await ada.get('/')).location;
    const at = await ada.create('hello');
    const workspaceId = personal.slice(3);

    await ada.get(personal);
    expect((await ada.get('/')).location).toBe(at);
    expect((await ada.post('/switch', { workspaceId })).location).toBe(personal);
    expect((await ada.get('/')).location).toBe(personal);
  });

  test('the switcher marks the current workspace and shows each role', async () => {
    const { ben, at } = await team();
    const { body } = await ben.get(at);
    expect(body).toContain('aria-label="Workspace: hello, Developer. Switch workspace"');
    expect(body.match(/aria-current="true"/g)).toHaveLength(1);
    expect(body).toMatch(/aria-current="true">.*?hello<\/span> <small>Developer</s);
    expect(body).toMatch(/Ben<\/span> <small>Personal</);
  });

  test('a personal workspace does not offer to invite, rename or delete, and rejects these forms', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const personal = (await ada.get('/')).location;

    const list = await ada.get('/workspaces');
    expect(list.body).not.toContain('/rename"');
    expect(list.body).not.toContain('/delete"');
    const members = await ada.get(`${personal}/members`);
    expect(members.text).toContain('No one else can join it');
    expect(members.body).not.toMatch(/\/(invite|leave)"/);
    const why = await ada.get(`${personal}/invite`);
    expect(why.text).toContain('You cannot invite people to a personal workspace.');

    const sentence = 'A personal workspace cannot be renamed, shared or deleted.';
    const deleted = await ada.post(`${personal}/delete`, { confirmName: 'Ada' });
    expect([deleted.status, deleted.alert]).toEqual([409, sentence]);
    const renamed = await ada.post(`${personal}/rename`, { name: 'x' });
    expect([renamed.status, renamed.alert]).toEqual([409, sentence]);
    expect((await ada.post(`${personal}/invite`, { role: 'developer' })).status).toBe(409);
    expect((await ada.post(`${personal}/members/leave`)).alert).toBe(sentence);
  });
});

describe('members', () => {
  test('the owner changes a role', async () => {
    const { ada, ben, at } = await team();
    expect((await ada.post(`${at}/members/role`, { userId: ben.id(), role: 'manager' })).status).toBe(303);
    expect((await ben.get(at)).text).toContain('Your role: manager. 2 members.');
  });

  test.each(['owner', 'king', '', 'constructor'])('changing a role to %j is rejected', async (role) => {
    const { ada, ben, at } = await team();
    expect((await ada.post(`${at}/members/role`, { userId: ben.id(), role })).status).toBe(400);
    expect((await ben.get(at)).text).toContain('Your role: developer.');
  });

  test('a manager has controls for developers only, and removes one', async () => {
    const { desk, ada, ben, at } = await team('manager');
    const eve = await desk.signedIn('Eve');
    await eve.accept(await ben.invite(at));

    const list = await ben.get(`${at}/members`);
    expect(list.text).toContain('Remove Eve');
    expect(list.text).not.toContain('Remove Ada');
    expect(list.body).not.toContain('/members/role"');
    expect(list.body).not.toContain('/members/transfer"');

    expect((await ben.post(`${at}/members/remove`, { userId: eve.id() })).location).toBe(`${at}/members`);
    expect((await eve.get(at)).status).toBe(404);
    const owner = await ben.post(`${at}/members/remove`, { userId: ada.id() });
    expect([owner.status, owner.alert]).toEqual([
      409,
      expect.stringContaining('A workspace always has an owner'),
    ]);
  });

  test('a member leaves, and the owner cannot', async () => {
    const { ada, ben, at } = await team();
    const left = await ben.post(`${at}/members/leave`);
    expect(left.location).toBe('/?notice=left');
    const home = await ben.get(left.location);
    expect((await ben.get(home.location)).text).toContain('You left the workspace.');

    const stays = await ada.post(`${at}/members/leave`);
    expect(stays.status).toBe(409);
    expect(stays.text).toContain('Transfer the ownership to another member first.');
  });

  test('transferring the ownership needs a confirmation', async () => {
    const { ada, ben, at } = await team();
    const userId = ben.id();
    expect((await ada.post(`${at}/members/transfer`, { userId })).status).toBe(400);
    expect((await ada.get(at)).text).toContain('Your role: owner.');

    expect((await ada.post(`${at}/members/transfer`, { userId, confirm: 'yes' })).status).toBe(303);
    expect((await ada.get(at)).text).toContain('Your role: manager.');
    expect((await ben.get(at)).text).toContain('Your role: owner.');
  });

  test('removing a member twice says that the person is no longer a member', async () => {
    const { ada, ben, at } = await team();
    const userId = ben.id();
    await ada.post(`${at}/members/remove`, { userId });
    const again = await ada.post(`${at}/members/remove`, { userId });
    expect([again.status, again.alert]).toEqual([404, 'This person is no longer a member.']);
  });

  test('the pages of a long list are complete', async () => {
    const { desk, ada, at } = await team('developer', { pageSize: 2 });
    const token = await ada.invite(at, { role: 'developer', uses: 'unlimited' });
    for (const name of ['Cid', 'Dot', 'Eve']) await (await desk.signedIn(name)).accept(token);
    await ada.invite(at);
    await ada.invite(at, { role: 'manager' });

    const seen: string[] = [];
    let path = `${at}/members`;
    for (let page = 0; path !== '' && page < 9; page++) {
      const { body } = await ada.get(path);
      seen.push(
        ...[...body.matchAll(/<tr data-key="u-[^>]*><th scope="row">(\w+)/g)].map(([, name = '']) => name),
      );
      path = (/href="([^"]+)">More members/.exec(body)?.[1] ?? '').replaceAll('&amp;', '&');
    }
    expect(seen).toEqual(['Ada', 'Ben', 'Cid', 'Dot', 'Eve']);

    const first = await ada.get(`${at}/members`);
    expect(first.text).toContain('More invitations');
    const next = (/href="([^"]+)">More invitations/.exec(first.body)?.[1] ?? '').replaceAll('&amp;', '&');
    expect((await ada.get(next)).text).toContain('one person with the link Manager 0 of 1');
    expect((await ada.get(`${at}/members?after=nonsense`)).status).toBe(400);
  });
});

describe('invitations', () => {
  test('the list shows recipient, role, uses and inviter, and a revoked invitation is removed from it', async () => {
    const { ada, at } = await team();
    await ada.invite(at, { role: 'developer', uses: 'several', count: '3', expires: '3600' });
    await ada.invite(at, { role: 'manager', email: 'eve@example.com' });

    const list = await ada.get(`${at}/members`);
    expect(list.text).toContain('anyone with the link Developer 0 of 3 Ada 2026-11-23 13:00 UTC');
    expect(list.text).toContain('eve@example.com Manager 0 of 1 Ada 2026-11-30 12:00 UTC');

    const invitationId = fieldOn(list, 'invitationId');
    expect((await ada.post(`${at}/invitations/revoke`, { invitationId })).location).toBe(`${at}/members`);
    expect((await ada.get(`${at}/members`)).text).not.toContain('anyone with the link');
  });

  test('a new link invalidates the old one', async () => {
    const { desk, ada, at } = await team();
    const token = await ada.invite(at);
    const invitationId = fieldOn(await ada.get(`${at}/members`), 'invitationId');
    const reissued = tokenOn(await ada.post(`${at}/invitations/reissue`, { invitationId }));

    const eve = await desk.signedIn('Eve');
    expect((await eve.accept(token)).status).toBe(400);
    expect((await eve.accept(reissued)).location).toBe(at);
  });

  test.each([
    [{ role: '' }, 400, 'Choose a role.'],
    [{ role: 'owner' }, 400, 'Choose a role.'],
    [
      { role: 'developer', uses: 'several', count: '1' },
      400,
      'Enter how many people can use the link, from 2 to 1000.',
    ],
    [
      { role: 'developer', uses: 'several', count: 'x' },
      400,
      'Enter how many people can use the link, from 2 to 1000.',
    ],
    [{ role: 'developer', uses: 'x' }, 400, 'Choose how many people can use the link.'],
    [{ role: 'developer', uses: '2' }, 400, 'Choose how many people can use the link.'],
    [{ role: 'developer', expires: '1' }, 400, 'Choose when the link expires.'],
    [{ role: 'developer', expires: '604800.0' }, 400, 'Choose when the link expires.'],
    [{ role: 'developer', email: 'nowhere' }, 400, 'This is not an e-mail address.'],
    [
      { role: 'developer', uses: 'unlimited', email: 'eve@example.com' },
      400,
      'A link for an e-mail address is for one person only.',
    ],
    [
      { role: 'developer', uses: 'several', count: '19' },
      409,
      'The workspace is full: members and open invitations use 2 of its 20 seats.',
    ],
  ])('%j is refused', async (fields, status, sentence) => {
    const { ada, at } = await team();
    const answer = await ada.post(`${at}/invite`, fields);
    expect(answer.status).toBe(status);
    expect(answer.alert).toContain(sentence);
    expect(answer.body).not.toContain('join#');
  });

  test.each(['0x10', '5.0', '1e2', ' 5', '+5', '', '1001', '00002'])(
    'for "%s" people is rejected',
    async (count) => {
      const { ada, at } = await team();
      const answer = await ada.post(`${at}/invite`, { role: 'developer', uses: 'several', count });
      expect([answer.status, answer.alert]).toEqual([
        400,
        'Enter how many people can use the link, from 2 to 1000.',
      ]);
    },
  );

  test('the form shows the seats and the open invitations with their limits', async () => {
    const { ada, at } = await team();
    await ada.invite(at, { role: 'developer', uses: 'several', count: '3' });
    const seats = '2 of 20 seats, 3 reserved. 1 of 100 open invitations.';
    const form = await ada.get(`${at}/invite`);
    expect(form.text).toContain(seats);
    expect(form.text).not.toContain('The workspace is full.');
    expect((await ada.get(`${at}/members`)).text).toContain('2 of 20 seats, 3 reserved.');
    const refused = await ada.post(`${at}/invite`, { role: 'developer', uses: 'several', count: '16' });
    expect(refused.alert).toContain('use 5 of its 20 seats');
    expect(refused.text).toContain(seats);
  });

  test('a second invitation for an address is rejected', async () => {
    const { ada, at } = await team();
    await ada.invite(at, { role: 'developer', email: 'eve@example.com' });
    const answer = await ada.post(`${at}/invite`, { role: 'developer', email: 'EVE@example.com' });
    expect(answer.status).toBe(409);
    expect(answer.alert).toContain('There is already an open invitation for this address.');
    expect(answer.body).toContain('value="EVE@example.com"');
  });
});

describe('activity', () => {
  test('shows events with the names of people and the times', async () => {
    const { ada, ben, at } = await team();
    await ada.post(`${at}/members/role`, { userId: ben.id(), role: 'manager' });
    await ada.post(`${at}/rename`, { name: 'world' });
    await ada.post(`${at}/members/remove`, { userId: ben.id() });

    const { text, body } = await ada.get(`${at}/activity`);
    for (const sentence of [
      'Ada created the workspace “hello”.',
      'Ada invited one person as developer.',
      'Ben accepted an invitation.',
      'Ben joined as developer.',
      'Ada changed the role of Ben from developer to manager.',
      'Ada renamed the workspace from “hello” to “world”.',
      'Ada removed Ben (manager).',
    ]) {
      expect(text).toContain(sentence);
    }
    expect(body).toMatch(/<time datetime="2026-11-23T12:00:00.\d{3}Z">2026-11-23 12:00 UTC<\/time>/);
  });

  test('page by page', async () => {
    const { ada, at } = await team('developer', { pageSize: 3 });
    const first = await ada.get(`${at}/activity`);
    expect(first.text).toMatch(
      /Ben joined as developer\..*Ben accepted an invitation\..*Ada invited one person/,
    );
    expect(first.text).not.toContain('created');
    const next = /href="([^"]+)">More activity/.exec(first.body)?.[1] ?? '';
    const second = await ada.get(next);
    expect(second.text).toContain('Ada created the workspace “hello”.');
    expect(second.text).not.toContain('joined');
    expect(second.body).not.toContain('More activity');
  });
});

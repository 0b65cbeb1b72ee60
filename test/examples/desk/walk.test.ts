// The desk as people use it: every form, from the first sign-in to the deletion of a workspace.
import { describe, expect, test } from 'vitest';
import { ORIGIN, fieldOn, openDesk, tokenOn } from './desk.js';

/** Ada owns a team in which Ben is what is said. */
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
  test('a name is enough, and leads to the desktop of the personal workspace', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');

    const home = await ada.get('/');
    expect(home.status).toBe(303);
    const desktop = await ada.get(home.location);
    expect(desktop.text).toContain('Your personal workspace: yours alone.');
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

  test('two who sign in under a new name at once are one person', async () => {
    const desk = await openDesk();
    const all = await Promise.all(['Ada', 'ada', 'ADA', 'Ada'].map((name) => desk.signedIn(name)));
    expect(new Set(all.map((each) => each.id())).size).toBe(1);
  });

  test.each([
    [{ name: '' }, 'A name has 1 to 100 characters, all of which can be seen.'],
    [{ name: 'a'.repeat(101) }, 'A name has 1 to 100 characters, all of which can be seen.'],
    [{ name: 'Ada\u202e' }, 'A name has 1 to 100 characters, all of which can be seen.'],
    [{ name: 'Ada', email: 'nowhere' }, 'This is not an e-mail address.'],
  ])('%j is refused, and what was typed stays', async (fields, sentence) => {
    const desk = await openDesk();
    const answer = await desk.stranger().post('/sign-in', fields);
    expect(answer.status).toBe(400);
    expect(answer.alert).toBe(sentence);
    expect(answer.body).toContain(`name="name" value="${fields.name}"`);
  });

  test('it ends by signing out, and by itself after twelve hours', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    desk.clock.advance(12 * 3600_000 - 1000);
    expect((await ada.get('/')).location).toMatch(/^\/w\//);
    desk.clock.advance(1000);
    expect((await ada.get('/')).location).toBe('/sign-in');

    const again = await desk.signedIn('Ada');
    const { headers } = await again.post('/sign-out');
    expect(headers.get('set-cookie')).toMatch(/^desk=; Max-Age=0/);
  });

  test('a cookie that was changed, or signed by another key, is nobody', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const request = (cookie: string) => desk.app.request('http://desk.test/', { headers: { cookie } });
    const forged = ada.cookie().replace(/u-./, (id) => (id === 'u-a' ? 'u-b' : 'u-a'));
    expect((await request(forged)).headers.get('location')).toBe('/sign-in');
    const longer = ada.cookie().replace(/\.(\d+)/, (_, until: string) => `.${until}9`);
    expect((await request(longer)).headers.get('location')).toBe('/sign-in');
    expect((await request(ada.cookie())).headers.get('location')).toMatch(/^\/w\//);
  });

  test('the cookie is out of reach for scripts and other sites, and on https bound to the host', async () => {
    const desk = await openDesk();
    const { headers } = await desk.stranger().post('/sign-in', { name: 'Ada' });
    expect(headers.get('set-cookie')).toMatch(/^desk=.+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);

    const secure = await openDesk({ origin: 'https://desk.example', address: ORIGIN });
    const answer = await secure.stranger().post('/sign-in', { name: 'Ada' });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^__Host-desk=/);
    expect(cookie).toContain('; Secure');
  });

  test('it leads back to the page that was wanted, and to no other site', async () => {
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
  test('one is created, switched into, renamed, and deleted by its name', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const at = await ada.create('hello');
    expect((await ada.get('/')).location).toBe(at);
    expect((await ada.get(at)).text).toContain('You are owner here, and the only member.');

    expect((await ada.post(`${at}/rename`, { name: 'world' })).location).toBe('/workspaces');
    expect((await ada.get('/workspaces')).text).toContain('world Owner 1');

    const wrong = await ada.post(`${at}/delete`, { confirmName: 'hello' });
    expect(wrong.status).toBe(409);
    expect(wrong.alert).toBe(
      'The name that you typed is not the name of the workspace, so nothing was deleted.',
    );
    expect((await ada.post(`${at}/delete`, {})).status).toBe(409);

    const right = await ada.post(`${at}/delete`, { confirmName: 'world' });
    expect(right.location).toBe('/workspaces?notice=deleted');
    expect((await ada.get(right.location)).text).toContain('The workspace was deleted.');
    expect((await ada.get(at)).status).toBe(404);
    expect((await ada.get('/')).location).not.toBe(at);
  });

  test('a name that is taken, or none, is refused next to what was typed', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    await ada.create('hello');

    const taken = await ada.post('/workspaces', { name: 'HELLO' });
    expect(taken.status).toBe(409);
    expect(taken.alert).toBe('The owner has a workspace called “HELLO” already.');
    expect(taken.body).toContain('name="name" value="HELLO"');
    const none = await ada.post('/workspaces', { name: ' ' });
    expect([none.status, none.alert]).toEqual([
      400,
      'A name has 1 to 100 characters, all of which can be seen.',
    ]);
  });

  test('looking at one does not switch to it, and a switch is remembered', async () => {
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

  test('the switcher marks the workspace of the page, and names the role in each', async () => {
    const { ben, at } = await team();
    const { body } = await ben.get(at);
    expect(body).toContain('aria-label="Workspace: hello, Developer. Switch workspace"');
    expect(body.match(/aria-current="true"/g)).toHaveLength(1);
    expect(body).toMatch(/aria-current="true">.*?hello<\/span> <small>Developer</s);
    expect(body).toMatch(/Ben<\/span> <small>Personal</);
  });

  test('a personal workspace offers no invitation, no renaming and no deletion, and refuses them', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const personal = (await ada.get('/')).location;

    const list = await ada.get('/workspaces');
    expect(list.body).not.toContain('/rename"');
    expect(list.body).not.toContain('/delete"');
    const members = await ada.get(`${personal}/members`);
    expect(members.text).toContain('nobody can join it');
    expect(members.body).not.toMatch(/\/(invite|leave)"/);
    const why = await ada.get(`${personal}/invite`);
    expect(why.text).toContain(
      'This is a personal workspace: it belongs to you alone, so nobody can be invited to it.',
    );

    const sentence =
      'A personal workspace stays as it is: it belongs to one person, keeps its name and cannot be deleted.';
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
    expect((await ben.get(at)).text).toContain('You are manager here, one of 2 members.');
  });

  test.each(['owner', 'king', '', 'constructor'])('to %j nobody is changed', async (role) => {
    const { ada, ben, at } = await team();
    expect((await ada.post(`${at}/members/role`, { userId: ben.id(), role })).status).toBe(400);
    expect((await ben.get(at)).text).toContain('You are developer here');
  });

  test('a manager sees controls for developers alone, and removes one', async () => {
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
      expect.stringContaining('A workspace always has its owner'),
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

  test('the ownership is transferred by whoever confirms it', async () => {
    const { ada, ben, at } = await team();
    const userId = ben.id();
    expect((await ada.post(`${at}/members/transfer`, { userId })).status).toBe(400);
    expect((await ada.get(at)).text).toContain('You are owner here');

    expect((await ada.post(`${at}/members/transfer`, { userId, confirm: 'yes' })).status).toBe(303);
    expect((await ada.get(at)).text).toContain('You are manager here');
    expect((await ben.get(at)).text).toContain('You are owner here');
  });

  test('whoever is gone already is not a member any more', async () => {
    const { ada, ben, at } = await team();
    const userId = ben.id();
    await ada.post(`${at}/members/remove`, { userId });
    const again = await ada.post(`${at}/members/remove`, { userId });
    expect([again.status, again.alert]).toEqual([404, 'This person is not a member any more.']);
  });

  test('every page of a long list is reached, and nothing is left out', async () => {
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
  test('the list says for whom, as what, how often and by whom, and a revoked one is gone from it', async () => {
    const { ada, at } = await team();
    await ada.invite(at, { role: 'developer', uses: 'several', count: '3', expires: '3600' });
    await ada.invite(at, { role: 'manager', email: 'eve@example.com' });

    const list = await ada.get(`${at}/members`);
    expect(list.text).toContain('everybody with the link Developer 0 of 3 Ada 2026-11-23 13:00 UTC');
    expect(list.text).toContain('eve@example.com Manager 0 of 1 Ada 2026-11-30 12:00 UTC');

    const invitationId = fieldOn(list, 'invitationId');
    expect((await ada.post(`${at}/invitations/revoke`, { invitationId })).location).toBe(`${at}/members`);
    expect((await ada.get(`${at}/members`)).text).not.toContain('everybody with the link');
  });

  test('a new link kills the old one', async () => {
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
      'Say how many people may use the link: from 2 to 1000.',
    ],
    [
      { role: 'developer', uses: 'several', count: 'x' },
      400,
      'Say how many people may use the link: from 2 to 1000.',
    ],
    [{ role: 'developer', uses: 'x' }, 400, 'Choose how many may use the link.'],
    [{ role: 'developer', uses: '2' }, 400, 'Choose how many may use the link.'],
    [{ role: 'developer', expires: '1' }, 400, 'Choose how long the link is open.'],
    [{ role: 'developer', expires: '604800.0' }, 400, 'Choose how long the link is open.'],
    [{ role: 'developer', email: 'nowhere' }, 400, 'This is not an e-mail address.'],
    [
      { role: 'developer', uses: 'unlimited', email: 'eve@example.com' },
      400,
      'A link for one e-mail address is for one person.',
    ],
    [
      { role: 'developer', uses: 'several', count: '19' },
      409,
      'The workspace is full: 2 of its 20 seats are taken by members and open invitations.',
    ],
  ])('%j is refused', async (fields, status, sentence) => {
    const { ada, at } = await team();
    const answer = await ada.post(`${at}/invite`, fields);
    expect(answer.status).toBe(status);
    expect(answer.alert).toContain(sentence);
    expect(answer.body).not.toContain('join#');
  });

  test.each(['0x10', '5.0', '1e2', ' 5', '+5', '', '1001', '00002'])(
    'for several people, of whom there are "%s", is refused',
    async (count) => {
      const { ada, at } = await team();
      const answer = await ada.post(`${at}/invite`, { role: 'developer', uses: 'several', count });
      expect([answer.status, answer.alert]).toEqual([
        400,
        'Say how many people may use the link: from 2 to 1000.',
      ]);
    },
  );

  test('a second one for an address says that there is one', async () => {
    const { ada, at } = await team();
    await ada.invite(at, { role: 'developer', email: 'eve@example.com' });
    const answer = await ada.post(`${at}/invite`, { role: 'developer', email: 'EVE@example.com' });
    expect(answer.status).toBe(409);
    expect(answer.alert).toContain('There is an open invitation for this address already.');
    expect(answer.body).toContain('value="EVE@example.com"');
  });
});

describe('activity', () => {
  test('what happened, with the names of people and the times', async () => {
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
      'Ada made Ben manager instead of developer.',
      'Ada renamed the workspace from “hello” to “world”.',
      'Ada removed Ben, who was manager.',
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

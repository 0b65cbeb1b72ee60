// The page of the account: rename it, and close it, also after an interruption.
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { ORIGIN, openDesk } from './desk.js';

async function team() {
  const desk = await openDesk();
  const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben', 'ben@example.com')];
  const at = await ada.create('hello');
  await ben.accept(await ada.invite(at));
  return { desk, ada, ben, at };
}

describe('renaming', () => {
  test('changes the name to sign in with, the personal workspace, and what others see', async () => {
    const { desk, ada, ben, at } = await team();
    const id = ben.id();
    const saved = await ben.post('/account/rename', { username: 'Benjamin', displayName: 'Big Ben' });
    expect([saved.status, saved.location]).toEqual([303, '/account?notice=renamed']);
    const page = await ben.get(saved.location);
    expect(page.text).toContain('Your names were saved.');
    expect(page.body).toContain('name="username" value="Benjamin"');
    expect(page.body).toContain('name="displayName" value="Big Ben"');
    expect(page.body).toContain('Signed in as <strong>Big Ben</strong>');

    expect((await ada.get(`${at}/members`)).text).toContain('Big Ben Benjamin');
    expect((await ada.get(`${at}/activity`)).text).toContain('Big Ben joined as developer.');
    expect((await ben.get('/workspaces')).text).toContain('Benjamin Owner Personal');
    expect((await desk.signedIn('BENJAMIN')).id()).toBe(id);
    expect((await desk.signedIn('Ben')).id()).not.toBe(id);

    await ben.post('/account/rename', { username: 'Benjamin', displayName: ' ' });
    expect((await ben.get('/account')).body).toContain('Signed in as <strong>Benjamin</strong>');
  });

  test.each([
    [{ username: '' }, 400, 'A name must have 1 to 100 visible characters.'],
    [{ username: 'a'.repeat(101) }, 400, 'A name must have 1 to 100 visible characters.'],
    [{ username: 'Ada', displayName: 'A\u202eda' }, 400, 'A name must have 1 to 100 visible characters.'],
    [{ username: 'BEN' }, 409, 'The name “BEN” is already taken.'],
    [
      { username: 'Hello' },
      409,
      'You own a team named “Hello”, perhaps a deleted one, and your personal workspace would get the same name.',
    ],
  ])('%j is rejected, and the input is kept', async (fields, status, sentence) => {
    const { desk, ada } = await team();
    const before = await desk.dump();
    const answer = await ada.post('/account/rename', fields);
    expect([answer.status, answer.alert]).toEqual([status, sentence]);
    expect(answer.body).toContain(`name="username" value="${fields.username}"`);
    expect(await desk.dump()).toBe(before);
  });
});

describe('A-09 A-10 closing', () => {
  test('ends memberships and all sessions, frees the name, and erases it', async () => {
    const { desk, ada, ben, at } = await team();
    const [id, other] = [ben.id(), await desk.signedIn('Ben')];
    const personal = (await ben.get('/')).location;
    await ben.post(`/switch`, { workspaceId: at.slice(3) });
    const { items } = await desk.workspaces.listWorkspaces({ userId: id });
    const own = items.find(({ workspace }) => workspace.kind === 'personal')?.workspace.id ?? '';
    await ben.post(`/w/${own}/resources`, { name: 'mine', kind: 'cache', how: 'create' });
    await ada.post(`${at}/resources`, { name: 'ours', kind: 'cache', how: 'create' });
    const copy = ben.cookie();

    const closed = await ben.post('/account/close', { confirmUsername: 'Ben' });
    expect([closed.status, closed.location]).toEqual([303, '/closed']);
    expect(closed.headers.get('set-cookie')).toMatch(/^__Host-desk=; Max-Age=0/);
    expect((await desk.stranger().get('/closed')).text).toContain('Your account is closed');
    expect((await other.get(personal)).location).toMatch(/^\/sign-in/);
    const again = await desk.app.request(`${ORIGIN}/account`, { headers: { cookie: copy } });
    expect(again.headers.get('location')).toMatch(/^\/sign-in/);

    expect((await ada.get(`${at}/members`)).text).not.toContain('Ben');
    expect((await ada.get(`${at}/activity`)).text).toContain('Unknown user (developer) left.');
    const dump = await desk.dump();
    expect(dump).not.toMatch(/"Ben"|ben@example\.com|"mine"/);
    expect(dump).toContain('"ours"');
    expect((await desk.signedIn('Ben')).id()).not.toBe(id);
    expect(desk.lines).toEqual([]);
  });

  test('needs the username, and names a team that is still owned, with a link', async () => {
    const { desk, ada, ben, at } = await team();
    expect((await ben.post('/account/close', { confirmUsername: 'Bob' })).alert).toBe(
      'The name that you typed is not your username. Your account was not closed.',
    );
    expect((await ada.get('/account')).text).toContain('You own a team. Before you close the account');
    const before = await desk.dump();
    const refused = await ada.post('/account/close', { confirmUsername: 'Ada' });
    expect([refused.status, refused.alert]).toEqual([
      409,
      'You still own “hello”. Your account was not closed.',
    ]);
    expect(refused.body).toContain(`<a href="${at}/members">Make another member the owner of hello</a>`);
    expect(await desk.dump()).toBe(before);

    await ada.create('world');
    const both = await ada.post('/account/close', { confirmUsername: 'Ada' });
    expect(both.alert).toBe('You still own “hello” and one more team. Your account was not closed.');
  });

  test('a signed-in visitor of the last page is sent to the desk', async () => {
    const { ada } = await team();
    expect((await ada.get('/closed')).location).toBe('/');
  });

  test('that was interrupted in the middle is completed when the name signs in again', async () => {
    const { desk, ben } = await team();
    const id = ben.id();
    const rename = (from: string, to: string) =>
      sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(desk.db);
    const { rows } = await sql<{
      name: string;
    }>`select name from sqlite_master where type = 'table' and name like '%quota%'`.execute(desk.db);
    for (const { name } of rows) await rename(name, `${name}_away`);
    expect((await ben.post('/account/close', { confirmUsername: 'Ben' })).status).toBe(503);
    for (const { name } of rows) await rename(`${name}_away`, name);
    const found = await desk.workspaces.findAccounts({ operator: 'test' }, { userId: id });
    expect(found.items[0]?.status).toBe('closing');
    expect((await ben.get('/account')).alert).toBe('This account does not exist.');

    const again = await desk.signedIn('Ben');
    expect(again.id()).not.toBe(id);
    expect((await ben.get('/account')).location).toMatch(/^\/sign-in/);
    expect(await desk.dump()).not.toContain('ben@example.com');
  });

  test('that was interrupted before the desk’s own rows leaves the name free', async () => {
    const { desk, ada, ben } = await team();
    const id = ben.id();
    await desk.workspaces.closeAccount({ userId: id }, { userId: id });
    expect(await desk.count('desk_user')).toBe(2);
    expect((await ada.post('/account/rename', { username: 'Ben' })).status).toBe(303);
    expect((await desk.signedIn('Ben')).id()).toBe(ada.id());
    expect(await desk.count('desk_user')).toBe(1);
  });
});

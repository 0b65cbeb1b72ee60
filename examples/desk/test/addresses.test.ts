// E-mail addresses: an address that the service rejects is not stored, and locks no one out.
import { describe, expect, test } from 'vitest';
import { ORIGIN, openDesk } from './desk.js';

const unusable: readonly [string, string][] = [
  ['a NUL', 'a\0@b.example'],
  ['a control character', 'a\u0001@b.example'],
  ['a zero width space', 'a\u200b@b.example'],
  ['a character that turns the direction', 'a\u202e@b.example'],
  ['no @', 'nowhere'],
  ['321 characters', `${'a'.repeat(319)}@b`],
];

describe.each(unusable)('an address with %s', (_title, email) => {
  test('is rejected at sign-in, and not stored', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada', 'ada@b.example');
    const token = await ada.invite(await ada.create('hello'));
    const before = await desk.dump();
    for (const [path, name] of [
      ['/sign-in', 'Ada'],
      ['/sign-in', 'Eve'],
      ['/join/sign-in', 'Ada'],
    ] as const) {
      const { status, alert } = await desk.stranger().post(path, { name, email, token });
      expect([path, status, alert]).toEqual([path, 400, 'This is not an e-mail address.']);
    }
    const response = await desk.app.request(`${ORIGIN}/api/sign-in`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'Ada', email }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'body.email' }] },
    });
    expect(await desk.dump()).toBe(before);
    expect((await ada.get('/workspaces')).status).toBe(200);
    expect(desk.lines).toEqual([]);
  });

  test('that is stored is ignored', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const at = await ada.create('hello');
    await desk.db.updateTable('desk_user').set({ email }).execute();
    for (const path of [at, `${at}/members`, '/workspaces'])
      expect([path, (await ada.get(path)).status]).toEqual([path, 200]);
    expect((await (await desk.signedIn('Ada')).get(at)).status).toBe(200);
    await desk.signedIn('Ada', 'ada@b.example');
    const rows = await desk.db.selectFrom('desk_user').select('email').execute();
    expect(rows).toEqual([{ email: 'ada@b.example' }]);
  });
});

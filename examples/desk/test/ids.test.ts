// Malformed ids are rejected before a database sees them: each database fails on different ones.
import { describe, expect, test } from 'vitest';
import { onNewDatabase, servers } from './servers.js';
import { ORIGIN, openDesk } from './desk.js';

const kinds = [
  { name: 'SQLite', on: (run: (url: string) => Promise<void>) => run('memory:') },
  ...servers.map((server) => ({
    name: server.name,
    on: (run: (url: string) => Promise<void>) => onNewDatabase(server, run),
  })),
];

const strange = ['\0', 'a\0b', 'é', '💡', "' or 1=1--", '__proto__', 'r-1', 'x'.repeat(1000)];

describe.each(kinds)('on $name', ({ on }) => {
  test('malformed ids do not reach the database', () =>
    on(async (url) => {
      const desk = await openDesk({ url });
      try {
        const ada = await desk.signedIn('Ada');
        const at = await ada.create('hello');
        await ada.post(`${at}/resources`, { name: 'main', kind: 'cache', how: 'create' });
        const actor = { userId: ada.id() };
        const { token } = await desk.workspaces.switchWorkspace(actor, { workspaceId: at.slice(3) });
        const call = async (method: string, path: string) =>
          desk.app.request(`${ORIGIN}/api/workspaces/${path}`, {
            method,
            headers: { Authorization: `Bearer ${token}` },
          });
        for (const id of strange) {
          const sent = encodeURIComponent(id);
          expect([id, (await ada.get(`${at}/resources?after=${sent}`)).status]).toEqual([id, 400]);
          const list = await call('GET', `${at.slice(3)}/resources?after=${sent}`);
          expect([id, list.status]).toEqual([id, 400]);
          expect(await list.json()).toMatchObject({
            code: 'INVALID_INPUT',
            details: { issues: [{ path: 'after' }] },
          });
          expect((await call('DELETE', `${at.slice(3)}/resources/${sent}`)).status).toBe(404);
          expect((await call('GET', `${sent}/resources`)).status).toBeLessThan(500);
          expect((await call('DELETE', sent)).status).toBeLessThan(500);
          for (const action of ['finish', 'cancel', 'delete']) {
            const { status } = await ada.post(`${at}/resources/${action}`, { id });
            expect([action, id, status]).toEqual([action, id, 404]);
          }
        }
        expect((await ada.get(`${at}/resources?after=`)).text).toContain('main Cache');
        expect(await desk.count('desk_resource')).toBe(1);
        expect(desk.lines).toEqual([]);
      } finally {
        await desk.close();
      }
    }));

  test('pages work with an invitation for an unknown user', () =>
    on(async (url) => {
      const desk = await openDesk({ url });
      try {
        const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben')];
        const at = await ada.create('hello');
        const workspaceId = at.slice(3);
        const { token } = await desk.workspaces.switchWorkspace({ userId: ada.id() }, { workspaceId });
        const invite = async (userId: string) =>
          desk.app.request(`${ORIGIN}/api/workspaces/${workspaceId}/invitations`, {
            method: 'POST',
            headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
            body: JSON.stringify({ role: 'developer', recipient: { userId } }),
          });
        for (const userId of strange) expect((await invite(userId)).status).toBeLessThan(500);
        expect((await invite('日本')).status).toBe(201);
        expect((await invite(ben.id())).status).toBe(201);
        expect((await ada.get(`${at}/activity`)).text).toMatch(
          /Ada invited Ben as .*Ada invited Unknown user as /,
        );
        expect((await ada.get(`${at}/members`)).text).toMatch(/one person.*Ben|Ben.*one person/);
        expect(desk.lines).toEqual([]);
      } finally {
        await desk.close();
      }
    }));
});

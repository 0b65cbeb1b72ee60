// The desk on each database: its own tables and the library's in one transaction.
import { describe, expect, test } from 'vitest';
import { onNewDatabase, servers } from '../servers.js';
import { fieldOn, openDesk } from './desk.js';

const kinds = [
  { name: 'SQLite', on: (run: (url: string) => Promise<void>) => run('memory:') },
  ...servers.map((server) => ({
    name: server.name,
    on: (run: (url: string) => Promise<void>) => onNewDatabase(server, run),
  })),
];

describe.each(kinds)('on $name', ({ on }) => {
  test('people, workspaces, links and resources, some of them at once', () =>
    on(async (url) => {
      const desk = await openDesk({ url });
      try {
        const same = await Promise.all(['Ada 💡', 'ADA 💡', 'ada 💡'].map((name) => desk.signedIn(name)));
        const [ada] = same;
        if (ada === undefined) throw new Error('nobody signed in');
        expect(new Set(same.map((each) => each.id())).size).toBe(1);
        expect((await desk.signedIn('Áda 💡')).id()).not.toBe(ada.id());

        const at = await ada.create('Tëam 💡');
        const token = await ada.invite(at, { role: 'manager', uses: 'several', count: '2' });
        const joined = await Promise.all(
          ['Ben', 'Max', 'Eve'].map(async (name) => (await desk.signedIn(name)).accept(token)),
        );
        expect(joined.map(({ status }) => status).sort()).toEqual([303, 303, 410]);

        const make = (name: string, how: string) =>
          ada.post(`${at}/resources`, { name, kind: 'database', how });
        await make('släw', 'start');
        const made = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => make(name, 'create')));
        expect(made.map(({ status }) => status).sort()).toEqual([303, 303, 303, 409, 409]);
        const page = await ada.get(`${at}/resources`);
        expect(page.text).toContain('CPU 3 used, 1 reserved, limit 4');
        expect(page.text).toContain('släw Database');

        const id = fieldOn(page, 'id');
        const ends = await Promise.all([
          ada.post(`${at}/resources/finish`, { id }),
          ada.post(`${at}/resources/cancel`, { id }),
        ]);
        expect(ends.filter(({ status }) => status === 303)).toHaveLength(1);

        // under the name of whoever of the three was first
        const { text } = await ada.get(`${at}/activity`);
        expect(text).toMatch(/ada 💡 created the workspace “Tëam 💡”\./i);
        await ada.post(`${at}/delete`, { confirmName: 'Tëam 💡' });
        expect((await ada.get(`${at}/resources`)).status).toBe(404);
        expect(desk.lines).toEqual([]);
      } finally {
        await desk.close();
      }
    }));

  test('nothing goes amiss where a workspace is deleted while things are made in it', () =>
    on(async (url) => {
      const desk = await openDesk({ url });
      try {
        const ada = await desk.signedIn('Ada');
        for (let round = 0; round < 5; round++) {
          const at = await ada.create('hello');
          const make = (name: string) => ada.post(`${at}/resources`, { name, kind: 'cache', how: 'create' });
          await make('first');
          const [deleted, ...made] = await Promise.all([
            ada.post(`${at}/delete`, { confirmName: 'hello' }),
            ...['a', 'b', 'c'].map(make),
          ]);
          expect(deleted.status).toBe(303);
          for (const { status } of made) expect([303, 404]).toContain(status);
        }
        expect(await desk.count('desk_resource')).toBe(0);
        expect(desk.lines).toEqual([]);
      } finally {
        await desk.close();
      }
    }));
});

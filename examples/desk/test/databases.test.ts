// The desk on each database: its own tables and the library's in one transaction.
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createDeskTables, type DeskTables } from '../src/tables.js';
import { onNewDatabase, servers } from './servers.js';
import { fieldOn, openDesk } from './desk.js';

const kinds = [
  { name: 'SQLite', on: (run: (url: string) => Promise<void>) => run('memory:') },
  ...servers.map((server) => ({
    name: server.name,
    on: (run: (url: string) => Promise<void>) => onNewDatabase(server, run),
  })),
];

describe.each(kinds)('on $name', ({ on }) => {
  test('people, workspaces, links and resources, also concurrently', () =>
    on(async (url) => {
      const desk = await openDesk({ url });
      try {
        const same = await Promise.all(['Ada 💡', 'ADA 💡', 'ada 💡'].map((name) => desk.signedIn(name)));
        const [ada] = same;
        if (ada === undefined) throw new Error('no one signed in');
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

        // under the spelling of the sign-in that came first
        const { text } = await ada.get(`${at}/activity`);
        expect(text).toMatch(/ada 💡 created the workspace “Tëam 💡”\./i);
        await ada.post(`${at}/delete`, { confirmName: 'Tëam 💡' });
        expect((await ada.get(`${at}/resources`)).status).toBe(404);
        expect(desk.lines).toEqual([]);
      } finally {
        await desk.close();
      }
    }));

  test('A-09 renaming and closing an account, also concurrently', () =>
    on(async (url) => {
      const desk = await openDesk({ url });
      try {
        const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben', 'ben@example.com')];
        const at = await ada.create('hello');
        await ben.accept(await ada.invite(at));
        const wanted = { username: 'Käthe 💡', displayName: 'K 💡' };
        const renamed = await Promise.all([ada, ben].map((each) => each.post('/account/rename', wanted)));
        expect(renamed.map(({ status }) => status).sort()).toEqual([303, 409]);

        const id = ben.id();
        const [, , confirmUsername = ''] =
          /name="(username)" value="([^"]+)"/.exec((await ben.get('/account')).body) ?? [];
        const gone = await desk.signedIn(confirmUsername);
        expect(gone.id()).toBe(id);
        const closed = await Promise.all(
          [ben, gone].map((each) => each.post('/account/close', { confirmUsername })),
        );
        expect(closed.map(({ location }) => location)).toContain('/closed');
        for (const { status } of closed) expect(status).toBe(303);
        expect((await ada.get(`${at}/members`)).text).not.toContain(confirmUsername);
        expect((await desk.signedIn(confirmUsername)).id()).not.toBe(id);
        expect(desk.lines).toEqual([]);
      } finally {
        await desk.close();
      }
    }));

  test('deleting a workspace while resources are created in it leaves nothing behind after the purge', () =>
    on(async (url) => {
      const desk = await openDesk({ url });
      try {
        const ada = await desk.signedIn('Ada');
        for (let round = 0; round < 5; round++) {
          const at = await ada.create(`hello ${round}`);
          const make = (name: string) => ada.post(`${at}/resources`, { name, kind: 'cache', how: 'create' });
          await make('first');
          const [deleted, ...made] = await Promise.all([
            ada.post(`${at}/delete`, { confirmName: `hello ${round}` }),
            ...['a', 'b', 'c'].map(make),
          ]);
          expect(deleted.status).toBe(303);
          for (const { status } of made) expect([303, 404]).toContain(status);
        }
        desk.clock.advance(7 * 24 * 60 * 60_000);
        await desk.purge();
        expect(await desk.count('desk_resource')).toBe(0);
        expect(desk.lines).toEqual([]);
      } finally {
        await desk.close();
      }
    }));
});

test.each(servers)('several desks open an empty database of $name concurrently', (server) =>
  onNewDatabase(server, async (url) => {
    const desks = await Promise.allSettled([1, 2, 3, 4].map(() => openDesk({ url })));
    try {
      expect(desks.map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
    } finally {
      for (const desk of desks) if (desk.status === 'fulfilled') await desk.value.close();
    }
  }),
);

test.each(servers.filter(({ name }) => name === 'PostgreSQL'))(
  'a desk that waited for another to create the tables uses them',
  (server) =>
    onNewDatabase(server, async (url) => {
      const open = () =>
        new Kysely<DeskTables>({
          dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
        });
      const [first, second] = [open(), open()];
      try {
        const making = await first.startTransaction().execute();
        await createDeskTables(making, 'postgres');
        const waiting = createDeskTables(second, 'postgres');
        const waits = sql`select 1 from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`;
        await expect.poll(async () => (await waits.execute(first)).rows.length).toBe(1);
        await making.commit().execute();
        await waiting;
        expect(await second.selectFrom('desk_resource').select('id').execute()).toEqual([]);
      } finally {
        await first.destroy();
        await second.destroy();
      }
    }),
);

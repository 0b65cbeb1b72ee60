// Deleted workspaces: gone for members, restored by the owner, and purged with the desk's own rows.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { daily } from '../src/purge.js';
import { ORIGIN, openDesk, type TestDesk } from './desk.js';

const DAY = 24 * 60 * 60_000;

/** Ada's team with Ben as a manager and one resource. */
async function team(options: Parameters<typeof openDesk>[0] = {}) {
  const desk = await openDesk(options);
  const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben')];
  const at = await ada.create('hello');
  await ben.accept(await ada.invite(at, { role: 'manager' }));
  await ada.post(`${at}/resources`, { name: 'main', kind: 'cache', how: 'create' });
  const remove = () => ada.post(`${at}/delete`, { confirmName: 'hello' });
  return { desk, ada, ben, at, remove };
}

async function resourcesOf({ db }: TestDesk): Promise<readonly string[]> {
  const rows = await db.selectFrom('desk_resource').select('name').orderBy('id').execute();
  return rows.map(({ name }) => name);
}

describe('W-09 a deleted team', () => {
  test('is gone for members, and its owner restores it with all that was in it', async () => {
    const { ada, ben, at, remove } = await team();
    const seen = (await ada.get('/workspaces')).text;
    expect(seen).toContain('You can restore it within 7 days');
    expect(seen).not.toContain('Deleted workspaces');
    await remove();
    expect((await ben.get('/workspaces')).text).not.toContain('hello');
    for (const page of ['', '/members', '/resources', '/activity'])
      for (const visitor of [ada, ben]) expect((await visitor.get(at + page)).status).toBe(404);
    expect((await ben.post(`${at}/restore`)).status).toBe(404);

    const { text, body } = await ada.get('/workspaces');
    expect(text).toContain('Deleted workspaces');
    expect(text).toContain('hello 2026-11-23 12:00 UTC 2026-11-30 12:00 UTC Restore');
    expect(body).toContain(`action="${at}/restore"`);
    const restored = await ada.post(`${at}/restore`);
    expect([restored.status, restored.location]).toEqual([303, '/workspaces?notice=restored']);
    expect((await ada.get(restored.location)).text).toContain('The workspace was restored.');
    expect((await ben.get(at)).text).toContain('Your role: manager. 2 members.');
    expect((await ben.get(`${at}/resources`)).text).toContain('main Cache');
    expect((await ada.get('/workspaces')).text).not.toContain('Deleted workspaces');
  });

  test('keeps its name, and the form to create one says so', async () => {
    const { ada, remove } = await team();
    await remove();
    const taken = await ada.post('/workspaces', { name: 'HELLO' });
    expect([taken.status, taken.alert]).toEqual([
      409,
      'Your deleted workspace still has the name “HELLO”. Restore it, or choose another name.',
    ]);
  });

  test('is not restored over the limit of workspaces', async () => {
    const { desk, ada, at, remove } = await team();
    await remove();
    const actor = { userId: ada.id() };
    for (let number = 0; number < 50; number++)
      await desk.workspaces.createWorkspace(actor, { name: `team ${number}` });
    const refused = await ada.post(`${at}/restore`);
    expect([refused.status, refused.alert]).toEqual([
      409,
      'You have 50 workspaces, and the limit is 50. Delete another one first.',
    ]);
    expect(refused.text).toContain('Deleted workspaces');
  });

  test('cannot be restored by anyone else, and answers them as one that never existed', async () => {
    const { desk, ben, at, remove } = await team();
    await remove();
    const eve = await desk.signedIn('Eve');
    const before = await desk.dump();
    for (const visitor of [ben, eve]) {
      const answer = await visitor.post(`${at}/restore`);
      const none = await visitor.post('/w/ws-0000000000000000/restore');
      expect([answer.status, answer.alert]).toEqual([
        404,
        'There is no deleted workspace of yours to restore here.',
      ]);
      expect(answer.body).toBe(none.body);
    }
    expect(await desk.dump()).toBe(before);
  });

  test('the list has pages', async () => {
    const desk = await openDesk({ pageSize: 2 });
    const ada = await desk.signedIn('Ada');
    for (const name of ['one', 'two', 'three'])
      await ada.post(`${await ada.create(name)}/delete`, { confirmName: name });
    const first = await ada.get('/workspaces');
    const second = await ada.get(/href="([^"]+)">More deleted workspaces/.exec(first.body)?.[1] ?? '');
    const names = [first, second].flatMap(({ body }) =>
      [...body.matchAll(/aria-label="Restore (\w+)"/g)].map(([, name]) => name),
    );
    expect(names.sort()).toEqual(['one', 'three', 'two']);
    expect(second.body).not.toContain('More deleted');
  });

  test('can be restored over the API, which deletes with a grace period, too', async () => {
    const { desk, ada, at } = await team();
    const actor = { userId: ada.id() };
    const { token } = await desk.workspaces.switchWorkspace(actor, { workspaceId: at.slice(3) });
    const send = async (method: string, path: string) => {
      const headers = { Authorization: `Bearer ${token}` };
      return (await desk.app.request(`${ORIGIN}/api/workspaces/${at.slice(3)}${path}`, { method, headers }))
        .status;
    };
    expect(await send('DELETE', '?confirmName=hello')).toBe(204);
    expect((await ada.get(at)).status).toBe(404);
    expect(await send('POST', '/restore')).toBe(200);
    expect((await ada.get(`${at}/resources`)).text).toContain('main Cache');
  });
});

describe('the purge', () => {
  test('deletes a team and its rows after the grace period, and no others', async () => {
    const { desk, ada, at, remove } = await team();
    const other = await ada.create('other');
    await ada.post(`${other}/resources`, { name: 'stays', kind: 'cache', how: 'create' });
    await remove();
    desk.clock.advance(7 * DAY - 1000);
    await desk.purge();
    expect(await resourcesOf(desk)).toEqual(['main', 'stays']);

    desk.clock.advance(1000);
    await desk.purge();
    expect(await resourcesOf(desk)).toEqual(['stays']);
    const again = await desk.signedIn('Ada');
    expect((await again.get('/workspaces')).text).not.toContain('Deleted workspaces');
    expect((await again.post(`${at}/restore`)).alert).toContain('There is no deleted workspace');
    expect((await again.post('/workspaces', { name: 'hello' })).status).toBe(303);
    expect(desk.lines).toEqual([]);
  });

  test('the grace period is an option', async () => {
    const { desk, ada, remove } = await team({ graceDays: 1 });
    expect((await ada.get('/workspaces')).text).toContain('You can restore it within a day');
    await remove();
    desk.clock.advance(DAY);
    await desk.purge();
    expect(await resourcesOf(desk)).toEqual([]);
  });

  test('deletes rows that an interrupted purge left', async () => {
    const { desk, remove } = await team();
    await remove();
    desk.clock.advance(7 * DAY);
    // the process dies after the library has purged the workspace
    const { purged } = await desk.workspaces.purgeWorkspaces({ operator: 'test' });
    expect(purged).toHaveLength(1);
    expect(await resourcesOf(desk)).toEqual(['main']);
    await desk.purge();
    expect(await resourcesOf(desk)).toEqual([]);
  });

  test('deletes rows of the deleted teams of a person who closed the account', async () => {
    const { desk, ada, remove } = await team();
    await remove();
    expect((await ada.post('/account/close', { confirmUsername: 'Ada' })).location).toBe('/closed');
    await desk.purge();
    expect(await resourcesOf(desk)).toEqual([]);
  });

  test('deletes sessions that have expired, and keeps others', async () => {
    const desk = await openDesk();
    await desk.signedIn('Ada');
    desk.clock.advance(DAY);
    await desk.signedIn('Ben');
    await desk.purge();
    expect(await desk.count('desk_session')).toBe(1);
  });
});

describe('the daily run', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('runs now and once a day, also after a failure, until it is stopped', async () => {
    vi.useFakeTimers();
    const errors: unknown[] = [];
    const failure = new Error('the database is away');
    let runs = 0;
    const running = daily(
      () => (++runs === 2 ? Promise.reject(failure) : Promise.resolve()),
      (error) => errors.push(error),
    );
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(2 * DAY);
    expect(runs).toBe(3);
    expect(errors).toEqual([failure]);
    await running.stop();
    await vi.advanceTimersByTimeAsync(2 * DAY);
    expect(runs).toBe(3);
  });
});

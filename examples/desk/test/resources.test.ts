// Resources and their quota: create, build slowly, finish, cancel and delete, each atomically.
import { describe, expect, test } from 'vitest';
import { fieldOn, openDesk } from './desk.js';

async function workspace() {
  const desk = await openDesk();
  const ada = await desk.signedIn('Ada');
  const at = await ada.create('hello');
  const page = () => ada.get(`${at}/resources`);
  const make = (name: string, kind = 'database', how = 'create') =>
    ada.post(`${at}/resources`, { name, kind, how });
  return { desk, ada, at, page, make };
}

describe('a resource', () => {
  test('uses quota from its creation to its deletion', async () => {
    const { ada, at, page, make } = await workspace();
    expect((await page()).text).toContain(
      'CPU 0 used, 0 reserved, limit 4 Memory 0 used, 0 reserved, limit 8Gi',
    );

    expect((await make('main')).location).toBe(`${at}/resources`);
    const made = await page();
    expect(made.text).toContain('CPU 1 used, 0 reserved, limit 4 Memory 2Gi used, 0 reserved, limit 8Gi');
    expect(made.text).toContain('main Database CPU 1, Memory 2Gi, Pods 1 Ready');
    expect(made.body).toContain('<rect class="used" x="0" y="0" width="25" height="6">');

    expect((await ada.post(`${at}/resources/delete`, { id: fieldOn(made, 'id') })).status).toBe(303);
    expect((await page()).text).toContain('CPU 0 used, 0 reserved');
    expect((await page()).text).toContain('No resources yet.');
  });

  test('that exceeds the quota is rejected with the shortfall, and stores nothing', async () => {
    const { desk, page, make } = await workspace();
    for (const name of ['a', 'b', 'c', 'd']) await make(name);
    const before = await desk.dump();
    const refused = await make('e');
    expect(refused.status).toBe(409);
    expect(refused.alert).toBe(
      'Quota exceeded: CPU would be 1 over its limit of 4, Memory would be 2Gi over its limit of 8Gi.',
    );
    expect(refused.body).toContain('name="name" value="e"');
    expect(await desk.dump()).toBe(before);
    expect((await page()).text).toContain('CPU 4 used, 0 reserved');
  });

  test.each([
    [
      { name: '', kind: 'database' },
      'A name must have 1 to 40 letters, digits, spaces, dots, dashes or underscores.',
    ],
    [{ name: 'x', kind: 'constructor' }, 'Choose a kind.'],
    [{ name: 'x' }, 'Choose a kind.'],
  ])('%j is refused', async (fields, sentence) => {
    const { ada, at } = await workspace();
    const { status, alert } = await ada.post(`${at}/resources`, fields);
    expect([status, alert]).toEqual([400, sentence]);
  });

  test('created concurrently never exceeds the quota', async () => {
    const { page, make } = await workspace();
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => make(name)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 303, 303, 303, 409, 409]);
    expect((await page()).text).toContain('CPU 4 used, 0 reserved');
  });
});

describe('a slow build', () => {
  test('reserves its quota until it is finished', async () => {
    const { ada, at, page, make } = await workspace();
    await make('slow', 'cache', 'start');
    const building = await page();
    expect(building.text).toContain('CPU 0 used, 250m reserved, limit 4');
    expect(building.text).toContain('Building, quota reserved until 2026-11-23 12:10 UTC');

    const id = fieldOn(building, 'id');
    expect((await ada.post(`${at}/resources/finish`, { id })).status).toBe(303);
    expect((await page()).text).toContain('CPU 250m used, 0 reserved, limit 4');
    const again = await ada.post(`${at}/resources/finish`, { id });
    expect([again.status, again.alert]).toEqual([
      404,
      'This page does not exist, or you do not have access to it.',
    ]);
  });

  test('releases its quota when it is cancelled', async () => {
    const { ada, at, page, make } = await workspace();
    await make('slow', 'worker', 'start');
    const id = fieldOn(await page(), 'id');
    expect((await ada.post(`${at}/resources/cancel`, { id })).status).toBe(303);
    expect((await page()).text).toContain('CPU 0 used, 0 reserved');
    expect((await ada.post(`${at}/resources/finish`, { id })).status).toBe(404);
  });

  test('that has expired holds no quota, and can be finished if the quota allows it', async () => {
    const { desk, ada, at, page, make } = await workspace();
    await make('slow', 'database', 'start');
    const id = fieldOn(await page(), 'id');
    desk.clock.advance(10 * 60_000);
    const late = await page();
    expect(late.text).toContain('CPU 0 used, 0 reserved');
    expect(late.text).toContain('Reservation expired at');
    expect((await ada.post(`${at}/resources/finish`, { id })).status).toBe(303);
    expect((await page()).text).toContain('CPU 1 used, 0 reserved');
  });

  test('that has expired cannot be finished if the quota is used up, and can be cancelled', async () => {
    const { desk, ada, at, page, make } = await workspace();
    await make('slow', 'database', 'start');
    const id = fieldOn(await page(), 'id');
    desk.clock.advance(10 * 60_000);
    for (const name of ['a', 'b', 'c', 'd']) await make(name);
    const refused = await ada.post(`${at}/resources/finish`, { id });
    expect(refused.status).toBe(409);
    expect(refused.alert).toContain('The reservation expired, and the quota has no room for it any more.');
    expect((await ada.post(`${at}/resources/cancel`, { id })).status).toBe(303);
    expect((await page()).text).toContain('CPU 4 used, 0 reserved');
  });

  test('that has expired and was forgotten still cannot be cancelled by a developer', async () => {
    const { desk, ada, at, page, make } = await workspace();
    const ben = await desk.signedIn('Ben');
    await ben.accept(await ada.invite(at));
    await make('slow', 'database', 'start');
    const id = fieldOn(await page(), 'id');
    const cancel = async (who: typeof ada) => {
      const { status, alert } = await who.post(`${at}/resources/cancel`, { id });
      return [status, alert];
    };
    const refused = [403, 'Your role (developer) does not allow this.'];
    expect(await cancel(ben)).toEqual(refused);
    // long enough that the charge is forgotten and the sessions have expired
    desk.clock.advance(25 * 60 * 60_000);
    const [late, again] = [await desk.signedIn('Ada'), await desk.signedIn('Ben')];
    await late.post(`${at}/resources`, { name: 'other', kind: 'cache', how: 'create' });
    expect(await cancel(again)).toEqual(refused);
    expect((await late.get(`${at}/resources`)).text).toContain('slow Database');
    expect(await cancel(late)).toEqual([303, '']);
  });

  test('a ready resource cannot be cancelled and keeps its quota', async () => {
    const { ada, at, page, make } = await workspace();
    await make('main');
    const id = fieldOn(await page(), 'id');
    expect((await ada.post(`${at}/resources/cancel`, { id })).status).toBe(404);
    expect((await page()).text).toContain('CPU 1 used, 0 reserved');
  });
});

test('the list has pages', async () => {
  const desk = await openDesk({ pageSize: 2 });
  const ada = await desk.signedIn('Ada');
  const at = await ada.create('hello');
  for (const name of ['one', 'two', 'three']) await ada.post(`${at}/resources`, { name, kind: 'cache' });
  const first = await ada.get(`${at}/resources`);
  expect(first.text).not.toContain('three');
  const second = await ada.get(/href="([^"]+)">More resources/.exec(first.body)?.[1] ?? '');
  expect(second.text).toContain('three Cache');
  expect(second.body).not.toContain('More resources');
});

test('W-08 a suspended workspace shows why, and refuses what is added', async () => {
  const desk = await openDesk();
  const ada = await desk.signedIn('Ada');
  const at = await ada.create('hello');
  await desk.workspaces.suspendWorkspace(
    { operator: 'billing' },
    { workspaceId: at.slice(3), reason: 'unpaid' },
  );
  expect((await ada.get(at)).body).toContain('hello is suspended: unpaid.');
  const refused = await ada.post(`${at}/resources`, { name: 'x', kind: 'cache', how: 'create' });
  expect([refused.status, refused.alert]).toEqual([403, 'This workspace is suspended: unpaid.']);
});

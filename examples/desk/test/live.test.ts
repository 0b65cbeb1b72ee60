// The event stream: which people receive a change, and which do not.
import { sql } from 'kysely';
import { countingIds, createTestWorkspaces } from 'tenantry/testing';
import { describe, expect, test, vi } from 'vitest';
import { createLive } from '../src/live.js';
import { ORIGIN, openDesk, type TestDesk, type Visitor } from './desk.js';

/** Reads the stream of a person. */
async function listen({ app }: TestDesk, visitor: Visitor) {
  const response = await app.request(`${ORIGIN}/live`, { headers: { cookie: visitor.cookie() } });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (response.status !== 200 || reader === undefined) throw new Error(`refused: ${response.status}`);
  let text = '';
  const more = async (): Promise<boolean> => {
    const { done, value = '' } = await reader.read();
    text += value;
    return !done;
  };
  await more(); // wait until it is open

  return {
    text: () => text,
    close: () => reader.cancel(),
    /** The distinct paths notified so far, up to and including this one. */
    async until(path: string): Promise<readonly string[]> {
      while (!text.includes(`"${path.slice(3)}"`) && (await more()));
      return pathsIn(text);
    },
    async end(): Promise<readonly string[]> {
      while (await more());
      return pathsIn(text);
    },
  };
}

function pathsIn(text: string): readonly string[] {
  const paths = [...text.matchAll(/^event: changed\ndata: (.*)$/gm)].map(([, data = '']) => {
    const { workspaceId, ...rest } = JSON.parse(data) as Record<string, string>;
    expect(rest).toEqual({});
    return `/w/${workspaceId ?? ''}`;
  });
  return [...new Set(paths)];
}

async function team() {
  const desk = await openDesk();
  const [ada, ben, eve] = [
    await desk.signedIn('Ada'),
    await desk.signedIn('Ben'),
    await desk.signedIn('Eve'),
  ];
  const at = await ada.create('hello');
  await ben.accept(await ada.invite(at));
  return { desk, ada, ben, eve, at };
}

test('notifies members which workspace changed, without details', async () => {
  const { desk, ada, ben, at } = await team();
  const stream = await listen(desk, ben);
  await ada.post(`${at}/rename`, { name: 'a secret plan' });

  expect(await stream.until(at)).toEqual([at]);
  expect(stream.text()).toBe(
    `retry: 2000\n: open\n\nevent: changed\ndata: {"workspaceId":"${at.slice(3)}"}\n\n`,
  );
});

test('does not notify people who are not members', async () => {
  const { desk, ada, eve, at } = await team();
  const stream = await listen(desk, eve);
  await ada.post(`${at}/rename`, { name: 'world' });
  await ada.invite(at);
  await ada.post(`${at}/resources`, { name: 'main', kind: 'cache', how: 'create' });

  const own = await eve.create('own');
  expect(await stream.until(own)).toEqual([own]);
});

test('notifies a removed member of the removal, and of nothing after it', async () => {
  const { desk, ada, ben, at } = await team();
  const stream = await listen(desk, ben);
  await ada.post(`${at}/members/remove`, { userId: ben.id() });
  expect(await stream.until(at)).toEqual([at]);
  const soFar = stream.text();

  await ada.post(`${at}/rename`, { name: 'world' });
  await ada.post(`${at}/delete`, { confirmName: 'world' });
  const own = await ben.create('own');
  await stream.until(own);
  expect(stream.text().slice(soFar.length)).not.toContain(at.slice(3));
});

test('notifies a new member of joining, and of later changes', async () => {
  const { desk, ada, eve, at } = await team();
  const stream = await listen(desk, eve);
  await eve.accept(await ada.invite(at));
  expect(await stream.until(at)).toEqual([at]);
});

test('notifies all members of a deletion, although no members are left', async () => {
  const { desk, ada, ben, at } = await team();
  const stream = await listen(desk, ben);
  // memberships are loaded after the stream has opened
  await ben.get(at);
  await ada.post(`${at}/delete`, { confirmName: 'hello' });
  expect(await stream.until(at)).toEqual([at]);
});

test('notifies of quota changes and of the person’s own switches', async () => {
  const { desk, ada, ben, at } = await team();
  const personal = (await desk.workspaces.listWorkspaces({ userId: ben.id() })).items[0]?.workspace.id ?? '';
  const stream = await listen(desk, ben);
  await ada.post(`${at}/resources`, { name: 'main', kind: 'cache', how: 'start' });
  expect(await stream.until(at)).toEqual([at]);
  await ben.post('/switch', { workspaceId: personal });
  expect(await stream.until(`/w/${personal}`)).toEqual([at, `/w/${personal}`]);
});

describe('a stream', () => {
  test('needs a session, and is not opened by HEAD', async () => {
    const { desk, ada } = await team();
    expect((await desk.app.request(`${ORIGIN}/live`)).status).toBe(401);
    const headers = { cookie: ada.cookie() };
    expect((await desk.app.request(`${ORIGIN}/live`, { method: 'HEAD', headers })).status).toBe(405);
    expect(desk.live.size).toBe(0);
  });

  test('removes its listener when it is closed', async () => {
    const { desk, ada, ben } = await team();
    const streams = [await listen(desk, ada), await listen(desk, ben), await listen(desk, ben)];
    expect(desk.live.size).toBe(3);
    for (const { close } of streams) await close();
    expect(desk.live.size).toBe(0);
  });

  test('ends when its person signs out, and when the desk closes', async () => {
    const { desk, ada, ben } = await team();
    const [first, second] = [await listen(desk, ada), await listen(desk, ben)];
    await ada.post('/sign-out');
    expect(await first.end()).toEqual([]);
    expect(desk.live.size).toBe(1);
    desk.live.endAll();
    await second.end();
    expect(desk.live.size).toBe(0);
  });

  test('is limited for all people together', async () => {
    const desk = await openDesk({ streams: 2 });
    const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben')];
    const first = await listen(desk, ada);
    await listen(desk, ada);
    const third = await desk.app.request(`${ORIGIN}/live`, { headers: { cookie: ben.cookie() } });
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '30']);
    await first.close();
    await first.close();
    await listen(desk, ben);
    expect(desk.live.size).toBe(2);
    desk.live.endAll();
    expect(desk.live.size).toBe(0);
  });

  test('that is ended twice does not end the next one of its person', async () => {
    const { desk, ada } = await team();
    const [first, other] = [desk.live.open(ada.id()), desk.live.open('u-other')];
    if (typeof first === 'string' || typeof other === 'string') throw new Error('there is room');
    first.end();
    desk.live.open(ada.id());
    first.end();
    expect(desk.live.size).toBe(2);
    desk.live.endOf(ada.id());
    expect(desk.live.size).toBe(1);
  });

  test('checks a membership once for each person, not for each page', async () => {
    const { desk, ada, ben, at } = await team();
    const streams = [await listen(desk, ben), await listen(desk, ben), await listen(desk, ben)];
    const can = vi.spyOn(desk.workspaces, 'can');
    await ada.post(`${at}/rename`, { name: 'world' });
    for (const stream of streams) expect(await stream.until(at)).toEqual([at]);
    expect(can.mock.calls.map(([actor]) => actor)).toEqual([{ userId: ben.id() }]);
  });

  test('is limited for each person', async () => {
    const desk = await openDesk({ streamsPerUser: 2 });
    const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben')];
    const first = await listen(desk, ada);
    await listen(desk, ada);
    const third = await desk.app.request(`${ORIGIN}/live`, { headers: { cookie: ada.cookie() } });
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '30']);
    await listen(desk, ben);
    await first.close();
    await listen(desk, ada);
  });
});

describe('membership checks', () => {
  test('are skipped for people who were never members', async () => {
    const { desk, ada, ben, eve, at } = await team();
    const others = await Promise.all(['Max', 'Kim', 'Lou'].map((name) => desk.signedIn(name)));
    const streams = await Promise.all([ben, eve, ...others].map((each) => listen(desk, each)));
    const can = vi.spyOn(desk.workspaces, 'can');
    const asked = () => can.mock.calls.map(([actor]) => ('userId' in actor ? actor : { userId: '' }));

    await ada.post(`${at}/rename`, { name: 'world' });
    await ada.post(`${at}/resources`, { name: 'main', kind: 'cache', how: 'create' });
    // each person's last change is notified last, after all earlier checks
    const own = await ben.create('own');
    const other = await eve.create('other');
    expect(await streams[0]?.until(own)).toEqual([at, own]);
    expect(await streams[1]?.until(other)).toEqual([other]);
    // Ben's: the rename, the reserved and then committed quota, and his own
    const [benOnly, eveOnly] = [{ userId: ben.id() }, { userId: eve.id() }];
    expect(asked()).toEqual([benOnly, benOnly, benOnly, benOnly, eveOnly]);

    can.mockClear();
    await eve.accept(await ada.invite(at));
    expect(await streams[1]?.until(at)).toEqual([other, at]);
    expect(asked()).toContainEqual(eveOnly);
    expect(asked().filter(({ userId }) => userId !== ben.id() && userId !== eve.id())).toEqual([]);
  });

  test('include people who create a workspace or receive one', async () => {
    const { desk, ada, ben, at } = await team();
    const stream = await listen(desk, ben);
    const own = await ben.create('own');
    expect(await stream.until(own)).toEqual([own]);
    await ada.post(`${at}/members/transfer`, { userId: ben.id(), confirm: 'yes' });
    expect(await stream.until(at)).toEqual([own, at]);
  });

  test('include people who rejoin before their removal was processed', async () => {
    const { desk, ada, ben, at } = await team();
    const stream = desk.live.open(ben.id());
    if (typeof stream === 'string') throw new Error('there is room');
    const pathsUntil = async (path: string): Promise<readonly string[]> => {
      const paths: string[] = [];
      while (!paths.includes(path)) paths.push(...((await stream.next()) ?? []).map((id) => `/w/${id}`));
      return paths;
    };
    await pathsUntil(await ben.create('first'));

    const [answered, late] = [gate(), gate()];
    const ask = desk.workspaces.can.bind(desk.workspaces);
    vi.spyOn(desk.workspaces, 'can').mockImplementationOnce(async (...question) => {
      const answer = await ask(...question);
      answered.open();
      await late.opened;
      return answer;
    });
    await ada.post(`${at}/members/remove`, { userId: ben.id() });
    await answered.opened;
    await ben.accept(await ada.invite(at));
    late.open();
    await pathsUntil(await ben.create('second'));

    await ada.post(`${at}/rename`, { name: 'world' });
    expect(await pathsUntil(await ben.create('third'))).toContain(at);
  });

  test('include everyone while memberships cannot be read', async () => {
    const { desk, ada, ben, at } = await team();
    await sql`alter table tenantry_members rename to away`.execute(desk.db);
    const stream = desk.live.open(ben.id());
    if (typeof stream === 'string') throw new Error('there is room');
    // one connection: earlier queries are answered before this one
    await expect(desk.workspaces.listWorkspaces({ userId: ben.id() })).rejects.toThrow('storage');
    await sql`alter table away rename to tenantry_members`.execute(desk.db);
    await ada.post(`${at}/rename`, { name: 'world' });
    expect(await stream.next()).toEqual([at.slice(3)]);
  });
});

test('notifies of a removal after joining through another process', async () => {
  const { workspaces, storage } = createTestWorkspaces();
  const { workspaces: elsewhere } = createTestWorkspaces({ storage, ids: countingIds('elsewhere') });
  const [ada, ben] = [{ userId: 'ada' }, { userId: 'ben' }];
  await workspaces.openAccount({ ...ada, username: 'Ada' });
  await workspaces.openAccount({ ...ben, username: 'Ben' });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
  const live = createLive(workspaces, { streamsPerUser: 2, streams: 2 });
  const stream = live.open('ben');
  if (typeof stream === 'string') throw new Error('there is room');
  await workspaces.createWorkspace(ben, { name: 'own' });
  await stream.next();

  await elsewhere.acceptInvitation(ben, { token });
  await workspaces.removeMember(ada, { workspaceId, userId: 'ben' });
  expect(await stream.next()).toEqual([workspaceId]);

  // or, if still a member, of everything from the next opened page on
  const { token: another } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
  await elsewhere.acceptInvitation(ben, { token: another });
  live.open('ben');
  await workspaces.renameWorkspace(ada, { workspaceId, name: 'world' });
  expect(await stream.next()).toEqual([workspaceId]);
});

test('notifies of workspaces beyond the first page of the list', async () => {
  const { workspaces } = createTestWorkspaces();
  const ada = { userId: 'ada' };
  await workspaces.openAccount({ userId: 'ada', username: 'Ada' });
  const ids: string[] = [];
  for (let number = 0; number < 450; number++) {
    ids.push((await workspaces.createWorkspace(ada, { name: `team ${number}` })).id);
  }
  const live = createLive(workspaces, { streamsPerUser: 1, streams: 1 });
  const stream = live.open('ada');
  if (typeof stream === 'string') throw new Error('there is room');
  for (const workspaceId of ids) {
    await workspaces.deleteWorkspace(ada, { workspaceId });
    expect(await stream.next()).toEqual([workspaceId]);
  }
});

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

// The event stream: who is told that something changed, and who is not.
import { describe, expect, test, vi } from 'vitest';
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
  await more(); // it is open

  return {
    text: () => text,
    close: () => reader.cancel(),
    /** Everywhere that was told, up to and with this path: each once. */
    async until(path: string): Promise<readonly string[]> {
      while (!text.includes(`"${path.slice(3)}"`) && (await more()));
      return toldIn(text);
    },
    async end(): Promise<readonly string[]> {
      while (await more());
      return toldIn(text);
    },
  };
}

function toldIn(text: string): readonly string[] {
  const told = [...text.matchAll(/^event: changed\ndata: (.*)$/gm)].map(([, data = '']) => {
    const { workspaceId, ...rest } = JSON.parse(data) as Record<string, string>;
    expect(rest).toEqual({});
    return `/w/${workspaceId ?? ''}`;
  });
  return [...new Set(told)];
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

test('a member is told where something changed, and not what', async () => {
  const { desk, ada, ben, at } = await team();
  const stream = await listen(desk, ben);
  await ada.post(`${at}/rename`, { name: 'a secret plan' });

  expect(await stream.until(at)).toEqual([at]);
  expect(stream.text()).toBe(
    `retry: 2000\n: open\n\nevent: changed\ndata: {"workspaceId":"${at.slice(3)}"}\n\n`,
  );
});

test('a stranger is told nothing', async () => {
  const { desk, ada, eve, at } = await team();
  const stream = await listen(desk, eve);
  await ada.post(`${at}/rename`, { name: 'world' });
  await ada.invite(at);
  await ada.post(`${at}/resources`, { name: 'main', kind: 'cache', how: 'create' });

  const own = await eve.create('own');
  expect(await stream.until(own)).toEqual([own]);
});

test('whoever is removed is told that, and nothing after it', async () => {
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

test('whoever joins is told, and from then on of what the others do', async () => {
  const { desk, ada, eve, at } = await team();
  const stream = await listen(desk, eve);
  await eve.accept(await ada.invite(at));
  expect(await stream.until(at)).toEqual([at]);
});

test('all members are told of a deletion, when there are no members any more', async () => {
  const { desk, ada, ben, at } = await team();
  const stream = await listen(desk, ben);
  // what they may look at is learned once the stream is open
  await ben.get(at);
  await ada.post(`${at}/delete`, { confirmName: 'hello' });
  expect(await stream.until(at)).toEqual([at]);
});

test('quota and the person’s own switches are told, too', async () => {
  const { desk, ada, ben, at } = await team();
  const personal = (await desk.workspaces.listWorkspaces({ userId: ben.id() })).items[0]?.workspace.id ?? '';
  const stream = await listen(desk, ben);
  await ada.post(`${at}/resources`, { name: 'main', kind: 'cache', how: 'start' });
  expect(await stream.until(at)).toEqual([at]);
  await ben.post('/switch', { workspaceId: personal });
  expect(await stream.until(`/w/${personal}`)).toEqual([at, `/w/${personal}`]);
});

describe('a stream', () => {
  test('is for those who are signed in, and is not opened by HEAD', async () => {
    const { desk, ada } = await team();
    expect((await desk.app.request(`${ORIGIN}/live`)).status).toBe(401);
    const headers = { cookie: ada.cookie() };
    expect((await desk.app.request(`${ORIGIN}/live`, { method: 'HEAD', headers })).status).toBe(405);
    expect(desk.live.size).toBe(0);
  });

  test('takes its listener with it when it is closed', async () => {
    const { desk, ada, ben } = await team();
    const streams = [await listen(desk, ada), await listen(desk, ben), await listen(desk, ben)];
    expect(desk.live.size).toBe(3);
    for (const { close } of streams) await close();
    expect(desk.live.size).toBe(0);
  });

  test('ends when its person signs out, and all end when the desk closes', async () => {
    const { desk, ada, ben } = await team();
    const [first, second] = [await listen(desk, ada), await listen(desk, ben)];
    await ada.post('/sign-out');
    expect(await first.end()).toEqual([]);
    expect(desk.live.size).toBe(1);
    desk.live.endAll();
    await second.end();
    expect(desk.live.size).toBe(0);
  });

  test('is one of so many that all may have together', async () => {
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

  test('that is ended twice leaves the next one of its person alone', async () => {
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

  test('asks once for its person at each event, and not for each page of theirs', async () => {
    const { desk, ada, ben, at } = await team();
    const streams = [await listen(desk, ben), await listen(desk, ben), await listen(desk, ben)];
    const can = vi.spyOn(desk.workspaces, 'can');
    await ada.post(`${at}/rename`, { name: 'world' });
    for (const stream of streams) expect(await stream.until(at)).toEqual([at]);
    expect(can.mock.calls.map(([actor]) => actor)).toEqual([{ userId: ben.id() }]);
  });

  test('is one of few that a person may have', async () => {
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

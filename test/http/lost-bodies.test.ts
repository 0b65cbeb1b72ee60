// Bodies that would be lost in silence: sent where nothing reads them, or read before the API is asked.
import { describe, expect, test } from 'vitest';
import { workspaceApi } from '../../src/http/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada } from '../service/team.js';
import { as, jsonRequest, ORIGIN, problemIn } from './calls.js';
import { CHUNK, codeOf, create, endless, json, openedApi, source, valid } from './sources.js';

describe('H-07 a body where there is none', () => {
  test.each(['DELETE', 'GET'])(
    '%s: it is refused unread, so that a confirmation is not lost',
    async (method) => {
      const { workspaces, api, storage } = await openedApi();
      const { id } = await workspaces.createWorkspace(ada, { name: 'Core' });
      const before = storage.dump();
      const { told, body } = source(endless());
      const request = {
        method,
        url: `${ORIGIN}/workspaces/${id}`,
        headers: new Headers(as(ada)),
        body,
        bodyUsed: false,
      };
      // No fetch client sends GET with a body; a server may hand one over.
      const { code, detail } = await problemIn(await api.fetch(request as never));
      expect([code, detail]).toEqual([
        'INVALID_INPUT',
        'invalid input: body must be empty: the input of this route is its query',
      ]);
      expect(told).toEqual({ pulled: CHUNK, canceled: true });
      const announced = jsonRequest('DELETE', `/workspaces/${id}`, '', { ...as(ada), 'Content-Length': '9' });
      expect(await codeOf(api, announced)).toBe('INVALID_INPUT');
      expect(storage.dump()).toEqual(before);
    },
  );

  test('an empty one is none', async () => {
    const { workspaces, api } = await openedApi();
    const { id } = await workspaces.createWorkspace(ada, { name: 'Core' });
    expect((await api.fetch(jsonRequest('DELETE', `/workspaces/${id}`, '', as(ada)))).status).toBe(204);
  });
});

describe('H-07 a body that something has read before', () => {
  async function withReports() {
    const reports: unknown[] = [];
    const { workspaces, storage } = createTestWorkspaces();
    await workspaces.openAccount({ ...ada, username: 'ada' });
    const api = workspaceApi({ workspaces, actor: () => ada, onError: (error) => reports.push(error) });
    return { api, storage, reports };
  }
  const readBefore: Readonly<Record<string, (request: Request) => unknown>> = {
    'all of it': (request) => request.text(),
    'a part of it': (request) => request.body?.getReader().read(),
    'all of it, and let go of it': async (request) => {
      const reader = request.body?.getReader();
      while ((await reader?.read())?.done === false);
      reader?.releaseLock();
      expect([request.bodyUsed, request.body?.locked]).toEqual([true, false]);
    },
    'none of it yet, but it holds it': (request) => request.body?.getReader(),
  };

  test.each(Object.entries(readBefore))(
    '%s: is a mistake of the host, told to the host; it neither hangs nor looks empty',
    async (_, read) => {
      const { api, storage, reports } = await withReports();
      const before = storage.dump();
      const request = create(valid);
      await read(request);
      expect(await codeOf(api, request)).toBe('INTERNAL');
      expect(reports).toEqual([
        expect.objectContaining({ message: expect.stringContaining('read before') as string }),
      ]);
      expect(storage.dump()).toEqual(before);
    },
  );

  test('by the actor function', async () => {
    const { workspaces } = createTestWorkspaces();
    const reports: unknown[] = [];
    const api = workspaceApi({
      workspaces,
      onError: (error) => reports.push(error),
      actor: async (request) => {
        await request.json();
        return ada;
      },
    });
    expect(await codeOf(api, create(valid))).toBe('INTERNAL');
    expect(reports).toHaveLength(1);
  });

  test('in a server underneath: fewer bytes came than were announced, and that is said', async () => {
    const { api, storage, reports } = await withReports();
    const before = storage.dump();
    const request = create(source([]).body, { ...json, 'Content-Length': String(valid.length) });
    const { code, detail } = await problemIn(await api.fetch(request));
    expect(code).toBe('INVALID_INPUT');
    expect(detail).toBe('invalid input: body was announced and is empty: did something read it before?');
    expect(reports).toEqual([]);
    expect(storage.dump()).toEqual(before);
  });

  test('a copy of it may be read', async () => {
    const { api } = await withReports();
    const request = create(valid);
    await request.clone().text();
    expect((await api.fetch(request)).status).toBe(201);
  });
});

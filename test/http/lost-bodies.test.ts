// Bodies that would be lost silently: sent where no body is read, or read before the API gets the request.
import { describe, expect, test } from 'vitest';
import { workspaceApi } from '../../src/http/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada } from '../service/team.js';
import { as, jsonRequest, ORIGIN, problemIn } from './calls.js';
import { CHUNK, codeOf, create, endless, json, openedApi, source, valid } from './sources.js';

describe('H-07 a body on a route without one', () => {
  test.each(['DELETE', 'GET'])(
    '%s: is rejected unread, so that a confirmation is not lost',
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
      // No fetch client sends GET with a body, but a server may pass one on.
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

  test('is allowed if it is empty', async () => {
    const { workspaces, api } = await openedApi();
    const { id } = await workspaces.createWorkspace(ada, { name: 'Core' });
    expect((await api.fetch(jsonRequest('DELETE', `/workspaces/${id}`, '', as(ada)))).status).toBe(204);
  });
});

describe('H-07 a body that was read before', () => {
  async function withReports() {
    const reports: unknown[] = [];
    const { workspaces, storage } = createTestWorkspaces();
    await workspaces.openAccount({ ...ada, username: 'ada' });
    const api = workspaceApi({ workspaces, actor: () => ada, onError: (error) => reports.push(error) });
    return { api, storage, reports };
  }
  const readBefore: Readonly<Record<string, (request: Request) => unknown>> = {
    entirely: (request) => request.text(),
    partly: (request) => request.body?.getReader().read(),
    'entirely, with the lock released': async (request) => {
      const reader = request.body?.getReader();
      while ((await reader?.read())?.done === false);
      reader?.releaseLock();
      expect([request.bodyUsed, request.body?.locked]).toEqual([true, false]);
    },
    'not yet, but locked': (request) => request.body?.getReader(),
  };

  test.each(Object.entries(readBefore))(
    '%s: is INTERNAL and reported to the app; it neither hangs nor looks empty',
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

  test('by the actor function is INTERNAL and reported', async () => {
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

  test('in the server: fewer bytes than announced are reported', async () => {
    const { api, storage, reports } = await withReports();
    const before = storage.dump();
    const request = create(source([]).body, { ...json, 'Content-Length': String(valid.length) });
    const { code, detail } = await problemIn(await api.fetch(request));
    expect(code).toBe('INVALID_INPUT');
    expect(detail).toBe(
      'invalid input: body is empty although the headers announce one: was it already read?',
    );
    expect(reports).toEqual([]);
    expect(storage.dump()).toEqual(before);
  });

  test('as a copy is no problem', async () => {
    const { api } = await withReports();
    const request = create(valid);
    await request.clone().text();
    expect((await api.fetch(request)).status).toBe(201);
  });
});

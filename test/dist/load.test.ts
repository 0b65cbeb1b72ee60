// The API of the desk under load: 64 connections, mixed reads and writes, on real servers over loopback.
import { describe, expect, test } from 'vitest';
import { rounds } from '../campaign.js';
import { onNewDatabase, servers } from '../../examples/desk/test/servers.js';
import { crowd } from './load/crowd.js';
import { serveDesk, signInAt } from './load/serve.js';

const CONNECTIONS = 64;
const REQUESTS = rounds(3000, 60_000);

describe.each(servers)('the API on $name', (server) => {
  test(`W-07 ${CONNECTIONS} connections, ${REQUESTS} requests: no 5xx, and no invariant is violated at the end`, async () => {
    await onNewDatabase(server, async (url) => {
      const desk = await serveDesk(url);
      try {
        const tally = await crowd({
          base: desk.base,
          signIn: (name) => signInAt(desk.base, name),
          connections: CONNECTIONS,
          goesOn: (requests) => requests < REQUESTS,
        });
        expect(tally.failures).toEqual([]);
        expect(desk.log).toEqual([]);
        // Not only refusals: some users joined, and some were refused.
        expect(tally.answers.get('acceptInvitation 200')).toBeGreaterThan(0);
        expect(tally.answers.get('acceptInvitation 410 INVITATION_USED')).toBeGreaterThan(0);
        expect(tally.answers.get('deleteWorkspace 204')).toBeGreaterThan(0);
        expect(tally.answers.get('createResource 201')).toBeGreaterThan(0);
        expect(await desk.unsound()).toEqual([]);
      } finally {
        await desk.close();
      }
    });
  });
});

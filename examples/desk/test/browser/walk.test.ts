// The whole way through the desk: with and without a script, on SQLite and on a server.
import { describe, expect, test } from 'vitest';
import { onNewDatabase, servers } from '../servers.js';
import { startDesk } from '../program.js';
import { raceForLink } from './race.js';
import { onStage } from './stage.js';
import { walkSevenSteps } from './walk.js';

onStage((stage) => {
  test('seven steps: create, switch, invite, send, accept, work, be rejected', () => walkSevenSteps(stage));

  test('the same seven steps without JavaScript', () => walkSevenSteps(stage, { hasScript: false }));

  const postgres = servers.filter(({ name }) => name === 'PostgreSQL');
  describe.each(postgres)('on $name', (server) => {
    test('I-12 the seven steps, and a race for a link for one', () =>
      onNewDatabase(server, async (url) => {
        const desk = await startDesk({ databaseUrl: url });
        try {
          await stage.playAt(desk, async () => {
            await walkSevenSteps(stage);
            const { results, joined } = await raceForLink(stage, 1);
            expect([...results].sort()).toEqual(['in', 'used']);
            expect(joined).toBe(1);
          });
        } finally {
          await desk.stop();
        }
      }));
  });
});

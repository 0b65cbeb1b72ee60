// The whole way through the desk: with a script and without, on a file and on a server.
import { describe, expect, test } from 'vitest';
import { onNewDatabase, servers } from '../examples/servers.js';
import { startDesk } from './desk.js';
import { raceForLink } from './race.js';
import { onStage } from './stage.js';
import { walkSevenSteps } from './walk.js';

onStage((stage) => {
  test('seven steps: create, switch, invite, send, accept, work, be refused', () => walkSevenSteps(stage));

  test('the same without JavaScript, by forms alone', () => walkSevenSteps(stage, { hasScript: false }));

  const postgres = servers.filter(({ name }) => name === 'PostgreSQL');
  describe.each(postgres)('on $name', (server) => {
    test('I-12 the seven steps, and the race for a link that is for one', () =>
      onNewDatabase(server, async (url) => {
        const desk = await startDesk(url);
        try {
          await stage.playAt(desk, async () => {
            await walkSevenSteps(stage);
            const { told, joined } = await raceForLink(stage, 1);
            expect([...told].sort()).toEqual(['in', 'used']);
            expect(joined).toBe(1);
          });
        } finally {
          await desk.stop();
        }
      }));
  });
});

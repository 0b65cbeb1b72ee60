// Writes the screenshots in docs/desk. Names and times are fixed, so that only a new design changes a picture. The
// random token of a link is replaced before its picture is taken.
import type { Server } from 'node:http';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { connect } from '../../src/connect.js';
import { createDesk } from '../../src/app.js';
import { keysOf } from '../../src/secret.js';
import { createDeskTables } from '../../src/tables.js';
import { launchBrowser } from './browser.js';
import { createPerson, type Person, type PersonOptions } from './person.js';
import { bring, createResource, createWorkspace, invite, send } from './setup.js';
import { button, field, heading, link, openSwitcher, row, see } from './steps.js';

const folder = fileURLToPath(new URL('../../../../docs/desk', import.meta.url));
/** The link that the pictures show. The browser uses the real one. */
const shownLink = `https://desk.example/join#eyJhbGciOiJIUzI1NiIsImtpZCI6ImRlc2siLCJ0eXAiOiJpbnZpdGF0aW9uK2p3dCJ9`;
/** The colours of the wallpaper without its diagonal, which would make each PNG four times as large. */
const walls = {
  light: 'linear-gradient(#d9e6ff, #eef2fa 45%, #e9e0fb)',
  dark: 'linear-gradient(#0d1426, #141a2c 45%, #221a38)',
};
const MINUTE = 60_000;

let now = Date.parse('2026-03-02T09:00:00Z');
const clock = { now: () => now, sleep: () => Promise.resolve() };

const { db, dialect } = await connect('memory:', createDeskTables);
const keys = keysOf('a secret that is good for pictures alone');
// Links contain the address, which is known only once the server listens.
const server = serve({
  fetch: (request, env) => desk.app.fetch(request, env),
  hostname: '127.0.0.1',
  port: 0,
}) as Server;
await new Promise((resolve) => server.once('listening', resolve));
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('the server has no port');
const origin = `http://127.0.0.1:${address.port}`;
const desk = createDesk({ db, dialect, keys, origin, clock });
const browser = await launchBrowser();
await mkdir(folder, { recursive: true });

try {
  await play();
} finally {
  await browser.close();
  desk.live.endAll();
  server.close();
  server.closeAllConnections();
  await db.destroy();
}

async function play(): Promise<void> {
  const ada = await appear('Ada Lovelace');
  const ben = await appear('Ben Ohm');
  const cleo = await appear('Cleo Curie');
  later(1);
  const weather = await createWorkspace(cleo, 'Weather Lab');
  await bring(cleo, weather, { person: ada, role: 'manager' });
  later(7);
  const engine = await createWorkspace(ada, 'Analytical Engine');
  later(12);
  await bring(ada, engine, { person: ben, role: 'developer' });
  later(5);
  await bring(ada, engine, { person: cleo, role: 'developer' });
  later(2);
  await send(ada, `${engine}/members/role`, { userId: await idOf(ada, engine, cleo.name), role: 'manager' });
  later(18);
  await createResource(ada, engine, { name: 'punch cards', kind: 'database' });
  later(1);
  await createResource(cleo, engine, { name: 'mill', kind: 'worker' });
  later(2);
  await createResource(ada, engine, { name: 'store', kind: 'database', how: 'start' });
  await invite(ada, engine, { role: 'manager', email: 'grace@example.org' });
  later(1);
  const url = await invite(ada, engine);

  await ada.page.goto(engine);
  await openSwitcher(ada);
  await shoot(ada, 'desktop');
  await ada.page.goto('/workspaces');
  await shoot(ada, 'workspaces');
  await ada.page.goto(`${engine}/members`);
  await shoot(ada, 'members');
  await ada.page.goto(`${engine}/invite`);
  await shoot(ada, 'invite');
  await button(ada, 'Create link').click();
  await see(field(ada, 'Link to send'));
  await ada.page.evaluate(`document.querySelector('#link').value = '${shownLink}'`);
  await shoot(ada, 'link');

  const dora = await appear('Dora Noether');
  await dora.page.goto(url);
  await see(heading(dora, 'Join Analytical Engine'));
  await shoot(dora, 'invitation');

  await ada.page.goto(`${engine}/resources`);
  await see(row(ada, 'store'));
  await shoot(ada, 'resources');
  await ada.page.goto(`${engine}/activity`);
  await shoot(ada, 'activity');
  await ada.page.goto(engine);
  await link(ada, 'API').click();
  await see(heading(ada, 'API'));
  await ada.page.evaluate(
    `for (const code of document.querySelectorAll('code')) {
       code.textContent = code.textContent.replace(/ws-[a-z0-9]{16}/, 'ws-k3x9q0v7m2c8d4ta');
     }`,
  );
  // a long page: its upper part is enough
  await ada.page.setViewportSize({ width: 1280, height: 620 });
  await shoot(ada, 'api');

  await ada.page.setViewportSize({ width: 1280, height: 800 });
  const draft = await createWorkspace(ada, 'First draft');
  later(3);
  await send(ada, `${draft}/delete`, { confirmName: 'First draft' });
  await ada.page.goto('/workspaces');
  await see(row(ada, 'First draft'));
  await shoot(ada, 'deleted');
  await ada.page.goto('/account');
  await shoot(ada, 'account');

  const dark = await appear('Ada Lovelace', { colorScheme: 'dark' });
  await dark.page.goto(engine);
  await openSwitcher(dark);
  await shoot(dark, 'desktop-dark', walls.dark);
  const narrow = await appear('Ada Lovelace', { width: 360 });
  await narrow.page.goto(`${engine}/members`);
  await shoot(narrow, 'members-narrow');
}

async function appear(name: string, options: PersonOptions = {}): Promise<Person> {
  const person = await createPerson(browser, { ...options, name, origin });
  await send(person, '/sign-in', { name });
  return person;
}

async function shoot({ page }: Person, name: string, wall = walls.light): Promise<void> {
  await page.evaluate(`document.documentElement.style.setProperty('--wall', '${wall}')`);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

function later(minutes: number): void {
  now += minutes * MINUTE;
}

async function idOf(person: Person, workspace: string, name: string): Promise<string> {
  await person.page.goto(`${workspace}/members`);
  return (await row(person, name).getAttribute('data-key')) ?? '';
}

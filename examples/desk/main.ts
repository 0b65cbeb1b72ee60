// Opens the desk: `npm start`. PORT, HOST, PUBLIC_URL, DATABASE_URL and DESK_SECRET say how; none of them must be set.
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { connect } from '../connect.js';
import { DatabaseError } from '../database.js';
import { reasonOf } from '../words.js';
import { createDesk, type Desk } from './app.js';
import { keysOf, readSecret } from './secret.js';
import { createDeskTables } from './tables.js';

const { PORT, HOST = '127.0.0.1', PUBLIC_URL, DATABASE_URL, DESK_SECRET } = process.env;
const PORT_WITHOUT_WISH = 3000;

try {
  await open();
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = error instanceof DatabaseError && error.isUsage ? 2 : 1;
}

async function open(): Promise<void> {
  const wished = PORT ? portOf(PORT) : null;
  const publicOrigin = PUBLIC_URL ? originOf(PUBLIC_URL) : null;
  const keys = keysOf(readSecret('desk.secret', DESK_SECRET));
  const { db, dialect, name } = await connect(DATABASE_URL || 'sqlite:desk.sqlite', createDeskTables);
  let desk: Desk | undefined;
  // The address is known once it listens, and links are made of it; nothing is answered in between.
  const server = createAdaptorServer({
    fetch: (request, env) => desk?.app.fetch(request, env) ?? new Response(null, { status: 503 }),
  }) as Server;
  try {
    const port = await listen(server, wished);
    const address = `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`;
    const origin = publicOrigin ?? address;
    desk = createDesk({ db, dialect, keys, origin, address });
    console.log(`The desk is open at ${origin}`);
    console.log(`It keeps what you do in ${name}.`);
    console.log('Sign in with any name; in a private window you can be somebody else. Ctrl+C closes it.');
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const opened = desk;
  const stop = async (): Promise<void> => {
    await close(server, opened);
    await db.destroy();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}

/** On the port that was asked for; without a wish, on 3000 or, where that is taken, on a free one. */
async function listen(server: Server, wished: number | null): Promise<number> {
  if (wished !== null) return listenOn(server, wished);
  try {
    return await listenOn(server, PORT_WITHOUT_WISH);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    return listenOn(server, 0);
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Answers what was asked, tells the pages that listen to come back later, and takes nothing new. */
async function close(server: Server, { live }: Desk): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  live.endAll();
  // A page that listened keeps its connection for the next request, which will not be answered here. One that a browser
  // opened to spare and never used does not count as idle, so after a while whatever is left is cut.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const patience = setTimeout(() => server.closeAllConnections(), 1000);
  await closed;
  clearInterval(idle);
  clearTimeout(patience);
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT must be a number from 0 to 65535, and is '${text}'`);
}

function originOf(url: string): string {
  const { protocol, origin } = URL.canParse(url) ? new URL(url) : { protocol: '', origin: '' };
  if (protocol === 'http:' || protocol === 'https:') return origin;
  throw new Error(`PUBLIC_URL must be as 'https://desk.example', and is '${url}'`);
}

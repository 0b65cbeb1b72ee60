// Starts the desk: `npm start`. Optional settings: PORT, HOST, PUBLIC_URL, DATABASE_URL and DESK_SECRET.
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { createDesk, type Desk } from './app.js';
import { DatabaseError, connect } from './connect.js';
import { reasonInOneLine, reasonOf } from './log.js';
import { daily } from './purge.js';
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
  const originOn = PUBLIC_URL ? publicOrigin(PUBLIC_URL) : ownOrigin();
  const keys = keysOf(readSecret('desk.secret', DESK_SECRET));
  const { db, dialect, name } = await connect(DATABASE_URL || 'sqlite:desk.sqlite', createDeskTables);
  let desk: Desk | undefined;
  // Links contain the address, which is known only once the server listens. Until then it answers 503.
  const server = createAdaptorServer({
    fetch: (request, env) => desk?.app.fetch(request, env) ?? new Response(null, { status: 503 }),
  }) as Server;
  try {
    const port = await listen(server, wished);
    const address = `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`;
    const origin = originOn(port);
    desk = createDesk({ db, dialect, keys, origin, address });
    console.log(`The desk is running at ${origin}`);
    console.log(`Data is stored in ${name}.`);
    console.log('Sign in with any name. To be a second person, use a private window. Press Ctrl+C to stop.');
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const opened = desk;
  const purging = daily(opened.purge, (error) => console.error(`purge: ${reasonInOneLine(error)}`));
  const stop = async (): Promise<void> => {
    await close(server, opened);
    await purging.stop();
    await db.destroy();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}

/** Listens on the given port. Without one, uses 3000, or a free port if 3000 is taken. */
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

/** Stops accepting requests, ends the live streams, and waits for open responses. */
async function close(server: Server, { live }: Desk): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  live.endAll();
  // Streams that end leave a keep-alive connection behind. A connection that a browser opened in advance and never used
  // does not count as idle, so all remaining connections are closed after a second.
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

type OriginOn = (port: number) => string;

function publicOrigin(url: string): OriginOn {
  const wrong = new Error(`PUBLIC_URL must be as 'https://desk.example', and is '${url}'`);
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw wrong;
  }
  const { protocol, origin, hostname } = parsed;
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return () => origin;
  throw wrong;
}

/** Without PUBLIC_URL links use http, and may then only lead to this machine. */
function ownOrigin(): OriginOn {
  const isAny = HOST === '0.0.0.0' || HOST === '::';
  const host = isAny ? 'localhost' : HOST.includes(':') ? `[${HOST}]` : HOST;
  if (isLoopback(host)) return (port) => `http://${host}:${port}`;
  throw new Error(`PUBLIC_URL must be given as an https: URL, because HOST is '${HOST}'`);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

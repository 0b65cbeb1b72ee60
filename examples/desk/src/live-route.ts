// The event stream of a page: it names the workspaces that changed, and nothing else.
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Live } from './live.js';
import type { DeskEnv } from './session.js';

/** Proxies close a connection that is silent for a minute. */
const HEARTBEAT_MS = 25_000;

/** After this time the script reconnects, and the cookie is checked again. */
const LONGEST_MS = 60 * 60_000;

export function liveRoute(live: Live): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.get('/live', (c) => {
    const { visitor } = c.var;
    // this handler also receives HEAD, whose stream would never be read or ended
    if (c.req.method !== 'GET') return c.body(null, 405, { Allow: 'GET' });
    if (visitor === null) return c.body(null, 401);
    const stream = live.open(visitor.id);
    if (stream === 'person') return c.body(null, 429, { 'Retry-After': '30' });
    if (stream === 'everyone') return c.body(null, 503, { 'Retry-After': '30' });
    c.header('X-Accel-Buffering', 'no'); // a proxy must not buffer
    return streamSSE(c, async (out) => {
      const heartbeat = setInterval(() => void out.write(': still here\n\n'), HEARTBEAT_MS);
      const longest = setTimeout(() => stream.end(), LONGEST_MS);
      out.onAbort(() => stream.end());
      // how long the script waits before it reconnects
      await out.write('retry: 2000\n: open\n\n');
      try {
        for (let changed = await stream.next(); changed !== null; changed = await stream.next()) {
          for (const workspaceId of changed) {
            await out.writeSSE({ event: 'changed', data: JSON.stringify({ workspaceId }) });
          }
        }
      } finally {
        clearInterval(heartbeat);
        clearTimeout(longest);
        stream.end();
      }
    });
  });
  return app;
}

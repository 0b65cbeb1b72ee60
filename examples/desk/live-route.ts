// The stream that a page listens to: which workspace changed, and nothing of what happened there.
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Live } from './live.js';
import type { DeskEnv } from './session.js';

/** Proxies cut what is silent for a minute. */
const HEARTBEAT_MS = 25_000;

/** Then the script opens another, and the cookie is looked at again. */
const LONGEST_MS = 60 * 60_000;

export function liveRoute(live: Live): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.get('/live', (c) => {
    const { visitor } = c.var;
    // HEAD is answered by the same function, and its stream would never be read or ended
    if (c.req.method !== 'GET') return c.body(null, 405, { Allow: 'GET' });
    if (visitor === null) return c.body(null, 401);
    const stream = live.open(visitor.id);
    if (stream === 'person') return c.body(null, 429, { 'Retry-After': '30' });
    if (stream === 'everybody') return c.body(null, 503, { 'Retry-After': '30' });
    c.header('X-Accel-Buffering', 'no'); // a proxy must not wait for more
    return streamSSE(c, async (out) => {
      const heartbeat = setInterval(() => void out.write(': still here\n\n'), HEARTBEAT_MS);
      const longest = setTimeout(() => stream.end(), LONGEST_MS);
      out.onAbort(() => stream.end());
      // the script comes back after so long when the stream is cut
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

// Hono: its context is handed to `actor`, with whatever your middleware put into it.
import { Hono, type Context } from 'hono';
import type { UserActor } from '../../../src/index.js';
import { workspaceApi } from '../../../src/http/index.js';
import { signedIn, workspaces } from './host.js';

type Env = { Variables: { user: UserActor | null } };

const api = workspaceApi({
  workspaces,
  basePath: '/api',
  actor: (_request, c: Context<Env>) => c.get('user'),
});

export const app = new Hono<Env>();
app.use(async (c, next) => {
  c.set('user', signedIn(c.req.header('Cookie')));
  await next();
});
app.all('/api/*', (c) => api.fetch(c.req.raw, c));

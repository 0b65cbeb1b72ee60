// The place of the JSON API: where it is mounted, and the page that tells about it.
import { Hono } from 'hono';
import type { Core } from './desk.js';
import { show } from './layout.js';
import { Crumbs } from './parts.js';
import { placeAt } from './place.js';
import type { SignedInEnv } from './session.js';

export function apiPages(core: Core): Hono<SignedInEnv> {
  const app = new Hono<SignedInEnv>();
  app.get('/w/:workspaceId/api', async (c) => {
    const { user } = c.var;
    const place = await placeAt(core, user, c.req.param('workspaceId'));
    const { id, name } = place.workspace;
    return show(
      c,
      { title: 'API', visitor: user, place },
      <>
        <Crumbs workspaceId={id} name={name} />
        <h1>API</h1>
        <p class="lead">Everything that these pages do, for programs.</p>
        <p>
          The id of this workspace is <code>{id}</code>.
        </p>
      </>,
    );
  });
  return app;
}

// The page that documents the HTTP API.
import { Hono } from 'hono';
import type { OpenApiDocument } from 'tenantry/http';
import type { Core } from './desk.js';
import { show } from './layout.js';
import { ApiReference } from './pages/api-reference.js';
import { Crumbs } from './parts.js';
import { placeAt } from './place.js';
import type { SignedInEnv } from './session.js';

export function apiPages(core: Core, document: OpenApiDocument): Hono<SignedInEnv> {
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
        <p class="lead">Everything that you can do on these pages, for programs.</p>
        <p>
          The id of this workspace is <code>{id}</code>.
        </p>
        <ApiReference document={document} />
      </>,
    );
  });
  return app;
}

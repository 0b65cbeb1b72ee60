// Express: a regular expression keeps the path as it is, and bodies are parsed behind the API, which reads its own.
import { getRequestListener } from '@hono/node-server';
import express, { type Request as ExpressRequest } from 'express';
import type { UserActor } from '../../../src/index.js';
import { workspaceApi } from '../../../src/http/index.js';
import { signedIn, workspaces } from './host.js';

type SignedIn = ExpressRequest & { user?: UserActor | null };

const api = workspaceApi({
  workspaces,
  basePath: '/api',
  actor: (_request, { user }: SignedIn) => user ?? null,
});

export const app = express();
app.use((request: SignedIn, _response, next) => {
  request.user = signedIn(request.headers.cookie);
  next();
});
app.all(/^\/api\//, (request: SignedIn, response) =>
  getRequestListener((webRequest) => api.fetch(webRequest, request))(request, response),
);
app.use(express.json());

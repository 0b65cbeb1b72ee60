// Fastify: the reply is left to the listener, and bodies are not parsed in this scope: the API reads its own.
import { getRequestListener } from '@hono/node-server';
import { fastify, type FastifyRequest } from 'fastify';
import { workspaceApi } from '../../../src/http/index.js';
import { signedIn, workspaces } from './host.js';

const api = workspaceApi({
  workspaces,
  basePath: '/api',
  actor: (_request, { headers }: FastifyRequest) => signedIn(headers.cookie),
});

export const app = fastify();
await app.register(async (scope) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _body, done) => done(null));
  scope.all('/api/*', async (request, reply) => {
    reply.hijack();
    await getRequestListener((webRequest) => api.fetch(webRequest, request))(request.raw, reply.raw);
  });
});

// Next.js: app/api/[...path]/route.ts
import { workspaceApi } from '../../../src/http/index.js';
import { signedIn, workspaces } from './host';

const api = workspaceApi({
  workspaces,
  basePath: '/api',
  actor: (request) => signedIn(request.headers.get('Cookie')),
});

// On the edge runtime Next.js adds the segments of `[...path]` to the query.
const serve = (request: Request) => {
  const url = new URL(request.url);
  url.searchParams.delete('path');
  return api.fetch(new Request(url, request));
};

export const GET = serve;
export const POST = serve;
export const PUT = serve;
export const PATCH = serve;
export const DELETE = serve;

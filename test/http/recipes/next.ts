// Next.js: app/api/[...path]/route.ts
import { workspaceApi } from '../../../src/http/index.js';
import { signedIn, workspaces } from './host';

const api = workspaceApi({
  workspaces,
  basePath: '/api',
  actor: (request) => signedIn(request.headers.get('Cookie')),
});
const serve = (request: Request) => api.fetch(request);

export const GET = serve;
export const POST = serve;
export const PUT = serve;
export const PATCH = serve;
export const DELETE = serve;

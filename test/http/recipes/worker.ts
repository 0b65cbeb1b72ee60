// A worker: the caller is known by a session token.
import { sessionActor, workspaceApi } from '../../../src/http/index.js';
import { workspaces } from './host.js';

const api = workspaceApi({ workspaces, actor: (request) => sessionActor(workspaces, request) });

export default { fetch: (request: Request) => api.fetch(request) };

// Who a request comes from, by the session token that `switchWorkspace` issued.
import type { UserActor } from '../domain/actor.js';
import { WorkspaceError } from '../errors.js';
import type { WorkspaceService } from '../service/workspace-service.js';

/**
 * The actor of a request with `Authorization: Bearer <session token>`: the user whom the token names; `null` where the
 * header is missing or of another scheme. The token's workspace grants nothing: each route names its own, and asks for
 * the membership there.
 *
 * @throws WorkspaceError `SESSION_INVALID`, `SESSION_EXPIRED`
 *
 * @example
 * ```ts
 * import { sessionActor } from 'tenantry/http';
 * import { createTestWorkspaces } from 'tenantry/testing';
 *
 * const { workspaces } = createTestWorkspaces();
 * const { workspace } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * const { token } = await workspaces.switchWorkspace({ userId: 'u1' }, { workspaceId: workspace.id });
 *
 * const headers = { Authorization: `Bearer ${token}` };
 * await sessionActor(workspaces, new Request('https://app.example/api', { headers })); // { userId: 'u1' }
 * ```
 */
export async function sessionActor(
  workspaces: Pick<WorkspaceService<string, string>, 'verifySession'>,
  request: Request,
): Promise<UserActor | null> {
  const header = request.headers.get('Authorization') ?? '';
  if (!/^bearer(?:\s|$)/i.test(header)) return null;
  // What says that it is a bearer token and is none must not pass for nobody: a host may ask its cookies next.
  const [, token] = /^bearer +([\w.~+/=-]{1,4096})$/i.exec(header) ?? [];
  if (token === undefined) throw new WorkspaceError('SESSION_INVALID', {});
  const { userId } = await workspaces.verifySession({ token });
  return { userId };
}

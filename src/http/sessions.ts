// The actor of a request, from the session token that `switchWorkspace` issued.
import type { UserActor } from '../core/actor.js';
import { WorkspaceError } from '../errors.js';
import type { AnyWorkspaceService } from '../service/workspace-service.js';

/** The actor that a session token identifies. */
export type SessionActor = Required<Pick<UserActor, 'userId' | 'signedInAt'>>;

/**
 * The actor of a request with `Authorization: Bearer <session token>`: the user whom the token names, and when this user signed
 * in; `null` if the header is missing or has another scheme. The token's workspace is ignored: each route names its own and
 * checks the membership there. If you add fields, keep `signedInAt`: without it each switch would start a new session.
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
 * const actor = await sessionActor(workspaces, new Request('https://app.example/api', { headers }));
 * actor?.userId; // 'u1'
 * ```
 */
export async function sessionActor(
  workspaces: Pick<AnyWorkspaceService, 'verifySession'>,
  request: Request,
): Promise<SessionActor | null> {
  const header = request.headers.get('Authorization') ?? '';
  if (!/^bearer(?:\s|$)/i.test(header)) return null;
  // A malformed Bearer token is an error, not an anonymous request; otherwise the app might fall back to cookies.
  const [, token] = /^bearer +([\w.~+/=-]{1,4096})$/i.exec(header) ?? [];
  if (token === undefined) throw new WorkspaceError('SESSION_INVALID', {});
  const { userId, signedInAt } = await workspaces.verifySession({ token });
  return { userId, signedInAt };
}

// Reports failures of the desk's own queries like those of the library.
import { HTTPException } from 'hono/http-exception';
import { WorkspaceError, isWorkspaceError } from 'tenantry';

/**
 * Awaits a query.
 *
 * @throws WorkspaceError `UNAVAILABLE` if the database fails; errors that already have a meaning pass unchanged
 */
export async function stored<Answer>(answer: PromiseLike<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (cause) {
    if (isWorkspaceError(cause) || cause instanceof HTTPException) throw cause;
    throw new WorkspaceError('UNAVAILABLE', { source: 'storage' }, { cause });
  }
}

// The desk's own queries fail as those of the library do: a database that is away is the same "no" for both.
import { HTTPException } from 'hono/http-exception';
import { WorkspaceError, isWorkspaceError } from 'tenantry';

/**
 * What the database answers.
 *
 * @throws WorkspaceError `UNAVAILABLE` where it does not; what already says what is the matter stays as it is
 */
export async function stored<Answer>(answer: PromiseLike<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (cause) {
    if (isWorkspaceError(cause) || cause instanceof HTTPException) throw cause;
    throw new WorkspaceError('UNAVAILABLE', { source: 'storage' }, { cause });
  }
}

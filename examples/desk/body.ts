// What is sent: at most 64 KiB of it, and whole. A body that breaks off is the sender's doing, and no failure of the desk.
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { WorkspaceError } from 'tenantry';
import { HttpError } from 'tenantry/http';

/** The longest form of the desk has a token and a name. */
const MAX_BYTES = 64 * 1024;

export function smallBodiesOnly(tooLarge: () => HTTPException | HttpError): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: MAX_BYTES,
    onError: () => {
      throw tooLarge();
    },
  });
  // A body of unknown length is read here; what handlers throw does not come this way.
  return (c, next) => whole(limit(c, next));
}

export function textOf(c: Context): Promise<string> {
  return whole(c.req.text());
}

/** @throws WorkspaceError `INVALID_INPUT` where the sender went away in the middle */
async function whole<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof HTTPException || error instanceof HttpError) throw error;
    const issues = [{ path: 'body', message: 'broke off' }];
    throw new WorkspaceError('INVALID_INPUT', { issues }, { cause: error });
  }
}

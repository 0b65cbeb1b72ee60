// Reads request bodies of at most 64 KiB. An incomplete body is an error of the client, not of the desk.
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { WorkspaceError } from 'tenantry';
import { HttpError } from 'tenantry/http';

/** Enough for the longest form of the desk, with a token and a name. */
const MAX_BYTES = 64 * 1024;

export function smallBodiesOnly(tooLarge: () => HTTPException | HttpError): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: MAX_BYTES,
    onError: () => {
      throw tooLarge();
    },
  });
  // This reads a body of unknown length. Errors from handlers do not pass through here.
  return (c, next) => whole(limit(c, next));
}

export function textOf(c: Context): Promise<string> {
  return whole(c.req.text());
}

/** @throws WorkspaceError `INVALID_INPUT` if the client disconnects before the end */
async function whole<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof HTTPException || error instanceof HttpError) throw error;
    const issues = [{ path: 'body', message: 'ended early' }];
    throw new WorkspaceError('INVALID_INPUT', { issues }, { cause: error });
  }
}

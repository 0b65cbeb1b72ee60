// What the recipes need from an app: its service, and the user who is signed in.
import type { UserActor } from '../../../src/index.js';
import { createTestWorkspaces } from '../../../src/testing/index.js';

export const { workspaces } = createTestWorkspaces();

/** By the session id in a cookie. */
export const sessions = new Map<string, UserActor>();

/** The signed-in user, by the header `Cookie`. */
export function signedIn(cookie: string | null | undefined): UserActor | null {
  const [, id = ''] = /(?:^|; )session=([^;]*)/.exec(cookie ?? '') ?? [];
  return sessions.get(id) ?? null;
}

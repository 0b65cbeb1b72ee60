// What the recipes take from a host: its service, and who is signed in.
import type { UserActor } from '../../../src/index.js';
import { createTestWorkspaces } from '../../../src/testing/index.js';

export const { workspaces } = createTestWorkspaces();

/** By the id that stands in a cookie. */
export const sessions = new Map<string, UserActor>();

/** Whom the host has signed in, by the header `Cookie`. */
export function signedIn(cookie: string | null | undefined): UserActor | null {
  const [, id = ''] = /(?:^|; )session=([^;]*)/.exec(cookie ?? '') ?? [];
  return sessions.get(id) ?? null;
}

// What the recipe for Next.js needs from an app. It uses no module of Node, because it also runs on the edge runtime.
import { defaultMatrix, type UserActor, WorkspaceService } from 'tenantry';
import { memoryStorage } from 'tenantry/memory';

export const workspaces = new WorkspaceService({
  storage: memoryStorage(),
  permissions: defaultMatrix,
  tokens: {
    keys: [{ kid: 'one', alg: 'HS256', secret: 'a secret of 32 bytes, for this test' }],
    issuer: 'https://app.example',
    invitationUrl: 'https://app.example/join',
  },
});

/** The user whose id is in the cookie, with an account. */
export async function signedIn(cookie: string | null): Promise<UserActor | null> {
  const [, userId] = /^user=(\w+)$/.exec(cookie ?? '') ?? [];
  if (userId === undefined) return null;
  await workspaces.openAccount({ userId, username: userId });
  return { userId };
}

// Closing and erasing an account over HTTP: who may name addresses.
import { expect, test } from 'vitest';
import type { Actor } from '../../src/index.js';
import { createTeam, dev, mia, root } from '../service/team.js';
import { apiOf, requestFor } from './calls.js';
import { shapeOf } from './standing.js';

test('A-10 over HTTP an operator names addresses, in the body, and a user cannot', async () => {
  const { workspaces, workspaceId, storage } = await createTeam();
  const recipient = { email: 'dev.of.before@example.org' };
  await workspaces.inviteMember(mia, { workspaceId, role: 'developer', recipient });
  const close = (input: object, actor: Actor) =>
    apiOf(workspaces).fetch(requestFor(shapeOf('closeAccount'), { userId: 'dev', ...input }, actor));
  const input = { erase: true, emails: [recipient.email] };
  const before = storage.dump();
  const refused = await close(input, dev);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    code: 'INVALID_INPUT',
    details: { issues: [{ path: 'input.emails', message: 'may be given by operators only' }] },
  });
  expect(storage.dump()).toEqual(before);

  const { url } = requestFor(shapeOf('closeAccount'), { userId: 'dev', ...input }, root);
  expect(decodeURIComponent(url)).not.toContain(recipient.email);
  expect((await close(input, root)).status).toBe(204);
  expect(JSON.stringify(storage.dump())).not.toContain(recipient.email);
});

// Session tokens against the storage: on every database, a token belongs to one membership.
import { describe, expect, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada, dev, formTeam } from '../service/team.js';
import { databaseKinds } from './databases.js';

describe.each(databaseKinds)('on $name', (kind) => {
  test('T-12 a token from before a removal fails with fresh after the member has joined again', async () => {
    const database = await kind.create();
    const storage = sqlStorage({ db: database.db, ...database.tables });
    const { workspaces } = createTestWorkspaces({ storage });
    const workspaceId = await formTeam(workspaces);
    const { token: before } = await workspaces.switchWorkspace(dev, { workspaceId });
    await workspaces.verifySession({ token: before, fresh: true });

    await workspaces.removeMember(ada, { workspaceId, userId: dev.userId });
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    await workspaces.acceptInvitation(dev, { token });
    const stale = workspaces.verifySession({ token: before, fresh: true });
    await expect(stale).rejects.toMatchObject({ code: 'SESSION_STALE' });
    const { token: after } = await workspaces.switchWorkspace(dev, { workspaceId });
    await workspaces.verifySession({ token: after, fresh: true });
    await database.drop();
  });
});

// The effects of restoring an older backup, as docs/operations.md describes.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import type { UserActor } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { outcome } from '../service/team.js';
import { unsound, wholeWorld } from '../sql/whole-world.js';
import { restorable, type Restorable } from './restorable.js';

const [ada, ben, eve] = [{ userId: 'ada' }, { userId: 'ben' }, { userId: 'eve' }];
const root = { operator: 'root' };

let host: Restorable;
let workspaceId: string;

beforeEach(async () => {
  host = await restorable();
  for (const { userId } of [ada, ben, eve]) await host.service().openAccount({ userId, username: userId });
  workspaceId = (await host.service().createWorkspace(ada, { name: 'hello' })).id;
});

afterEach(async () => {
  await host.drop();
});

async function invited(): Promise<{ token: string; invitationId: string }> {
  const { token, invitation } = await host.service().inviteMember(ada, { workspaceId, role: 'developer' });
  return { token, invitationId: invitation.id };
}

async function joins(actor: UserActor): Promise<void> {
  const { token } = await invited();
  await host.service().acceptInvitation(actor, { token });
}

const canView = (actor: { readonly userId: string }) =>
  host.service().can(actor, { workspaceId, permission: 'workspace:view' });

test('the restored records violate no invariant, and commands continue', async () => {
  await host.backUp();
  await joins(ben);
  await host.restore();
  const tables = { dialect: 'sqlite' } as const;
  const world = () => wholeWorld({ db: host.db(), tables, table: (name) => `tenantry_${name}` });
  expect(unsound(await world())).toEqual([]);
  await joins(ben);
  expect(unsound(await world())).toEqual([]);
});

describe('invitations', () => {
  test('a single-use invitation that was used after the backup admits another user', async () => {
    const { token } = await invited();
    await host.backUp();
    await host.service().acceptInvitation(ben, { token });
    expect(await outcome(host.service().acceptInvitation(eve, { token }))).toBe('INVITATION_USED');
    await host.restore();
    expect(await canView(ben)).toBe(false);
    await host.service().acceptInvitation(eve, { token });
    expect(await canView(eve)).toBe(true);
  });

  test('an invitation that was revoked or declined after the backup is open again', async () => {
    const [revoked, declined] = [await invited(), await invited()];
    await host.backUp();
    await host.service().revokeInvitation(ada, { workspaceId, invitationId: revoked.invitationId });
    await host.service().declineInvitation(ben, { token: declined.token });
    await host.restore();
    await host.service().acceptInvitation(ben, { token: revoked.token });
    await host.service().acceptInvitation(eve, { token: declined.token });
    expect([await canView(ben), await canView(eve)]).toEqual([true, true]);
  });

  test('of an invitation that was reissued after the backup the old link is valid, and the new one is not', async () => {
    const old = await invited();
    await host.backUp();
    const { token } = await host.service().reissueInvitation(ada, {
      workspaceId,
      invitationId: old.invitationId,
    });
    await host.restore();
    expect(await outcome(host.service().acceptInvitation(ben, { token }))).toBe('INVITATION_INVALID');
    await host.service().acceptInvitation(ben, { token: old.token });
  });

  test('an invitation that was created after the backup is INVITATION_INVALID', async () => {
    await host.backUp();
    const { token } = await invited();
    await host.restore();
    expect(await outcome(host.service().acceptInvitation(ben, { token }))).toBe('INVITATION_INVALID');
  });

  test('an invitation that has expired meanwhile stays closed', async () => {
    const { token } = await invited();
    await host.backUp();
    await host.service().acceptInvitation(ben, { token });
    host.clock.advance(7 * 24 * 60 * 60 * 1000);
    await host.restore();
    expect(await outcome(host.service().acceptInvitation(eve, { token }))).toBe('INVITATION_EXPIRED');
  });

  test('without the signing keys from before the restore every link is invalid, until it is reissued', async () => {
    const { token, invitationId } = await invited();
    await host.backUp();
    await host.service().acceptInvitation(ben, { token });
    const secret = 'a secret of at least 32 bytes, made after the restore';
    await host.restore({ tokens: { ...testTokens, keys: [{ kid: 'anew', alg: 'HS256', secret }] } });
    expect(await outcome(host.service().acceptInvitation(eve, { token }))).toBe('INVITATION_INVALID');
    const again = await host.service().reissueInvitation(root, { workspaceId, invitationId });
    await host.service().acceptInvitation(ben, { token: again.token });
  });

  test('an operator can revoke the open invitations of the restored workspaces', async () => {
    const { token } = await invited();
    await host.backUp();
    await host.service().acceptInvitation(ben, { token });
    await host.restore();
    const open = await host.service().listInvitations(root, { workspaceId, status: 'open' });
    for (const { id } of open.items) {
      await host.service().revokeInvitation(root, { workspaceId, invitationId: id });
    }
    expect(await outcome(host.service().acceptInvitation(eve, { token }))).toBe('INVITATION_REVOKED');
  });
});

describe('members, sessions and workspaces', () => {
  test('members who were removed after the backup are back, later members are gone, and roles are the old ones', async () => {
    await joins(ben);
    await host.backUp();
    await joins(eve);
    await host.service().removeMember(ada, { workspaceId, userId: 'ben' });
    await host.service().changeRole(ada, { workspaceId, userId: 'eve', role: 'manager' });
    await host.restore();
    expect([await canView(ben), await canView(eve)]).toEqual([true, false]);
  });

  test('a session token of a missing membership verifies until it expires, but not with fresh', async () => {
    await host.backUp();
    await joins(ben);
    const { token } = await host.service().switchWorkspace(ben, { workspaceId });
    await host.restore();
    expect(await host.service().verifySession({ token })).toMatchObject({ userId: 'ben', workspaceId });
    expect(await outcome(host.service().verifySession({ token, fresh: true }))).toBe('SESSION_STALE');
    host.clock.advance(10 * 60_000);
    expect(await outcome(host.service().verifySession({ token }))).toBe('SESSION_EXPIRED');
  });

  test('a workspace that was deleted after the backup is back, with its quota', async () => {
    await host.backUp();
    await host.service().deleteWorkspace(ada, { workspaceId });
    expect(await canView(ada)).toBe(false);
    await host.restore();
    expect(await canView(ada)).toBe(true);
    const { resources } = await host.service().getQuota(ada, { workspaceId });
    expect(resources['pods']).toMatchObject({ limit: '10' });
  });

  test('a workspace that was created after the backup is gone without a tombstone, so its id can be given out again', async () => {
    await host.backUp();
    await host.service().createWorkspace(ada, { workspaceId: 'ours', name: 'ours' });
    await host.service().deleteWorkspace(ada, { workspaceId: 'ours' });
    expect(await outcome(host.service().createWorkspace(ben, { workspaceId: 'ours', name: 'mine' }))).toBe(
      'ID_TAKEN',
    );
    await host.restore();
    const { ownerId } = await host.service().createWorkspace(ben, { workspaceId: 'ours', name: 'mine' });
    expect(ownerId).toBe('ben');
  });

  test('an account that was opened after the backup is opened again, with another personal workspace', async () => {
    await host.backUp();
    const zed = { userId: 'zed' };
    const before = await host.service().openAccount({ ...zed, username: 'zed' });
    await host.restore();
    expect(await outcome(host.service().activeWorkspace(zed))).toBe('ACCOUNT_NOT_FOUND');
    const after = await host.service().openAccount({ ...zed, username: 'zed' });
    expect(after.workspace.id).not.toBe(before.workspace.id);
  });
});

describe('the audit log', () => {
  test('versions are reused: a cursor from after the backup skips the next events', async () => {
    await host.backUp();
    await host.service().renameWorkspace(ada, { workspaceId, name: 'two' });
    await host.service().renameWorkspace(ada, { workspaceId, name: 'three' });
    const { nextCursor: cursor } = await host.service().listEvents(ada, { workspaceId, limit: 2 });
    const names = async (from: string | null) => {
      const { items } = await host.service().listEvents(ada, { workspaceId, cursor: from });
      return items.map((event) => (event.type === 'workspace.renamed' ? event.data.to : event.type));
    };
    expect(await names(cursor)).toEqual(['three']);
    await host.restore();
    await host.service().renameWorkspace(ada, { workspaceId, name: 'other' });
    expect(await names(cursor)).toEqual([]);
    expect(await names(null)).toEqual(['workspace.created', 'other']);
  });
});

describe('quotas', () => {
  const amounts = { pods: '3' };
  const taken = async () => (await host.service().getQuota(ada, { workspaceId })).resources['pods'];
  const charge = async (reservationId: string) => {
    await host.service().reserveQuota(ada, { workspaceId, reservationId, amounts });
    await host.service().commitQuota(ada, { workspaceId, reservationId });
  };

  test('amounts charged after the backup are missing, and amounts released after it are charged again', async () => {
    await charge('old');
    await host.backUp();
    await charge('new');
    await host.service().releaseQuota(ada, { workspaceId, reservationId: 'old' });
    await host.restore();
    expect(await taken()).toMatchObject({ used: '3' });
    expect(await outcome(host.service().commitQuota(ada, { workspaceId, reservationId: 'new' }))).toBe(
      'RESERVATION_NOT_FOUND',
    );
    // Corrected by the resources that exist: `new` does, and `old` does not.
    await host.service().releaseQuota(root, { workspaceId, reservationId: 'old' });
    await charge('new');
    expect(await taken()).toMatchObject({ used: '3', reserved: '0' });
    // A second correction changes nothing.
    await host.service().releaseQuota(root, { workspaceId, reservationId: 'old' });
    await charge('new');
    expect(await taken()).toMatchObject({ used: '3', reserved: '0' });
  });

  test('amounts that were reserved at the backup are free once the reservation expires', async () => {
    await host.service().reserveQuota(ada, { workspaceId, reservationId: 'held', amounts });
    await host.backUp();
    await host.service().commitQuota(ada, { workspaceId, reservationId: 'held' });
    await host.restore();
    expect(await taken()).toMatchObject({ used: '0', reserved: '3' });
    host.clock.advance(300_000);
    expect(await taken()).toMatchObject({ used: '0', reserved: '0' });
    // It is remembered for a day, and admitted again if it fits.
    await host.service().commitQuota(ada, { workspaceId, reservationId: 'held' });
    expect(await taken()).toMatchObject({ used: '3', reserved: '0' });
  });

  test('limits are those of the backup', async () => {
    await host.backUp();
    await host.service().setQuota(root, { workspaceId, limits: { pods: '99' } });
    await host.restore();
    expect(await taken()).toMatchObject({ limit: '10' });
  });

  test('a ledger that is kept elsewhere and not restored still treats the workspace as deleted', async () => {
    const apart = await restorable(memoryQuota({ defaults: { pods: '10' } }));
    try {
      await apart.service().openAccount({ ...ada, username: 'ada' });
      const { id } = await apart.service().createWorkspace(ada, { name: 'hello' });
      await apart.backUp();
      await apart.service().deleteWorkspace(ada, { workspaceId: id });
      await apart.restore();
      await apart.service().getWorkspace(ada, { workspaceId: id });
      expect(await outcome(apart.service().getQuota(ada, { workspaceId: id }))).toBe('WORKSPACE_NOT_FOUND');
    } finally {
      await apart.drop();
    }
  });
});

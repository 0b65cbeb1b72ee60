// Ownership by consent: who may offer and answer, what ends an offer, and what races with accepting it.
import { describe, expect, test } from 'vitest';
import { defaultLimits, type WorkspaceService } from '../../src/index.js';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { chaosStorage, violations } from '../../src/testing/index.js';
import { defaultMatrix } from '../../src/index.js';
import { ada, createTeam, dev, formTeam, mia, openAccounts, outcome, root, sam, serviceOn } from './team.js';

const byConsent = { ownershipTransfer: 'consent' } as const;

const ownerOf = async (workspaces: WorkspaceService, workspaceId: string): Promise<string> =>
  (await workspaces.getWorkspace(root, { workspaceId })).ownerId;

describe('M-12 with ownershipTransfer: consent', () => {
  test('no one transfers directly, and the target becomes the owner by accepting', async () => {
    const { workspaces, workspaceId } = await createTeam(byConsent);
    for (const actor of [ada, root]) {
      const call = workspaces.transferOwnership(actor, { workspaceId, userId: 'mia' });
      expect(await outcome(call)).toBe('CONSENT_REQUIRED');
    }
    const offer = await workspaces.offerOwnership(ada, {
      workspaceId,
      userId: 'mia',
      formerOwnerRole: 'developer',
    });
    expect(offer).toMatchObject({ workspaceId, userId: 'mia', formerOwnerRole: 'developer' });
    expect(await ownerOf(workspaces, workspaceId)).toBe('ada');
    expect((await workspaces.getWorkspace(mia, { workspaceId })).ownershipOffer).toEqual(offer);
    for (const other of [ada, dev]) {
      expect(await outcome(workspaces.acceptOwnership(other, { workspaceId }))).toBe(
        other === ada ? 'ok' : 'OFFER_NOT_FOUND',
      );
    }
    expect(await ownerOf(workspaces, workspaceId)).toBe('ada');
    expect((await workspaces.acceptOwnership(mia, { workspaceId })).ownerId).toBe('mia');
    const { member } = await workspaces.getMembership(ada, { workspaceId });
    expect(member.role).toBe('developer');
    expect((await workspaces.getWorkspace(mia, { workspaceId })).ownershipOffer).toBeNull();
  });

  test('only the owner and operators offer, to a member, and one at a time', async () => {
    const { workspaces, workspaceId } = await createTeam(byConsent);
    const offer = (actor: typeof ada | typeof root, userId: string): Promise<unknown> =>
      workspaces.offerOwnership(actor, { workspaceId, userId });
    expect(await outcome(offer(mia, 'mia'))).toBe('PERMISSION_DENIED');
    expect(await outcome(offer(sam, 'sam'))).toBe('WORKSPACE_NOT_FOUND');
    expect(await outcome(offer(ada, 'sam'))).toBe('MEMBER_NOT_FOUND');
    expect(await outcome(offer(ada, 'ada'))).toBe('MEMBER_NOT_FOUND');
    expect(await outcome(offer(root, 'mia'))).toBe('ok');
    expect(await outcome(offer(ada, 'dev'))).toBe('OFFER_EXISTS');
    expect(await outcome(offer(ada, 'mia'))).toBe('ok');
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    const personal = workspaces.offerOwnership(ada, { workspaceId: workspace.id, userId: 'mia' });
    expect(await outcome(personal)).toBe('PERSONAL_WORKSPACE');
  });
});

describe('M-12 an offer ends', () => {
  const ends: Readonly<Record<string, (team: Awaited<ReturnType<typeof createTeam>>) => Promise<unknown>>> = {
    'when it expires, to the millisecond': async ({ clock }) => {
      clock.advance(60_000);
      return Promise.resolve();
    },
    'when the target declines': ({ workspaces, workspaceId }) =>
      workspaces.declineOwnership(mia, { workspaceId }),
    'when the owner withdraws it': ({ workspaces, workspaceId }) =>
      workspaces.withdrawOwnershipOffer(ada, { workspaceId }),
    'when the target leaves and comes back': async ({ workspaces, workspaceId }) => {
      await workspaces.leaveWorkspace(mia, { workspaceId });
      await back(workspaces, workspaceId);
    },
    'when the target is removed and comes back': async ({ workspaces, workspaceId }) => {
      await workspaces.removeMember(ada, { workspaceId, userId: 'mia' });
      await back(workspaces, workspaceId);
    },
    'when the ownership moves to another and back': async ({ workspaces, workspaceId }) => {
      await workspaces.transferOwnership(ada, { workspaceId, userId: 'dev' });
      await workspaces.transferOwnership(dev, { workspaceId, userId: 'ada' });
    },
  };
  async function back(workspaces: WorkspaceService, workspaceId: string): Promise<void> {
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'manager' });
    await workspaces.acceptInvitation(mia, { token });
  }

  test.each(Object.entries(ends))('%s', async (_title, end) => {
    const team = await createTeam();
    const { workspaces, workspaceId, clock } = team;
    clock.advance(-(clock.now() % 1000));
    await workspaces.offerOwnership(ada, { workspaceId, userId: 'mia', expiresInSeconds: 60 });
    clock.advance(59_999);
    expect((await workspaces.getWorkspace(ada, { workspaceId })).ownershipOffer).not.toBeNull();
    clock.advance(-59_999);
    await end(team);
    expect((await workspaces.getWorkspace(ada, { workspaceId })).ownershipOffer).toBeNull();
    expect(await outcome(workspaces.acceptOwnership(mia, { workspaceId }))).toBe('OFFER_NOT_FOUND');
    expect(await outcome(workspaces.declineOwnership(mia, { workspaceId }))).toBe('ok');
    expect(await ownerOf(workspaces, workspaceId)).toBe('ada');
    // Another one can be made.
    expect(await outcome(workspaces.offerOwnership(ada, { workspaceId, userId: 'dev' }))).toBe('ok');
  });
});

test('M-11 M-12 accepting is checked against the limits of the new owner, and changes nothing when refused', async () => {
  const { storage, workspaceId } = await createTeam();
  const workspaces = serviceOn(storage, { limits: { ...defaultLimits, workspacesPerOwner: 1 } });
  await workspaces.createWorkspace(mia, { name: 'Own' });
  await workspaces.offerOwnership(ada, { workspaceId, userId: 'mia' });
  const before = storage.dump();
  expect(await outcome(workspaces.acceptOwnership(mia, { workspaceId }))).toBe('LIMIT_EXCEEDED');
  expect(storage.dump()).toEqual(before);
});

test('M-12 withdrawing, declining, removing, leaving and transferring race with accepting: one of them decides', async () => {
  const ended = new Set<string>();
  for (let seed = 0; seed < 60; seed += 1) {
    const storage = memoryStorage();
    const workspaces = serviceOn(chaosStorage(storage, { seed }));
    const elsewhere = serviceOn(chaosStorage(storage, { seed: seed + 1000 }));
    const workspaceId = await formTeam(serviceOn(storage));
    await openAccounts(serviceOn(storage), 'eve');
    await workspaces.offerOwnership(ada, { workspaceId, userId: 'mia' });
    const others = [
      () => elsewhere.withdrawOwnershipOffer(ada, { workspaceId }),
      () => elsewhere.removeMember(ada, { workspaceId, userId: 'mia' }),
      () => elsewhere.leaveWorkspace(mia, { workspaceId }),
      () => elsewhere.transferOwnership(ada, { workspaceId, userId: 'dev' }),
      () => elsewhere.declineOwnership(mia, { workspaceId }),
    ];
    const other = others[seed % others.length] ?? (() => Promise.resolve());
    const [accepted] = await Promise.all([
      outcome(workspaces.acceptOwnership(mia, { workspaceId })),
      outcome(Promise.resolve(other())),
    ]);
    const owner = await ownerOf(workspaces, workspaceId);
    expect(owner === 'mia').toBe(accepted === 'ok');
    ended.add(`${String(seed % others.length)} ${accepted}`);
    expect(violations(storage.dump(), { matrix: defaultMatrix, now: Date.now() })).toEqual([]);
  }
  // Both orders came.
  expect([...ended].some((end) => end.endsWith('ok'))).toBe(true);
  expect([...ended].some((end) => !end.endsWith('ok'))).toBe(true);
});

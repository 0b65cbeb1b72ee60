// Invitations for a person, listed and answered without a token.
import { describe, expect, test } from 'vitest';
import type { ReceivedInvitation, UserActor, WorkspaceService } from '../../src/index.js';
import { startingLine } from './around-storage.js';
import {
  ada,
  callUntyped,
  createTeam,
  dev,
  eve,
  mia,
  outcomeOf,
  processes,
  refusalOf,
  root,
  sam,
  tallyOf,
  trailOf,
  type ServiceOptions,
} from './invitation-team.js';
import { everyItem } from './team.js';

const ADDRESS = 'Sam.Smith@Example.com';
const proved: UserActor = { ...sam, email: 'sam.smith@example.COM', emailVerified: true };
const role = 'developer';

/** Sam is invited by user id, by address to another team, and Eve by user id; a link is for any user. */
async function createScene(options: ServiceOptions = {}) {
  const team = await createTeam(options);
  const { workspaces, workspaceId } = team;
  const { id: other } = await workspaces.createWorkspace(eve, { name: 'Aside' });
  const bySam = await workspaces.inviteMember(mia, { workspaceId, role, recipient: sam });
  team.clock.advance(1000);
  const byAddress = await workspaces.inviteMember(eve, {
    workspaceId: other,
    role: 'manager',
    recipient: { email: ADDRESS },
  });
  const forEve = await workspaces.inviteMember(ada, { workspaceId, role, recipient: eve });
  const link = await workspaces.inviteMember(ada, { workspaceId, role, maxUses: 5 });
  const named = { workspaceId, invitationId: bySam.invitation.id };
  const mailed = { workspaceId: other, invitationId: byAddress.invitation.id };
  return { ...team, other, bySam, byAddress, forEve, link, named, mailed };
}

const idsOf = ({ items }: Awaited<ReturnType<WorkspaceService['listMyInvitations']>>) =>
  items.map(({ workspaceId, invitationId }) => ({ workspaceId, invitationId }));

describe('listMyInvitations', () => {
  test('I-25 lists what is for the user id or the verified address, as a preview shows it', async () => {
    const { workspaces, named, mailed, bySam, byAddress } = await createScene();
    await workspaces.renameAccount(mia, { userId: 'mia', username: 'mia', displayName: 'Mia M.' });
    const page = await workspaces.listMyInvitations(proved);
    const [first, second] = [
      await workspaces.previewInvitation({ token: bySam.token }),
      await workspaces.previewInvitation({ token: byAddress.token }),
    ].map(({ status: _status, ...preview }) => preview);
    expect(page).toEqual({
      items: [
        { ...named, ...first },
        { ...mailed, ...second },
      ],
      nextCursor: null,
    });
    expect(page.items[0]).toMatchObject({ invitedBy: 'Mia M.', workspaceName: 'hello', role });
    expect([page, page.items, ...page.items].every((one) => Object.isFrozen(one))).toBe(true);
  });

  test.each<Omit<UserActor, 'userId'>>([
    {},
    { email: ADDRESS },
    { email: ADDRESS, emailVerified: false },
    { email: 'sam.smith@example.org', emailVerified: true },
    { emailVerified: true },
  ])('I-25 lists none for an address that is not verified: %j', async (more) => {
    const { workspaces, named } = await createScene();
    expect(idsOf(await workspaces.listMyInvitations({ ...sam, ...more }))).toEqual([named]);
  });

  test('I-25 lists neither links, nor what has ended or expired, nor what an operator did not leave open', async () => {
    const { workspaces, clock, named, mailed } = await createScene();
    await workspaces.revokeInvitation(root, mailed);
    expect(idsOf(await workspaces.listMyInvitations(proved))).toEqual([named]);
    clock.advance(7 * 24 * 60 * 60 * 1000 - 1001);
    expect(idsOf(await workspaces.listMyInvitations(proved))).toEqual([named]);
    clock.advance(1);
    expect(idsOf(await workspaces.listMyInvitations(proved))).toEqual([]);
  });

  test('I-25 names no inviter where an operator invites', async () => {
    const { workspaces, workspaceId } = await createScene();
    await workspaces.inviteMember(root, { workspaceId, role, recipient: { userId: 'new' } });
    await workspaces.openAccount({ userId: 'new', username: 'new' });
    expect((await workspaces.listMyInvitations({ userId: 'new' })).items).toMatchObject([
      { invitedBy: null, workspaceName: 'hello' },
    ]);
  });

  test('I-25 is for users who have an account', async () => {
    const { workspaces } = await createScene();
    expect(await refusalOf(workspaces.listMyInvitations({ userId: 'none' }))).toMatchObject({
      code: 'ACCOUNT_NOT_FOUND',
      details: { userId: 'none' },
    });
    const byOperator = callUntyped(workspaces, 'listMyInvitations', [root, {}]);
    expect(await outcomeOf(byOperator)).toBe('INVALID_INPUT');
  });

  test.each<[string, (own: ReceivedInvitation, other: ReceivedInvitation) => ReceivedInvitation]>([
    ['of another person', (_own, other) => other],
    ['with another workspace', (own, { workspace }) => ({ ...own, workspace })],
    ['without its issuer', (own) => ({ ...own, issuer: null })],
    ['with another issuer', (own, { issuer }) => ({ ...own, issuer })],
  ])('I-25 a storage that lists an invitation %s is unavailable', async (_title, change) => {
    const { storage, other, ...scene } = await createScene();
    const page = { after: null, limit: 1 };
    const [own] = await storage.listInvitationsFor([sam], page);
    const [foreign] = await storage.listInvitationsFor([{ email: ADDRESS }], page);
    if (own === undefined || foreign?.workspace.id !== other) throw new Error('there is no invitation');
    const listInvitationsFor = () => Promise.resolve([change(own, foreign)]);
    const workspaces = scene.service({ storage: { ...storage, listInvitationsFor } });
    expect(await outcomeOf(workspaces.listMyInvitations(sam))).toBe('UNAVAILABLE');
  });

  test('T-13 I-25 pages of any size list each once, also while others are answered', async () => {
    const { workspaces, clock } = await createTeam({ limits: everything });
    const expected: object[] = [];
    for (let number = 0; number < 23; number++) {
      const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: `team ${String(number)}` });
      const recipient = number % 2 === 0 ? sam : { email: ADDRESS };
      const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role, recipient });
      expected.push({ workspaceId, invitationId: invitation.id });
      if (number % 3 === 0) clock.advance(1);
    }
    const inOrder = (limit: number) =>
      everyItem((cursor) => workspaces.listMyInvitations(proved, { limit, cursor }));
    const all = idsOf({ items: await inOrder(200), nextCursor: null });
    expect(all).toHaveLength(23);
    expect(all).toEqual(expect.arrayContaining(expected));
    for (const limit of [1, 2, 7, 23])
      expect(idsOf({ items: await inOrder(limit), nextCursor: null })).toEqual(all);
    // The first page is answered while the second is read.
    const first = await workspaces.listMyInvitations(proved, { limit: 10 });
    for (const { workspaceId, invitationId } of first.items)
      await workspaces.declineInvitation(proved, { workspaceId, invitationId });
    const rest = await workspaces.listMyInvitations(proved, { limit: 50, cursor: first.nextCursor });
    expect(idsOf(rest)).toEqual(all.slice(10));
    // A cursor of another list, or of another user.
    const foreign = workspaces.listMyInvitations(eve, { cursor: first.nextCursor });
    expect(await outcomeOf(foreign)).toBe('INVALID_INPUT');
    expect(await outcomeOf(workspaces.listWorkspaces(sam, { cursor: first.nextCursor }))).toBe(
      'INVALID_INPUT',
    );
  });
});

describe('answering by id', () => {
  test('I-25 the recipient accepts without a token, once, with the events and hooks of a token', async () => {
    const { workspaces, named, storage, ...team } = await createScene();
    const hooked: unknown[] = [];
    workspaces.before('acceptInvitation', ({ input }) => {
      hooked.push(input);
    });
    const joined = await workspaces.acceptInvitation(sam, named);
    expect(joined.member).toMatchObject({ userId: 'sam', role });
    expect(await workspaces.acceptInvitation(sam, named)).toEqual(joined);
    expect(hooked).toEqual([named, named]);
    const events = trailOf({ ...team, workspaces, storage });
    expect(events.filter(({ type }) => type === 'member.joined').map(({ data }) => data)).toContainEqual({
      userId: 'sam',
      role,
      invitationId: named.invitationId,
    });
    expect(events.filter(({ type }) => type === 'invitation.accepted')).toHaveLength(3);
    expect(idsOf(await workspaces.listMyInvitations(sam))).toEqual([]);
  });

  test('I-25 the recipient declines without a token, which ends the invitation', async () => {
    const { workspaces, named, mailed, bySam } = await createScene();
    await workspaces.declineInvitation(proved, mailed);
    await workspaces.declineInvitation(proved, mailed);
    await workspaces.declineInvitation(sam, named);
    expect((await workspaces.previewInvitation({ token: bySam.token })).status).toBe('declined');
    expect(await outcomeOf(workspaces.acceptInvitation(sam, named))).toBe('INVITATION_DECLINED');
  });

  test('I-25 every other id is refused as an unknown one is, byte for byte, and changes nothing', async () => {
    const { workspaces, workspaceId, storage, named, mailed, forEve, link } = await createScene();
    const personal = (await workspaces.activeWorkspace(ada)).workspace.id;
    const before = storage.dump();
    const others = [
      { workspaceId, invitationId: 'inv-unknown' },
      { workspaceId: 'ws-unknown', invitationId: named.invitationId },
      { workspaceId: mailed.workspaceId, invitationId: named.invitationId },
      { workspaceId: personal, invitationId: named.invitationId },
      { workspaceId, invitationId: forEve.invitation.id },
      { workspaceId, invitationId: link.invitation.id },
      mailed,
    ];
    const told = new Set<string>();
    for (const method of ['acceptInvitation', 'declineInvitation'] as const) {
      for (const actor of [
        sam,
        { ...sam, email: ADDRESS },
        { ...sam, email: ADDRESS, emailVerified: false },
      ]) {
        for (const input of others) {
          const { code, message, details, retryable } = await refusalOf(workspaces[method](actor, input));
          told.add(JSON.stringify({ code, message, details, retryable }));
        }
      }
      // A member who knows the ids of the workspace, and a user without an account.
      for (const actor of [dev, { userId: 'none' }]) {
        const { code, message, details, retryable } = await refusalOf(workspaces[method](actor, named));
        told.add(JSON.stringify({ code, message, details, retryable }));
      }
    }
    expect([...told].map((text): unknown => JSON.parse(text))).toMatchObject([
      { code: 'INVITATION_INVALID' },
    ]);
    expect(storage.dump()).toEqual(before);
  });

  test('I-25 every rule of accepting holds: role ceiling, limits, departures, expiry, account', async () => {
    const scene = await createScene();
    const { workspaces, workspaceId, clock, named } = scene;
    await workspaces.changeRole(ada, { workspaceId, userId: 'mia', role });
    expect(await outcomeOf(workspaces.acceptInvitation(sam, named))).toBe('INVITATION_REVOKED');

    const again = await workspaces.inviteMember(ada, { workspaceId, role: 'manager', recipient: sam });
    const ids = { workspaceId, invitationId: again.invitation.id };
    const full = scene.service({ limits: { ...everything, membersPerWorkspace: 3 } });
    expect(await outcomeOf(full.acceptInvitation(sam, ids))).toBe('LIMIT_EXCEEDED');
    clock.advance(7 * 24 * 60 * 60 * 1000);
    expect(await outcomeOf(workspaces.acceptInvitation(sam, ids))).toBe('INVITATION_EXPIRED');

    const late = { userId: 'late' };
    const open = await workspaces.inviteMember(ada, { workspaceId, role, recipient: late });
    const forLate = { workspaceId, invitationId: open.invitation.id };
    expect(await outcomeOf(workspaces.acceptInvitation(late, forLate))).toBe('ACCOUNT_NOT_FOUND');
  });

  test.each<[object, string, string]>([
    [{}, 'input.token', 'must be given, or a workspaceId and an invitationId'],
    [{ workspaceId: 'ws-1' }, 'input.invitationId', 'must be given with a workspaceId'],
    [{ invitationId: 'inv-1' }, 'input.workspaceId', 'must be given with an invitationId'],
    [{ token: 't', workspaceId: 'ws-1' }, 'input.workspaceId', 'must be left out next to a token'],
    [{ token: 't', invitationId: 'i' }, 'input.invitationId', 'must be left out next to a token'],
    [{ token: 't', role: 'owner' }, 'input.role', 'is unknown'],
    [{ role: 'owner' }, 'input.role', 'is unknown'],
  ])('I-25 exactly one form is accepted: %j', async (input, path, message) => {
    const { workspaces } = await createTeam();
    for (const method of ['acceptInvitation', 'declineInvitation'] as const)
      expect((await refusalOf(callUntyped(workspaces, method, [sam, input]))).details).toEqual({
        issues: [{ path, message }],
      });
  });
});

describe('races', () => {
  test('I-25 I-12 50 parallel answers by id and by token give one member', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const scene = await createScene();
      const { named, bySam, workspaceId } = scene;
      const at = processes(scene, seed, { count: 8, line: startingLine(8) });
      const tally = await tallyOf(
        Array.from({ length: 50 }, (_, place) =>
          at(place).acceptInvitation(sam, place % 2 === 0 ? named : { token: bySam.token }),
        ),
      );
      expect(tally).toEqual({ ok: 50 });
      expect(scene.storage.dump().members.filter((one) => one.workspaceId === workspaceId)).toHaveLength(4);
      expect(trailOf(scene).filter(({ type }) => type === 'invitation.accepted')).toHaveLength(3);
    }
  });

  test('I-25 I-21 accepting by id against declining and revoking: the first commit decides', async () => {
    const ends = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const scene = await createScene();
      const { named } = scene;
      const at = processes(scene, seed, { count: 3, line: startingLine(3) });
      const [accepted] = await Promise.all([
        outcomeOf(at(0).acceptInvitation(sam, named)),
        outcomeOf(at(1).declineInvitation(sam, named)),
        outcomeOf(at(2).revokeInvitation(ada, named)),
      ]);
      ends.add(accepted);
      const isMember = scene.storage
        .dump()
        .members.some(({ userId, workspaceId }) => userId === 'sam' && workspaceId === named.workspaceId);
      expect(isMember).toBe(accepted === 'ok');
    }
    expect(ends.size).toBeGreaterThan(1);
  });
});

const everything = {
  membersPerWorkspace: 'unlimited',
  openInvitationsPerWorkspace: 'unlimited',
  workspacesPerOwner: 'unlimited',
} as const;

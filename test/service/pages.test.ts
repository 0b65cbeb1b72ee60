// Keyset pages, while items are added and removed.
import { beforeAll, describe, expect, test } from 'vitest';
import {
  defaultLimits,
  type EventOrder,
  type Page,
  type AccountEvent,
  type WorkspaceEvent,
  type WorkspaceService,
} from '../../src/index.js';
import type { FixedClock } from '../../src/testing/index.js';
import { call } from '../methods.js';
import { ada, createTeam, dev, everyItem, openAccounts, outcome, refusal, root } from './team.js';

const limits = {
  ...defaultLimits,
  membersPerWorkspace: 'unlimited',
  openInvitationsPerWorkspace: 'unlimited',
} as const;

const COUNT = 1_000;
const numbered = (prefix: string, count = COUNT) =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(4, '0')}`);

/** A team of 1,000, an owner of 1,000 workspaces, 1,000 invitations and more events, all within a few instants. */
let workspaces: WorkspaceService;
let clock: FixedClock;
let workspaceId: string;

beforeAll(async () => {
  ({ workspaces, clock, workspaceId } = await createTeam({ limits, invitationsPerActorPerDay: 'unlimited' }));
  const role = 'developer';
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role, maxUses: 'unlimited' });
  await openAccounts(workspaces, ...numbered('u'));
  for (const [index, userId] of numbered('u').entries()) {
    if (index % 100 === 0) clock.advance(1);
    await workspaces.acceptInvitation({ userId }, { token });
  }
  for (const [index, name] of numbered('Room ').entries()) {
    if (index % 100 === 0) clock.advance(1);
    await workspaces.createWorkspace(dev, { name });
  }
  for (const [index, userId] of numbered('guest').entries()) {
    if (index % 100 === 0) clock.advance(1);
    await workspaces.inviteMember(ada, { workspaceId, role, recipient: { userId } });
  }
  const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
  for (let turn = 0; turn < COUNT; turn++) {
    await workspaces.switchWorkspace(ada, { workspaceId: turn % 2 === 0 ? workspaceId : workspace.id });
  }
});

/** Walks through all pages, with another operation between two; fails if a page is short but not the last. */
async function walk<Item>(
  limit: number,
  list: (page: { readonly limit: number; readonly cursor: string | null }) => Promise<{
    readonly items: readonly Item[];
    readonly nextCursor: string | null;
  }>,
  between: (page: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<Item[]> {
  let page = 0;
  return everyItem(async (cursor) => {
    if (page > 0) await between(page);
    page += 1;
    const answer = await list({ limit, cursor });
    if (answer.nextCursor !== null) expect(answer.items).toHaveLength(limit);
    return answer;
  });
}

/** How often each item was seen, for those that must be seen once. */
function notOnce(expected: readonly string[], seen: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of seen) counts.set(one, (counts.get(one) ?? 0) + 1);
  return expected.filter((one) => counts.get(one) !== 1);
}

describe.each([1, 7, 50, 200])('pages of %i', (limit) => {
  test('T-13 1,000 members appear exactly once each, in the order of joining', async () => {
    const members = await walk(limit, (page) => workspaces.listMembers(dev, { workspaceId, ...page }));
    expect(
      notOnce(
        numbered('u'),
        members.map(({ userId }) => userId),
      ),
    ).toEqual([]);
    expect(members).toHaveLength(COUNT + 3);
    expect(members).toEqual([...members].sort((a, b) => a.joinedAt.getTime() - b.joinedAt.getTime()));
  });

  test('T-13 the members with a role appear exactly once each, in the order of joining', async () => {
    const all = await everyItem((cursor) => workspaces.listMembers(ada, { workspaceId, cursor, limit: 200 }));
    for (const role of ['developer', 'manager', 'owner'] as const) {
      const found = await everyItem((cursor) =>
        workspaces.listMembers(ada, { workspaceId, role, cursor, limit: 150 }),
      );
      expect(found).toEqual(all.filter((member) => member.role === role));
    }
    const { nextCursor: cursor } = await workspaces.listMembers(ada, { workspaceId, role: 'developer' });
    expect(cursor).not.toBeNull();
    for (const other of [{}, { role: 'manager' as const }, { role: 'owner' as const }]) {
      const read = workspaces.listMembers(ada, { workspaceId, cursor, ...other });
      expect(await outcome(read)).toBe('INVALID_INPUT');
    }
    const { nextCursor: ofAll } = await workspaces.listMembers(ada, { workspaceId });
    const read = workspaces.listMembers(ada, { workspaceId, cursor: ofAll, role: 'developer' });
    expect(await outcome(read)).toBe('INVALID_INPUT');
  });

  test('T-13 the members of a directory appear exactly once each, and of no other', async () => {
    const { workspaces: team, workspaceId: room } = await createTeam();
    await openAccounts(team, 'eve', 'una', 'zed');
    for (const [managedBy, userIds] of [
      ['entra', ['sam', 'una', 'zed']],
      ['okta', ['eve']],
    ] as const) {
      const members = userIds.map((userId) => ({ userId, role: 'developer' as const }));
      await team.reconcileMembers(root, { workspaceId: room, managedBy, members });
    }
    const of = async (managedBy: string) => {
      const list = (cursor: string | null) =>
        team.listMembers(ada, { workspaceId: room, managedBy, cursor, limit: 1 });
      return (await everyItem(list)).map(({ userId }) => userId);
    };
    expect(await of('entra')).toEqual(['sam', 'una', 'zed']);
    expect([await of('okta'), await of('ENTRA')]).toEqual([['eve'], []]);
    const both = { workspaceId: room, managedBy: 'entra', role: 'developer' } as const;
    expect((await refusal(team.listMembers(ada, both))).details).toEqual({
      issues: [{ path: 'input.managedBy', message: 'must not be combined with a role' }],
    });
    const { nextCursor } = await workspaces.listMembers(ada, { workspaceId, limit: 1 });
    const read = workspaces.listMembers(ada, { workspaceId, cursor: nextCursor, managedBy: 'entra' });
    expect(await outcome(read)).toBe('INVALID_INPUT');
  });

  test('T-13 1,000 workspaces appear exactly once each, in the order of joining', async () => {
    const own = await walk(limit, (page) => workspaces.listWorkspaces(dev, page));
    expect(
      notOnce(
        numbered('Room '),
        own.map(({ workspace }) => workspace.name),
      ),
    ).toEqual([]);
    expect(own).toHaveLength(COUNT + 2);
    expect(own).toEqual([...own].sort((a, b) => a.member.joinedAt.getTime() - b.member.joinedAt.getTime()));
  });

  test('T-13 1,000 invitations appear exactly once each, with status all and open', async () => {
    const recipients = async (status: 'all' | 'open') => {
      const list = (page: object) => workspaces.listInvitations(ada, { workspaceId, status, ...page });
      const found = await walk(limit, list);
      return found.map(({ recipient }) => (recipient && 'userId' in recipient ? recipient.userId : 'link'));
    };
    expect(notOnce(numbered('guest'), await recipients('all'))).toEqual([]);
    expect((await recipients('open')).sort()).toEqual([...numbered('guest'), 'link'].sort());
  });

  test('T-13 the events of a workspace appear exactly once each, in order', async () => {
    const events = await walk(limit, (page) => workspaces.listEvents(ada, { workspaceId, ...page }));
    expect(events.length).toBeGreaterThanOrEqual(3 * COUNT);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const places = events.map(({ version, index }) => version * 10 + index);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const joined = events.flatMap((event) => (event.type === 'member.joined' ? [event.data.userId] : []));
    expect(notOnce(numbered('u'), joined)).toEqual([]);
  });

  test('T-13 the events of a workspace, newest first, are the same ones in reverse', async () => {
    const inOrder = (order: EventOrder) =>
      walk(limit, (page) => workspaces.listEvents(ada, { workspaceId, order, ...page }));
    expect(await inOrder('newest')).toEqual((await inOrder('oldest')).reverse());
  });
});

test('T-13 the events of an account appear exactly once each, in order', async () => {
  for (const limit of [7, 200]) {
    const events = await walk(limit, (page) => workspaces.listAccountEvents(ada, { userId: 'ada', ...page }));
    expect(events).toHaveLength(COUNT + 1);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const versions = events.map(({ version }) => version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    const backwards = await walk(limit, (page) =>
      workspaces.listAccountEvents(ada, { userId: 'ada', order: 'newest', ...page }),
    );
    expect(backwards).toEqual(events.reverse());
  }
});

describe('while items are added and removed', () => {
  const everyThird = <Item>(items: readonly Item[]) => items.filter((_, index) => index % 3 === 0);
  const others = <Item>(items: readonly Item[]) => items.filter((_, index) => index % 3 !== 0);
  /** Alternately from both ends: some that were seen, and some that are still to come. */
  const next = <Item>(items: readonly Item[], page: number) => items.at(page % 2 === 0 ? page : -page);

  test('T-13 of 1,000 members those who stay throughout are seen exactly once', async () => {
    const { team, room, token, coming } = await crowd(COUNT);
    const [leaving, staying] = [everyThird(numbered('u')), others(numbered('u'))];
    const seen = await walk(
      23,
      (page) => team.listMembers(ada, { workspaceId: room, ...page }),
      async (page) => {
        const [gone, here, changed] = [next(leaving, page), coming[page], next(staying, page)];
        if (gone !== undefined) await team.leaveWorkspace({ userId: gone }, { workspaceId: room });
        if (here !== undefined) await team.acceptInvitation({ userId: here }, { token });
        if (changed === undefined) return;
        await team.changeRole(ada, { workspaceId: room, userId: changed, role: 'manager' });
      },
    );
    const ids = seen.map(({ userId }) => userId);
    expect(notOnce(staying, ids)).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    // Some left before they were reached, and some new ones were reached: the pages really moved.
    expect(leaving.filter((userId) => !ids.includes(userId))).not.toEqual([]);
    expect(coming.filter((userId) => ids.includes(userId))).not.toEqual([]);
  });

  test('T-13 of 1,000 workspaces those that stay throughout are seen exactly once', async () => {
    const { team } = await crowd(0);
    const ids: string[] = [];
    for (const name of numbered('Room ')) ids.push((await team.createWorkspace(dev, { name })).id);
    const [leaving, staying] = [everyThird(ids), others(ids)];
    const seen = await walk(
      23,
      (page) => team.listWorkspaces(dev, page),
      async (page) => {
        const [gone, changed] = [next(leaving, page), next(staying, page)];
        if (gone !== undefined) await team.deleteWorkspace(dev, { workspaceId: gone });
        await team.createWorkspace(dev, { name: `New ${page}` });
        if (changed !== undefined)
          await team.renameWorkspace(dev, { workspaceId: changed, name: `Now ${page}` });
      },
    );
    const found = seen.map(({ workspace }) => workspace.id);
    expect(notOnce(staying, found)).toEqual([]);
    expect(new Set(found).size).toBe(found.length);
  });

  test('T-13 of 1,000 invitations and their events those that stay throughout are seen exactly once', async () => {
    const { team, room } = await crowd(0);
    const invite = { workspaceId: room, role: 'developer' } as const;
    const ids: string[] = [];
    for (const userId of numbered('guest')) {
      ids.push((await team.inviteMember(ada, { ...invite, recipient: { userId } })).invitation.id);
    }
    const [leaving, staying] = [everyThird(ids), others(ids)];
    const between = async (page: number) => {
      const invitationId = next(leaving, page);
      if (invitationId !== undefined) await team.revokeInvitation(ada, { workspaceId: room, invitationId });
      await team.inviteMember(ada, invite);
    };
    for (const status of ['all', 'open'] as const) {
      const list = (page: object) => team.listInvitations(ada, { workspaceId: room, status, ...page });
      const seen = (await walk(23, list, between)).map(({ id }) => id);
      expect(notOnce(status === 'all' ? ids : staying, seen)).toEqual([]);
      expect(new Set(seen).size).toBe(seen.length);
    }
    const list = (page: object) => team.listEvents(ada, { workspaceId: room, ...page });
    const before = await walk(200, list);
    const seen = await walk(50, list, between);
    expect(before.length).toBeGreaterThan(COUNT);
    expect(seen.slice(0, before.length)).toEqual(before);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
  });

  test('T-13 events, newest first: earlier ones are seen once, and none that are added meanwhile', async () => {
    const { team, room, coming, token } = await crowd(100);
    const [seat, seatOfAda] = [{ workspaceId: room }, { workspaceId: 'ws-of-ada' }];
    await team.createWorkspace(ada, { name: 'Ada’s', ...seatOfAda });
    for (let turn = 0; turn < 60; turn++) await team.switchWorkspace(ada, turn % 2 ? seat : seatOfAda);
    const lists = {
      'of a workspace': (page: object) => team.listEvents(ada, { ...seat, ...page }),
      'of an account': (page: object) => team.listAccountEvents(ada, { ...ada, ...page }),
    };
    for (const [title, list] of Object.entries<
      (page: object) => Promise<Page<AccountEvent | WorkspaceEvent>>
    >(lists)) {
      const before = await walk(200, list);
      const since: string[] = [];
      const seen = await walk(
        7,
        (page) => list({ order: 'newest', ...page }),
        async (page) => {
          const userId = coming.shift();
          if (userId !== undefined) await team.acceptInvitation({ userId }, { token });
          await team.switchWorkspace(ada, page % 2 ? seatOfAda : seat);
          const [newest] = (await list({ order: 'newest', limit: 1 })).items;
          if (newest !== undefined) since.push(newest.id);
        },
      );
      expect(before.length, title).toBeGreaterThan(50);
      expect(seen, title).toEqual(before.reverse());
      // Events were added between the pages.
      expect(new Set(since).size, title).toBeGreaterThan(5);
      expect((await walk(200, list)).map(({ id }) => id)).toEqual(expect.arrayContaining(since));
    }
  });

  test('T-13 a cursor stays valid after its item is removed', async () => {
    const { team, room } = await crowd(30);
    const list = (cursor: string | null) => team.listMembers(ada, { workspaceId: room, limit: 10, cursor });
    const first = await list(null);
    const before = await list(first.nextCursor);
    const userId = first.items.at(-1)?.userId ?? '';
    await team.removeMember(ada, { workspaceId: room, userId });
    expect(await list(first.nextCursor)).toEqual(before);
  });

  /** Members who joined within a few instants, and 60 users who hold a link. */
  async function crowd(count: number) {
    const {
      workspaces: team,
      clock: time,
      workspaceId: room,
    } = await createTeam({ limits, invitationsPerActorPerDay: 'unlimited' });
    const forAll = { workspaceId: room, role: 'developer', maxUses: 'unlimited' } as const;
    const { token } = await team.inviteMember(ada, forAll);
    const [userIds, coming] = [numbered('u', count), numbered('late', 60)];
    await openAccounts(team, ...userIds, ...coming);
    for (const [index, userId] of userIds.entries()) {
      if (index % 100 === 0) time.advance(1);
      await team.acceptInvitation({ userId }, { token });
    }
    return { team, room, token, coming };
  }
});

describe('limit and cursor', () => {
  const lists = [
    ['listMembers', 'listMembers', () => ({ workspaceId })],
    ['listInvitations', 'listInvitations', () => ({ workspaceId })],
    ['listEvents', 'listEvents', () => ({ workspaceId })],
    ['listEvents, newest first', 'listEvents', () => ({ workspaceId, order: 'newest' })],
    ['listAccountEvents', 'listAccountEvents', () => ({ userId: 'ada' })],
    ['listAccountEvents, newest first', 'listAccountEvents', () => ({ userId: 'ada', order: 'newest' })],
    ['listWorkspaces', 'listWorkspaces', () => ({})],
  ] as const;

  test.each(lists)('T-13 %s: limit is 1 to 200, with the default 50', async (_title, name, inputOf) => {
    const actor = name === 'listWorkspaces' ? dev : ada;
    for (const limit of [0, -1, 201, 1.5, Number.NaN, Infinity, '50', null, 1e9]) {
      const refused = await refusal(call(workspaces, name, { actor, input: { ...inputOf(), limit } }));
      expect(refused.code).toBe('INVALID_INPUT');
      expect(refused.details).toMatchObject({ issues: [{ path: 'input.limit' }] });
    }
    for (const [limit, length] of [
      [undefined, 50],
      [1, 1],
      [200, 200],
    ] as const) {
      const page = await call(workspaces, name, { actor, input: { ...inputOf(), limit } });
      expect(page).toMatchObject({ items: { length }, nextCursor: expect.any(String) as string });
    }
  });

  test.each(lists)(
    'T-13 %s: the last page has no cursor, even if it is full',
    async (_title, name, inputOf) => {
      const actor = { userId: 'u0001' };
      await openAccounts(workspaces, 'u0001');
      const asked = name === 'listAccountEvents' ? { ...inputOf(), userId: 'u0001' } : inputOf();
      const asker = name === 'listInvitations' || name === 'listEvents' ? root : actor;
      const all = await everyItem(async (cursor) => {
        const page = await call(workspaces, name, { actor: asker, input: { ...asked, cursor, limit: 200 } });
        return page as { items: unknown[]; nextCursor: string | null };
      });
      expect(all.length).toBeGreaterThan(0);
      let left = all.length;
      let cursor: string | null = null;
      do {
        const limit: number = left >= 400 ? 200 : Math.min(left, 200);
        const page = (await call(workspaces, name, { actor: asker, input: { ...asked, cursor, limit } })) as {
          items: unknown[];
          nextCursor: string | null;
        };
        left -= page.items.length;
        cursor = page.nextCursor;
        expect(cursor === null).toBe(left === 0);
      } while (cursor !== null);
    },
  );

  test.each(lists)('T-13 %s: a malformed cursor is INVALID_INPUT', async (_title, name, inputOf) => {
    const actor = name === 'listWorkspaces' ? dev : ada;
    const page = await call(workspaces, name, { actor, input: { ...inputOf(), limit: 1 } });
    const { nextCursor } = page as { nextCursor: string };
    const [tag = '', ...key] = nextCursor.split('.');
    const inThisList = name.endsWith('Events')
      ? ['1.x', '1.1.5', `1.${'9'.repeat(17)}`]
      : ['1.a\u0000b', '1.\ud800'];
    const malformed = [
      ...[
        '',
        ' ',
        '1',
        '1.',
        '.x',
        '-1.1',
        '1e3.1',
        '１.1',
        `${'9'.repeat(17)}.1`,
        `1.${'x'.repeat(257)}`,
      ].map((rest) => `${tag}.${rest}`),
      ...inThisList.map((rest) => `${tag}.${rest}`),
      ` ${nextCursor}`,
      `0${nextCursor}`,
      key.join('.'),
      `${tag.toUpperCase()}-.${key.join('.')}`,
      '',
      ' ',
      'x',
      '1',
      '1.',
      '1.x',
      'null',
      '[object Object]',
      'x'.repeat(601),
    ];
    const taken: string[] = [];
    for (const cursor of malformed) {
      const ended = await outcome(call(workspaces, name, { actor, input: { ...inputOf(), cursor } }));
      if (ended !== 'INVALID_INPUT') taken.push(`${JSON.stringify(cursor)} ${ended}`);
    }
    expect(taken).toEqual([]);
  });

  test.each(lists)('T-13 %s: a cursor of another list is INVALID_INPUT', async (title, name, inputOf) => {
    const actor = name === 'listWorkspaces' ? dev : ada;
    const first = { workspaceId, limit: 1 };
    const { id: other } = await workspaces.createWorkspace(ada, { name: `other of ${title}` });
    const { token } = await workspaces.inviteMember(ada, { workspaceId: other, role: 'developer' });
    await workspaces.acceptInvitation(dev, { token });
    for (let turn = 0; turn < 2; turn++) {
      await workspaces.inviteMember(ada, { workspaceId: other, role: 'developer' });
      await workspaces.switchWorkspace(dev, { workspaceId: turn === 0 ? other : workspaceId });
    }
    const inOther = { workspaceId: other, limit: 1 };
    const newest = { order: 'newest' } as const;
    const pages: Readonly<Record<string, { readonly nextCursor: string | null }>> = {
      listMembers: await workspaces.listMembers(ada, first),
      listInvitations: await workspaces.listInvitations(ada, first),
      listWorkspaces: await workspaces.listWorkspaces(dev, { limit: 1 }),
      listEvents: await workspaces.listEvents(ada, first),
      'listEvents, newest first': await workspaces.listEvents(ada, { ...first, ...newest }),
      listAccountEvents: await workspaces.listAccountEvents(ada, { userId: 'ada', limit: 1 }),
      'listAccountEvents, newest first': await workspaces.listAccountEvents(ada, {
        userId: 'ada',
        limit: 1,
        ...newest,
      }),
      'the members of another workspace': await workspaces.listMembers(ada, inOther),
      'the invitations of another workspace': await workspaces.listInvitations(ada, inOther),
      'the events of another workspace': await workspaces.listEvents(ada, inOther),
      'the workspaces of another user': await workspaces.listWorkspaces(ada, { limit: 1 }),
      'the events of another account': await workspaces.listAccountEvents(dev, { userId: 'dev', limit: 1 }),
    };
    for (const [list, { nextCursor: cursor }] of Object.entries(pages)) {
      expect(cursor, `the cursor of ${list}`).not.toBeNull();
      const answer = call(workspaces, name, { actor, input: { ...inputOf(), cursor } });
      if (list === title) {
        expect(await outcome(answer), `the cursor of ${list}`).toBe('ok');
        continue;
      }
      const { code, details } = await refusal(answer);
      const issues = [{ path: 'input.cursor', message: 'is not a cursor of this list' }];
      expect([code, details], `the cursor of ${list}`).toEqual(['INVALID_INPUT', { issues }]);
    }
  });

  test('T-13 the order of events is oldest or newest, oldest by default', async () => {
    for (const [name, input] of [
      ['listEvents', { workspaceId }],
      ['listAccountEvents', { userId: 'ada' }],
    ] as const) {
      const page = (order?: unknown) => call(workspaces, name, { actor: ada, input: { ...input, order } });
      expect(await page()).toEqual(await page('oldest'));
      expect(await page()).not.toEqual(await page('newest'));
      for (const order of ['', 'Newest', 'desc', 'newest ', null, 1, true, ['newest']]) {
        const refused = await refusal(page(order));
        expect(refused.code).toBe('INVALID_INPUT');
        expect(refused.details).toMatchObject({ issues: [{ path: 'input.order' }] });
      }
    }
  });

  test('T-13 lists other than events have one order, and reject the field', async () => {
    for (const [name, input] of [
      ['listMembers', { workspaceId }],
      ['listInvitations', { workspaceId }],
      ['listWorkspaces', {}],
    ] as const) {
      const asked = call(workspaces, name, { actor: ada, input: { ...input, order: 'newest' } });
      expect((await refusal(asked)).details).toMatchObject({ issues: [{ path: 'input.order' }] });
    }
  });

  test('T-13 pages are frozen, and each caller gets a separate one', async () => {
    const first = await workspaces.listMembers(ada, { workspaceId, limit: 2 });
    expect([first, first.items, ...first.items].every((one) => Object.isFrozen(one))).toBe(true);
    first.items[0]?.joinedAt.setTime(0);
    const again = await workspaces.listMembers(ada, { workspaceId, limit: 2 });
    expect(again.items[0]?.joinedAt.getTime()).toBeGreaterThan(0);
  });
});

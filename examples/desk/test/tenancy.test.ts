// Isolation: unknown and foreign data look the same, and a forged form does no more than its sender may do.
import { describe, expect, test } from 'vitest';
import { fieldOn, openDesk, type Answer, type Visitor } from './desk.js';

/** Ada's team with Ben as a developer, Max as a manager, and a resource; and Eve with a team of her own. */
async function tenants() {
  const desk = await openDesk();
  const [ada, ben, max, eve] = [
    await desk.signedIn('Ada'),
    await desk.signedIn('Ben'),
    await desk.signedIn('Max'),
    await desk.signedIn('Eve'),
  ];
  const at = await ada.create('hello');
  await ben.accept(await ada.invite(at));
  await max.accept(await ada.invite(at, { role: 'manager' }));
  await ada.invite(at, { role: 'manager' });
  await ada.post(`${at}/resources`, { name: 'slow', kind: 'cache', how: 'start' });
  const id = fieldOn(await ada.get(`${at}/resources`), 'id');
  const invitationId = fieldOn(await ada.get(`${at}/members`), 'invitationId');
  const own = await eve.create('own');
  return { desk, ada, ben, max, eve, at, own, id, invitationId };
}

type Forms = readonly (readonly [path: string, fields: Record<string, string>])[];

function formsIn(
  at: string,
  { userId, id, invitationId }: Record<'userId' | 'id' | 'invitationId', string>,
): Forms {
  return [
    [`${at}/rename`, { name: 'mine' }],
    [`${at}/delete`, { confirmName: 'hello' }],
    [`${at}/invite`, { role: 'developer' }],
    [`${at}/invitations/reissue`, { invitationId }],
    [`${at}/invitations/revoke`, { invitationId }],
    [`${at}/members/role`, { userId, role: 'manager' }],
    [`${at}/members/remove`, { userId }],
    [`${at}/members/transfer`, { userId, confirm: 'yes' }],
    [`${at}/members/offer`, { userId }],
    [`${at}/resources`, { name: 'x', kind: 'cache', how: 'create' }],
    [`${at}/resources`, { name: 'x', kind: 'cache', how: 'start' }],
    [`${at}/resources/finish`, { id }],
    [`${at}/resources/cancel`, { id }],
    [`${at}/resources/delete`, { id }],
  ];
}

const PAGES = ['', '/members', '/invite', '/resources', '/activity', '/api'];

/** Everything that a response reveals. */
function visiblePart({ status, body, headers }: Answer): string {
  return JSON.stringify([status, body, [...headers]]);
}

describe('for people who are not members', () => {
  test('every page and form of a workspace answers as for a nonexistent one, and changes nothing', async () => {
    const { desk, ben, eve, at, id, invitationId } = await tenants();
    const nowhere = '/w/ws-0000000000000000';
    const ids = { userId: ben.id(), id, invitationId };
    const before = await desk.dump();
    for (const page of PAGES) {
      const answer = await eve.get(at + page);
      expect([page, answer.status]).toEqual([page, 404]);
      expect(visiblePart(answer)).toBe(visiblePart(await eve.get(nowhere + page)));
    }
    const [forms, none] = [formsIn(at, ids), formsIn(nowhere, ids)];
    for (const [index, [path, fields]] of [...forms, [`${at}/members/leave`, {}] as const].entries()) {
      const answer = await eve.post(path, fields);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.alert).toBe('This page does not exist, or you do not have access to it.');
      const [other, sent] = none[index] ?? [`${nowhere}/members/leave`, {}];
      const twin = await eve.post(other, sent);
      expect(visiblePart(answer).replaceAll(at, nowhere)).toBe(visiblePart(twin));
    }
    const workspaceId = at.slice(3);
    expect((await eve.post('/switch', { workspaceId })).status).toBe(404);
    expect(await desk.dump()).toBe(before);
  });

  test('ids of another workspace are not found through one’s own', async () => {
    const { desk, ben, eve, own, id, invitationId } = await tenants();
    const before = await desk.dump();
    const forged: Forms = [
      [`${own}/members/role`, { userId: ben.id(), role: 'manager' }],
      [`${own}/members/remove`, { userId: ben.id() }],
      [`${own}/members/transfer`, { userId: ben.id(), confirm: 'yes' }],
      [`${own}/invitations/reissue`, { invitationId }],
      [`${own}/invitations/revoke`, { invitationId }],
      [`${own}/resources/finish`, { id }],
      [`${own}/resources/cancel`, { id }],
      [`${own}/resources/delete`, { id }],
    ];
    for (const [path, fields] of forged) {
      expect([path, (await eve.post(path, fields)).status]).toEqual([path, 404]);
    }
    expect(await desk.dump()).toBe(before);
  });

  test('a malformed workspace id answers as not found', async () => {
    const { eve } = await tenants();
    for (const id of ['UPPER', 'a b', '%00', "x'--", 'a'.repeat(64), '-']) {
      for (const page of PAGES) {
        const { status } = await eve.get(`/w/${encodeURIComponent(id)}${page}`);
        expect([id, page, status]).toEqual([id, page, 404]);
      }
    }
  });

  test('signed out, every page redirects to the sign-in page', async () => {
    const { desk, at } = await tenants();
    const stranger = desk.stranger();
    for (const page of [...PAGES.map((each) => at + each), '/workspaces', '/account', '/']) {
      expect((await stranger.get(page)).location).toMatch(/^\/sign-in/);
    }
    const before = await desk.dump();
    for (const [path, fields] of formsIn(at, { userId: 'u', id: 'r', invitationId: 'i' })) {
      expect((await stranger.post(path, fields)).location).toBe('/sign-in');
    }
    expect(await desk.dump()).toBe(before);
  });
});

describe('a member without the permission', () => {
  test('a developer sees pages without controls, and forged forms are rejected', async () => {
    const { desk, ben, max, at, id, invitationId } = await tenants();
    for (const page of ['/members', '/resources']) {
      const { status, body } = await ben.get(at + page);
      expect(status).toBe(200);
      expect(forms(body)).toEqual(page === '/members' ? [`${at}/members/leave`] : []);
    }
    expect((await ben.get(`${at}/members`)).text).not.toContain('Open invitations');
    expect((await ben.get(at)).body).not.toMatch(/\/(invite|activity)"/);
    expect((await ben.get(`${at}/activity`)).status).toBe(403);

    const before = await desk.dump();
    for (const [path, fields] of formsIn(at, { userId: max.id(), id, invitationId })) {
      const { status, alert } = await ben.post(path, fields);
      expect([path, status]).toEqual([path, 403]);
      expect(alert === '' || alert.startsWith('Your role (developer)')).toBe(true);
    }
    expect(await desk.dump()).toBe(before);
  });

  test('a manager cannot rename, delete, transfer or appoint managers', async () => {
    const { desk, ada, ben, max, at, invitationId } = await tenants();
    const before = await desk.dump();
    const forged: Forms = [
      [`${at}/rename`, { name: 'mine' }],
      [`${at}/delete`, { confirmName: 'hello' }],
      [`${at}/invite`, { role: 'manager' }],
      [`${at}/invitations/reissue`, { invitationId }],
      [`${at}/invitations/revoke`, { invitationId }],
      [`${at}/members/role`, { userId: ben.id(), role: 'manager' }],
      [`${at}/members/transfer`, { userId: max.id(), confirm: 'yes' }],
    ];
    for (const [path, fields] of forged)
      expect([path, (await max.post(path, fields)).status]).toEqual([path, 403]);
    expect((await max.post(`${at}/members/remove`, { userId: ada.id() })).status).toBe(409);
    expect(await desk.dump()).toBe(before);
    expect(forms((await max.get(`${at}/members`)).body)).toEqual([
      `${at}/members/remove`,
      `${at}/members/leave`,
    ]);
  });

  test('a removed member loses access immediately', async () => {
    const { ada, ben, at } = await tenants();
    expect((await ben.get(at)).status).toBe(200);
    await ada.post(`${at}/members/remove`, { userId: ben.id() });
    await refusedEverywhere(ben, at);
  });

  test('after a removal the page says that links are open, and closes them on request', async () => {
    const { ada, ben, max, at } = await tenants();
    const removed = await ada.post(`${at}/members/remove`, { userId: ben.id() });
    expect(removed.headers.get('Location')).toBe(`${at}/members?notice=links`);
    expect((await ada.get(`${at}/members?notice=links`)).body).toContain('There are still open links');
    const closed = await ada.post(`${at}/members/remove`, { userId: max.id(), closeLinks: 'yes' });
    expect(closed.headers.get('Location')).toBe(`${at}/members`);
  });
});

async function refusedEverywhere(visitor: Visitor, at: string): Promise<void> {
  for (const page of PAGES) expect((await visitor.get(at + page)).status).toBe(404);
}

/** The targets of the forms on the page, except those of the top bar. */
function forms(body: string): readonly string[] {
  const main = body.replace(/^.*<main/s, '');
  return [...main.matchAll(/<form method="post" action="([^"]+)"/g)].map(([, action = '']) => action);
}

// What belongs to others: unknown and forbidden look the same, and no forged form does more than its sender may.
import { describe, expect, test } from 'vitest';
import { fieldOn, openDesk, type Answer, type Visitor } from './desk.js';

/** Ada's team, with Ben as a developer, Max as a manager, and a resource; Eve has a team of her own. */
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
    [`${at}/resources`, { name: 'x', kind: 'cache', how: 'create' }],
    [`${at}/resources`, { name: 'x', kind: 'cache', how: 'start' }],
    [`${at}/resources/finish`, { id }],
    [`${at}/resources/cancel`, { id }],
    [`${at}/resources/delete`, { id }],
  ];
}

const PAGES = ['', '/members', '/invite', '/resources', '/activity', '/api'];

/** All that an answer tells. */
function told({ status, body, headers }: Answer): string {
  return JSON.stringify([status, body, [...headers]]);
}

describe('to whoever is not a member', () => {
  test('every page and every form of a workspace answers as for one that never was, and does nothing', async () => {
    const { desk, ben, eve, at, id, invitationId } = await tenants();
    const nowhere = '/w/ws-0000000000000000';
    const ids = { userId: ben.id(), id, invitationId };
    const before = await desk.dump();
    for (const page of PAGES) {
      const answer = await eve.get(at + page);
      expect([page, answer.status]).toEqual([page, 404]);
      expect(told(answer)).toBe(told(await eve.get(nowhere + page)));
    }
    const [forms, none] = [formsIn(at, ids), formsIn(nowhere, ids)];
    for (const [index, [path, fields]] of [...forms, [`${at}/members/leave`, {}] as const].entries()) {
      const answer = await eve.post(path, fields);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.alert).toBe('There is no such page, or it is not yours to see.');
      const [other, sent] = none[index] ?? [`${nowhere}/members/leave`, {}];
      const twin = await eve.post(other, sent);
      expect(told(answer).replaceAll(at, nowhere)).toBe(told(twin));
    }
    const workspaceId = at.slice(3);
    expect((await eve.post('/switch', { workspaceId })).status).toBe(404);
    expect(await desk.dump()).toBe(before);
  });

  test('ids of another workspace open nothing through one’s own', async () => {
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

  test('an id that is no id is no page either', async () => {
    const { eve } = await tenants();
    for (const id of ['UPPER', 'a b', '%00', "x'--", 'a'.repeat(64), '-']) {
      for (const page of PAGES) {
        const { status } = await eve.get(`/w/${encodeURIComponent(id)}${page}`);
        expect([id, page, status]).toEqual([id, page, 404]);
      }
    }
  });

  test('signed out, everything leads to signing in', async () => {
    const { desk, at } = await tenants();
    const stranger = desk.stranger();
    for (const page of [...PAGES.map((each) => at + each), '/workspaces', '/']) {
      expect((await stranger.get(page)).location).toMatch(/^\/sign-in/);
    }
    const before = await desk.dump();
    for (const [path, fields] of formsIn(at, { userId: 'u', id: 'r', invitationId: 'i' })) {
      expect((await stranger.post(path, fields)).location).toBe('/sign-in');
    }
    expect(await desk.dump()).toBe(before);
  });
});

describe('a member whose role lacks it', () => {
  test('a developer sees the pages without controls, and forged forms are refused', async () => {
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
      expect(alert === '' || alert.startsWith('Your role, developer, may not')).toBe(true);
    }
    expect(await desk.dump()).toBe(before);
  });

  test('a manager neither renames, deletes, hands over nor makes managers', async () => {
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

  test('whoever was removed a moment ago gets in nowhere any more', async () => {
    const { ada, ben, at } = await tenants();
    expect((await ben.get(at)).status).toBe(200);
    await ada.post(`${at}/members/remove`, { userId: ben.id() });
    await refusedEverywhere(ben, at);
  });
});

async function refusedEverywhere(visitor: Visitor, at: string): Promise<void> {
  for (const page of PAGES) expect((await visitor.get(at + page)).status).toBe(404);
}

/** Where the forms of the page lead, but for those of the top bar. */
function forms(body: string): readonly string[] {
  const main = body.replace(/^.*<main/s, '');
  return [...main.matchAll(/<form method="post" action="([^"]+)"/g)].map(([, action = '']) => action);
}

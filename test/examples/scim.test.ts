// The SCIM server, called as Entra ID and Okta call it.
import { beforeEach, describe, expect, test } from 'vitest';
import type { WorkspaceService } from 'tenantry';
import { createTestWorkspaces } from 'tenantry/testing';
import { scimServer } from '../../examples/scim/server.js';

const token = 'a token of at least thirty-two characters';
const ada = { userId: 'ada' };
const PATCH = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] };

let workspaces: WorkspaceService;
let workspaceId: string;
let server: ReturnType<typeof scimServer>;

beforeEach(async () => {
  ({ workspaces } = createTestWorkspaces({
    limits: { membersPerWorkspace: 3, openInvitationsPerWorkspace: 9, workspacesPerOwner: 9 },
  }));
  await workspaces.openAccount({ ...ada, username: 'ada' });
  ({ id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Acme' }));
  const roles = { Admins: 'manager', Engineering: 'developer' };
  server = scimServer({ workspaces, workspaceId, managedBy: 'entra', roles, token });
});

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  authorization = `Bearer ${token}`,
): Promise<Answer> {
  const response = await server.request(path, {
    method,
    headers: { authorization, 'content-type': 'application/scim+json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const read: unknown = text === '' ? {} : JSON.parse(text);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: typeof read === 'object' && read !== null ? { ...read } : {},
  };
}

async function created(path: string, body: object): Promise<string> {
  const answer = await call('POST', path, body);
  expect([answer.status, answer.type]).toEqual([201, 'application/scim+json']);
  return String(answer.body['id']);
}

const roles = async () =>
  Object.fromEntries(
    (await workspaces.listMembers(ada, { workspaceId })).items
      .filter(({ managedBy }) => managedBy === 'entra')
      .map(({ username, role }) => [username, role]),
  );

// https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
const entraUser = (userName: string) => ({
  schemas: [
    'urn:ietf:params:scim:schemas:core:2.0:User',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  ],
  externalId: `external-${userName}`,
  userName,
  active: true,
  emails: [{ primary: true, type: 'work', value: `${userName}@acme.example` }],
  meta: { resourceType: 'User' },
  name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
  roles: [],
});
const entraGroup = (displayName: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
  externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
  displayName,
  meta: { resourceType: 'Group' },
});

describe('as Entra ID calls it', () => {
  const addTo = (group: string, ...ids: string[]) =>
    call('PATCH', `/Groups/${group}`, {
      ...PATCH,
      Operations: [{ op: 'Add', path: 'members', value: ids.map((value) => ({ $ref: null, value })) }],
    });

  test('a user who is created is found by name, and is no member without a group', async () => {
    const probe = await call('GET', '/Users?filter=userName+eq+"ben"');
    expect(probe).toMatchObject({ status: 200, body: { totalResults: 0, Resources: [] } });
    const id = await created('/Users', entraUser('ben'));
    expect((await call('GET', '/Users?filter=userName eq "BEN"')).body).toMatchObject({
      totalResults: 1,
      startIndex: 1,
      itemsPerPage: 1,
      Resources: [{ id, userName: 'ben', active: true, externalId: 'external-ben' }],
    });
    expect((await call('GET', `/Users/${id}`)).body).toMatchObject({
      emails: [{ value: 'ben@acme.example' }],
    });
    expect(await roles()).toEqual({});
  });

  test('members of a group get its role, and lose it with the last group', async () => {
    const ben = await created('/Users', entraUser('ben'));
    const [engineering, admins] = [
      await created('/Groups', entraGroup('Engineering')),
      await created('/Groups', entraGroup('Admins')),
    ];
    expect((await addTo(engineering, ben)).status).toBe(200);
    expect(await roles()).toEqual({ ben: 'developer' });
    await addTo(admins, ben);
    expect(await roles()).toEqual({ ben: 'manager' });
    await call('PATCH', `/Groups/${admins}`, {
      ...PATCH,
      Operations: [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: ben }] }],
    });
    expect(await roles()).toEqual({ ben: 'developer' });
    // The form with the feature flag for SCIM compliance.
    await call('PATCH', `/Groups/${engineering}`, {
      ...PATCH,
      Operations: [{ op: 'remove', path: `members[value eq "${ben}"]` }],
    });
    expect(await roles()).toEqual({});
    const query = '?excludedAttributes=members&filter=displayName eq "Engineering"';
    expect((await call('GET', `/Groups${query}`)).body['Resources']).toEqual([
      expect.not.objectContaining({ members: expect.anything() as unknown }),
    ]);
  });

  test('a disabled user loses the access, and gets it back when enabled', async () => {
    const ben = await created('/Users', entraUser('ben'));
    await addTo(await created('/Groups', entraGroup('Engineering')), ben);
    const active = (op: string, value: unknown) =>
      call('PATCH', `/Users/${ben}`, { ...PATCH, Operations: [{ op, path: 'active', value }] });
    expect((await active('Replace', 'False')).body).toMatchObject({ active: false });
    expect(await roles()).toEqual({});
    await active('Replace', 'True');
    expect(await roles()).toEqual({ ben: 'developer' });
    await active('replace', false);
    expect(await roles()).toEqual({});
    expect((await active('Replace', 'maybe')).body).toMatchObject({
      status: '400',
      scimType: 'invalidValue',
    });
  });

  test('a renamed user keeps the account, and one who is deleted loses it', async () => {
    const ben = await created('/Users', entraUser('ben'));
    await addTo(await created('/Groups', entraGroup('Engineering')), ben);
    await call('PATCH', `/Users/${ben}`, {
      ...PATCH,
      Operations: [
        { op: 'Replace', path: 'userName', value: 'benjamin' },
        { op: 'Replace', path: 'displayName', value: 'Benjamin B.' },
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'benjamin@acme.example' },
        { op: 'Add', path: 'name.givenName', value: 'Benjamin' },
      ],
    });
    expect(await roles()).toEqual({ benjamin: 'developer' });
    expect((await call('DELETE', `/Users/${ben}`)).status).toBe(204);
    expect(await roles()).toEqual({});
    expect((await call('GET', `/Users/${ben}`)).body).toMatchObject({ status: '404' });
    // The name is free, and the person who gets it is a new one.
    expect(await created('/Users', entraUser('benjamin'))).not.toBe(ben);
  });
});

// https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/
describe('as Okta calls it', () => {
  const oktaUser = (userName: string) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName,
    name: { givenName: 'Test', familyName: 'User' },
    emails: [{ primary: true, value: `${userName}@okta.example`, type: 'work' }],
    displayName: 'Test User',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
  });

  test('users are created, deactivated and activated, and the groups are put and patched', async () => {
    const [ben, cem] = [await created('/Users', oktaUser('ben')), await created('/Users', oktaUser('cem'))];
    const group = await created('/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Engineering',
      members: [{ value: ben, display: 'ben' }],
    });
    expect(await roles()).toEqual({ ben: 'developer' });
    await call('PUT', `/Groups/${group}`, {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      id: group,
      displayName: 'Engineering',
      members: [{ value: cem, display: 'cem' }],
    });
    expect(await roles()).toEqual({ cem: 'developer' });
    await call('PATCH', `/Groups/${group}`, {
      ...PATCH,
      Operations: [
        { op: 'remove', path: `members[value eq "${cem}"]` },
        { op: 'add', path: 'members', value: [{ value: ben, display: 'ben' }] },
      ],
    });
    expect(await roles()).toEqual({ ben: 'developer' });
    await call('PATCH', `/Groups/${group}`, {
      ...PATCH,
      Operations: [{ op: 'replace', value: { id: group, displayName: 'Admins' } }],
    });
    expect(await roles()).toEqual({ ben: 'manager' });
    await call('PATCH', `/Groups/${group}`, {
      ...PATCH,
      Operations: [{ op: 'replace', path: 'members', value: [{ value: ben }, { value: cem }] }],
    });
    expect(await roles()).toEqual({ ben: 'manager', cem: 'manager' });

    const active = (value: boolean) =>
      call('PATCH', `/Users/${ben}`, { ...PATCH, Operations: [{ op: 'replace', value: { active: value } }] });
    expect((await active(false)).body).toMatchObject({ active: false });
    expect(await roles()).toEqual({ cem: 'manager' });
    await active(true);
    await call('PUT', `/Users/${ben}`, { ...oktaUser('ben'), id: ben, displayName: 'Ben' });
    expect(await roles()).toEqual({ ben: 'manager', cem: 'manager' });
    expect((await call('DELETE', `/Groups/${group}`)).status).toBe(204);
    expect(await roles()).toEqual({});
  });

  test('pages begin at 1, and a count of 0 asks for the number alone', async () => {
    for (const name of ['ben', 'cem', 'dan']) await created('/Users', oktaUser(name));
    const page = async (query: string) => (await call('GET', `/Users?${query}`)).body;
    expect(await page('startIndex=1&count=2')).toMatchObject({
      totalResults: 3,
      startIndex: 1,
      itemsPerPage: 2,
    });
    expect(await page('startIndex=3&count=2')).toMatchObject({ startIndex: 3, itemsPerPage: 1 });
    expect(await page('startIndex=0&count=0')).toMatchObject({
      totalResults: 3,
      startIndex: 1,
      Resources: [],
    });
    expect(await page('filter=title pr')).toMatchObject({ status: '400', scimType: 'invalidFilter' });
  });
});

describe('what is refused', () => {
  test('every request without the token, before anything else', async () => {
    for (const authorization of ['', 'Bearer', `Bearer ${token}x`, `bearer ${token}`, token]) {
      const answer = await call('GET', '/Users', undefined, authorization);
      expect([answer.status, answer.body['status']]).toEqual([401, '401']);
      expect(JSON.stringify(answer.body)).not.toContain(token);
    }
    expect((await call('POST', '/nowhere', {}, 'Bearer x')).status).toBe(401);
    const options = { workspaces, workspaceId, managedBy: 'entra', roles: {} };
    for (const weak of ['', 'short'])
      expect(() => scimServer({ ...options, token: weak })).toThrow(TypeError);
  });

  test('taken names, unknown resources and groups, bodies that cannot be read', async () => {
    await created('/Users', entraUser('ben'));
    for (const [method, path, body, status, scimType] of [
      ['POST', '/Users', entraUser('BEN'), '409', 'uniqueness'],
      ['POST', '/Users', {}, '400', 'invalidValue'],
      ['POST', '/Users', { userName: 'a\u0000' }, '400', 'invalidValue'],
      ['POST', '/Users', '{', '400', 'invalidSyntax'],
      ['PATCH', '/Users/none', {}, '404', undefined],
      ['DELETE', '/Groups/none', undefined, '404', undefined],
      ['POST', '/Groups', { displayName: 'Unknown' }, '400', 'invalidValue'],
      ['POST', '/Groups', { displayName: 'Admins', members: [{ value: 'none' }] }, '400', 'invalidValue'],
      ['POST', '/Bulk', {}, '404', undefined],
    ] as const) {
      const answer = await call(method, path, body);
      expect(answer.body, path).toMatchObject({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status,
        ...(scimType && { scimType }),
      });
    }
  });

  test('a member for whom no seat is left; the next request that changes something tries again', async () => {
    const ids = [];
    for (const name of ['ben', 'cem', 'dan']) ids.push(await created('/Users', entraUser(name)));
    const group = await created('/Groups', entraGroup('Engineering'));
    const put = (members: readonly string[]) =>
      call('PUT', `/Groups/${group}`, {
        ...entraGroup('Engineering'),
        members: members.map((value) => ({ value })),
      });
    expect((await put(ids)).body).toMatchObject({
      status: '409',
      detail: expect.stringContaining('LIMIT_EXCEEDED') as unknown,
    });
    expect(await roles()).toEqual({ ben: 'developer', cem: 'developer' });
    expect((await put(ids.slice(1))).status).toBe(200);
    expect(await roles()).toEqual({ cem: 'developer', dan: 'developer' });
  });
});

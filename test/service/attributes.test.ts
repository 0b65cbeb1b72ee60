// Attributes of workspaces and members: who sets and sees them, what is accepted, and that they change nothing else.
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import {
  defaultMatrix,
  WorkspaceService,
  type AttributeOptions,
  type AttributeSchema,
  type CorePermission,
  type TenantryEvent,
} from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { ada, createTeam, dev, join, mia, outcome, refusal, root, sam } from './team.js';

const plan = { schema: z.enum(['free', 'pro']) };
const alias = { schema: z.string().trim().max(128), permission: 'member:remove' } as const;
const note = { schema: z.string(), visibleTo: 'operators' } as const;
const anything: AttributeSchema = { '~standard': { version: 1, validate: (value) => ({ value }) } };

const declared = {
  workspace: {
    plan,
    note,
    theme: { schema: z.object({ color: z.string(), dark: z.boolean().default(false) }) },
  },
  member: { alias, note, title: { schema: z.string() } },
} as const satisfies AttributeOptions<CorePermission>;

const start = (attributes: AttributeOptions<CorePermission> = declared) => createTeam({ attributes });

/** The events of the workspace as an actor lists them, of one type. */
async function changesSeenBy(
  actor: typeof ada | typeof root,
  { workspaces, workspaceId }: Pick<Awaited<ReturnType<typeof createTeam>>, 'workspaces' | 'workspaceId'>,
) {
  const { items } = await workspaces.listEvents(actor, { workspaceId, limit: 200 });
  return items.filter(({ type }) => type.endsWith('.attributes-changed')).map(({ data }) => data);
}

describe('attributes of a workspace', () => {
  test('are in every view of it, and a key that is not named stays as it is', async () => {
    const { workspaces, workspaceId } = await start();
    const first = { plan: 'pro', theme: { color: 'red' } };
    expect(await workspaces.updateAttributes(ada, { workspaceId, attributes: first })).toEqual({
      attributes: { plan: 'pro', theme: { color: 'red', dark: false } },
      operatorAttributes: null,
    });
    await workspaces.updateAttributes(ada, { workspaceId, attributes: { plan: 'free' } });
    const expected = { plan: 'free', theme: { color: 'red', dark: false } };
    expect((await workspaces.getWorkspace(dev, { workspaceId })).attributes).toEqual(expected);
    expect((await workspaces.getMembership(dev, { workspaceId })).workspace.attributes).toEqual(expected);
    const listed = (await workspaces.listWorkspaces(dev)).items.find(
      ({ workspace }) => workspace.id === workspaceId,
    );
    expect(listed?.workspace.attributes).toEqual(expected);
    await workspaces.updateAttributes(ada, { workspaceId, attributes: { theme: null } });
    expect((await workspaces.getWorkspace(dev, { workspaceId })).attributes).toEqual({ plan: 'free' });
  });

  test('of a personal workspace are set by its owner', async () => {
    const { workspaces } = await start();
    const { workspace } = await workspaces.activeWorkspace(sam);
    const set = { workspaceId: workspace.id, attributes: { plan: 'pro' } };
    expect((await workspaces.updateAttributes(sam, set)).attributes).toEqual({ plan: 'pro' });
    expect(await outcome(workspaces.updateAttributes(ada, set))).toBe('WORKSPACE_NOT_FOUND');
  });

  test('come back with a restored workspace, and stay with a transferred one', async () => {
    const { workspaces, workspaceId } = await createTeam({
      attributes: declared,
      deletion: { graceSeconds: 60 },
    });
    await workspaces.updateAttributes(ada, { workspaceId, attributes: { plan: 'pro' } });
    await workspaces.updateAttributes(mia, { workspaceId, userId: 'dev', attributes: { alias: 'Devi' } });
    await workspaces.deleteWorkspace(ada, { workspaceId });
    expect(
      await outcome(workspaces.updateAttributes(ada, { workspaceId, attributes: { plan: 'free' } })),
    ).toBe('WORKSPACE_NOT_FOUND');
    expect((await workspaces.restoreWorkspace(ada, { workspaceId })).attributes).toEqual({ plan: 'pro' });
    const transferred = await workspaces.transferOwnership(ada, { workspaceId, userId: 'dev' });
    expect(transferred.attributes).toEqual({ plan: 'pro' });
    expect((await workspaces.getMembership(dev, { workspaceId })).member.attributes).toEqual({
      alias: 'Devi',
    });
  });
});

describe('attributes of a member', () => {
  test('the alias of a member is set by the owner and by managers, and seen by all members', async () => {
    const { workspaces, workspaceId } = await start();
    const set = (name: string) => ({ workspaceId, userId: 'dev', attributes: { alias: name } });
    expect((await workspaces.updateAttributes(mia, set(' Devi '))).attributes).toEqual({ alias: 'Devi' });
    expect((await workspaces.updateAttributes(ada, set('D'))).attributes).toEqual({ alias: 'D' });
    expect(await refusal(workspaces.updateAttributes(dev, set('me')))).toMatchObject({
      code: 'PERMISSION_DENIED',
      details: { permission: 'member:remove', role: 'developer' },
    });
    const { items } = await workspaces.listMembers(dev, { workspaceId });
    expect(items.map(({ userId, attributes }) => [userId, attributes])).toEqual([
      ['ada', {}],
      ['dev', { alias: 'D' }],
      ['mia', {}],
    ]);
  });

  test('a user needs the permission of every attribute that the call names', async () => {
    const { workspaces, workspaceId, storage } = await start();
    const before = storage.dump();
    const attributes = { alias: 'Devi', title: 'Engineer' };
    expect(
      await refusal(workspaces.updateAttributes(mia, { workspaceId, userId: 'dev', attributes })),
    ).toMatchObject({ code: 'PERMISSION_DENIED', details: { permission: 'member:change-role' } });
    expect(storage.dump()).toEqual(before);
    await workspaces.updateAttributes(ada, { workspaceId, userId: 'dev', attributes });
  });

  test('end with the membership, and a new membership has none', async () => {
    const { workspaces, workspaceId } = await start();
    await workspaces.updateAttributes(mia, { workspaceId, userId: 'dev', attributes: { alias: 'Devi' } });
    await workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' });
    expect((await workspaces.getMembership(dev, { workspaceId })).member.attributes).toEqual({
      alias: 'Devi',
    });
    await workspaces.removeMember(ada, { workspaceId, userId: 'dev' });
    const set = { workspaceId, userId: 'dev', attributes: { alias: 'Devi' } };
    expect(await outcome(workspaces.updateAttributes(mia, set))).toBe('MEMBER_NOT_FOUND');
    await join(workspaces, ada, { workspaceId, userId: 'dev', role: 'developer' });
    expect((await workspaces.getMembership(dev, { workspaceId })).member.attributes).toEqual({});
  });
});

describe('attributes for operators', () => {
  test('are set and seen by operators alone', async () => {
    const { workspaces, workspaceId } = await start();
    const set = { workspaceId, attributes: { note: 'owes us', plan: 'pro' } };
    expect(await refusal(workspaces.updateAttributes(ada, set))).toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'input.attributes.note', message: 'is unknown' }] },
    });
    expect(await workspaces.updateAttributes(root, set)).toEqual({
      attributes: { plan: 'pro' },
      operatorAttributes: { note: 'owes us' },
    });
    await workspaces.updateAttributes(root, { workspaceId, userId: 'dev', attributes: { note: 'spam' } });
    const shown = JSON.stringify([
      await workspaces.getWorkspace(ada, { workspaceId }),
      await workspaces.getMembership(dev, { workspaceId }),
      await workspaces.listMembers(ada, { workspaceId }),
      await workspaces.listWorkspaces(ada),
      await workspaces.listEvents(ada, { workspaceId }),
      await workspaces.switchWorkspace(ada, { workspaceId }),
      await workspaces.updateAttributes(ada, { workspaceId, attributes: { plan: 'free' } }),
    ]);
    for (const hidden of ['owes us', 'spam', 'note']) expect(shown).not.toContain(hidden);
    expect((await workspaces.getWorkspace(root, { workspaceId })).operatorAttributes).toEqual({
      note: 'owes us',
    });
    const { items } = await workspaces.findWorkspaces(root, { workspaceId });
    expect(items.map(({ operatorAttributes }) => operatorAttributes)).toEqual([{ note: 'owes us' }]);
    const members = (await workspaces.listMembers(root, { workspaceId })).items;
    expect(members.map(({ operatorAttributes }) => operatorAttributes)).toEqual([{}, { note: 'spam' }, {}]);
  });

  test('can be set while the workspace is suspended, and those that members see cannot', async () => {
    const { workspaces, workspaceId } = await start();
    await workspaces.suspendWorkspace(root, { workspaceId, reason: 'unpaid' });
    const ends = [
      workspaces.updateAttributes(root, { workspaceId, attributes: { note: 'called' } }),
      workspaces.updateAttributes(root, { workspaceId, attributes: { plan: 'pro' } }),
      workspaces.updateAttributes(mia, { workspaceId, userId: 'dev', attributes: { alias: 'Devi' } }),
    ];
    expect(await Promise.all(ends.map(outcome))).toEqual([
      'ok',
      'WORKSPACE_SUSPENDED',
      'WORKSPACE_SUSPENDED',
    ]);
  });
});

describe('events', () => {
  test('name the keys that changed, and no values', async () => {
    const team = await start();
    const { workspaces, workspaceId, storage } = team;
    const heard: TenantryEvent[] = [];
    workspaces.on('*', (event) => heard.push(event));
    await workspaces.updateAttributes(root, { workspaceId, attributes: { plan: 'pro', note: 'SECRET' } });
    await workspaces.updateAttributes(mia, { workspaceId, userId: 'dev', attributes: { alias: 'SECRET' } });
    const ofOperators = { keys: ['note'], visibleTo: 'operators' };
    const ofMembers = [
      { keys: ['plan'], visibleTo: 'members' },
      { userId: 'dev', keys: ['alias'], visibleTo: 'members' },
    ];
    const [first, last] = ofMembers;
    expect(await changesSeenBy(root, team)).toEqual([first, ofOperators, last]);
    expect(heard.map(({ data }) => data)).toEqual([first, ofOperators, last]);
    // The event stays in the list, without the name of the attribute.
    expect(await changesSeenBy(ada, team)).toEqual([first, { ...ofOperators, keys: [] }, last]);
    expect(JSON.stringify(storage.dump().events)).not.toContain('SECRET');
  });

  test('there is none where nothing changed, whatever the order of keys', async () => {
    const team = await start({ workspace: { theme: { schema: anything } } });
    const { workspaces, workspaceId } = team;
    const set = (theme: object | null) =>
      workspaces.updateAttributes(ada, { workspaceId, attributes: { theme } });
    await set({ a: [1, { b: 2, c: 3 }], d: 4 });
    const { version } = await workspaces.getWorkspace(ada, { workspaceId });
    await set({ d: 4, a: [1, { c: 3, b: 2 }] });
    expect((await workspaces.getWorkspace(ada, { workspaceId })).version).toBe(version);
    await set(null);
    await set(null);
    expect(await changesSeenBy(ada, team)).toHaveLength(2);
  });
});

describe('what is accepted', () => {
  test('issues of a schema have their path, and nothing changes', async () => {
    const { workspaces, workspaceId, storage } = await start();
    const before = storage.dump();
    const attributes = { plan: 'gold', theme: { color: 1 }, colour: 'red' };
    const { code, details } = await refusal(workspaces.updateAttributes(ada, { workspaceId, attributes }));
    expect(code).toBe('INVALID_INPUT');
    expect(details).toMatchObject({
      issues: [
        { path: 'input.attributes.plan' },
        { path: 'input.attributes.theme.color' },
        { path: 'input.attributes.colour', message: 'is unknown' },
      ],
    });
    expect(storage.dump()).toEqual(before);
  });

  test.each([
    ['a date', new Date(0)],
    ['undefined', undefined],
    ['a class instance', new URL('https://a.example')],
    ['NaN', Number.NaN],
  ])('%s is not JSON', async (_, value) => {
    const { workspaces, workspaceId } = await start({ workspace: { any: { schema: anything } } });
    expect(
      await refusal(workspaces.updateAttributes(ada, { workspaceId, attributes: { any: value } })),
    ).toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'input.attributes.any', message: 'must be JSON' }] },
    });
  });

  test('what a schema returns must be JSON as well', async () => {
    const toDate = z.string().transform((text) => new Date(text));
    const { workspaces, workspaceId } = await start({ workspace: { since: { schema: toDate } } });
    const attributes = { since: '2026-11-30' };
    expect(await refusal(workspaces.updateAttributes(ada, { workspaceId, attributes }))).toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'input.attributes.since', message: 'must be JSON, and not null' }] },
    });
  });

  test('arrays and objects within each other up to 32 levels', async () => {
    const { workspaces, workspaceId } = await start({ workspace: { any: { schema: anything } } });
    const nested = (depth: number): unknown => (depth === 0 ? 'bottom' : [nested(depth - 1)]);
    const set = (any: unknown) => workspaces.updateAttributes(ada, { workspaceId, attributes: { any } });
    expect((await set(nested(32))).attributes).toEqual({ any: nested(32) });
    expect(await outcome(set(nested(33)))).toBe('INVALID_INPUT');
  });

  test('4096 bytes for each audience, counted in UTF-8 over all attributes, and less is always accepted', async () => {
    const text = { schema: z.string() };
    const { workspaces, workspaceId } = await start({
      workspace: { a: text, b: text, c: { ...text, visibleTo: 'operators' } },
    });
    const set = (attributes: object) =>
      workspaces.updateAttributes(root, { workspaceId, attributes: { ...attributes } });
    // {"a":"…"} takes 8 bytes without the text, and é takes two.
    await set({ a: 'é'.repeat(2044) });
    expect(await refusal(set({ b: '' }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { which: 'attributeBytes', limit: 4096, current: 4096, requested: 7 },
    });
    await set({ c: 'x'.repeat(4088) });
    expect(await outcome(set({ c: 'x'.repeat(4089) }))).toBe('LIMIT_EXCEEDED');
    await set({ a: 'é'.repeat(2040), b: '' });
    await set({ a: null });
  });

  test('without the option every attribute is unknown', async () => {
    const { workspaces, workspaceId } = await createTeam({ attributes: {} });
    expect(
      await outcome(workspaces.updateAttributes(ada, { workspaceId, attributes: { plan: 'pro' } })),
    ).toBe('INVALID_INPUT');
  });

  test('names of Object.prototype are names like others', async () => {
    const { workspaces, workspaceId } = await start();
    for (const key of ['constructor', 'toString', 'hasOwnProperty']) {
      const { code } = await refusal(
        workspaces.updateAttributes(ada, { workspaceId, attributes: { [key]: 'x' } }),
      );
      expect(code).toBe('INVALID_INPUT');
    }
    const own = await start({ workspace: { constructor: { schema: anything } } });
    const { attributes } = await own.workspaces.updateAttributes(ada, {
      workspaceId: own.workspaceId,
      attributes: { constructor: 'x' },
    });
    expect(Object.entries(attributes)).toEqual([['constructor', 'x']]);
  });

  test('a schema that throws is INVALID_INPUT with the cause, and an async one a TypeError', async () => {
    const cause = new Error('broken');
    const broken: AttributeSchema = {
      '~standard': {
        version: 1,
        validate: () => {
          throw cause;
        },
      },
    };
    const slow: AttributeSchema = {
      '~standard': { version: 1, validate: () => Promise.reject(new Error('late')) },
    };
    const { workspaces, workspaceId } = await start({
      workspace: { broken: { schema: broken }, slow: { schema: slow } },
    });
    expect(
      await refusal(workspaces.updateAttributes(ada, { workspaceId, attributes: { broken: 1 } })),
    ).toMatchObject({
      code: 'INVALID_INPUT',
      cause,
    });
    await expect(workspaces.updateAttributes(ada, { workspaceId, attributes: { slow: 1 } })).rejects.toThrow(
      TypeError,
    );
  });

  test('the caller may change its values afterwards, and the answer is frozen', async () => {
    const { workspaces, workspaceId } = await start({ workspace: { list: { schema: anything } } });
    workspaces.before('updateAttributes', () => undefined);
    const list = [{ a: 1 }];
    const { attributes } = await workspaces.updateAttributes(ada, { workspaceId, attributes: { list } });
    list.push({ a: 2 });
    expect((await workspaces.getWorkspace(ada, { workspaceId })).attributes).toEqual({ list: [{ a: 1 }] });
    expect([attributes, attributes['list']].every(Object.isFrozen)).toBe(true);
  });
});

test('two calls that name different keys both take effect', async () => {
  const { workspaces, workspaceId } = await start();
  const set = (attributes: object) =>
    workspaces.updateAttributes(ada, { workspaceId, attributes: { ...attributes } });
  await Promise.all([set({ plan: 'pro' }), set({ theme: { color: 'red' } })]);
  expect((await workspaces.getWorkspace(ada, { workspaceId })).attributes).toEqual({
    plan: 'pro',
    theme: { color: 'red', dark: false },
  });
});

describe('the option', () => {
  const create = (attributes: unknown) =>
    new WorkspaceService({
      storage: memoryStorage(),
      tokens: testTokens,
      permissions: defaultMatrix,
      attributes: attributes as AttributeOptions<CorePermission>,
    });

  test.each<readonly [unknown, string]>([
    [null, 'attributes must be { workspace, member }'],
    [{ account: {} }, 'attributes.account must be the attributes of workspace or member'],
    [{ member: null }, 'attributes.member must be'],
    [{ member: { '1st': plan } }, 'attributes.member.1st must have a key'],
    [{ member: JSON.parse('{"__proto__": {}}') as unknown }, 'must have a key'],
    [{ member: { alias: null } }, 'attributes.member.alias must be { schema, visibleTo, permission }'],
    [{ member: { alias: {} } }, 'must have a schema that implements Standard Schema'],
    [{ member: { alias: { ...plan, visible: true } } }, "has an unknown field 'visible'"],
    [{ member: { alias: { ...plan, visibleTo: 'all' } } }, "must be visibleTo 'members' or 'operators'"],
    [{ member: { alias: { ...plan, permission: 'member:rename' } } }, 'must have a permission of the matrix'],
    [
      { member: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, plan])) },
      'attributes.member must have at most 64 attributes',
    ],
  ])('%j is refused', (attributes, message) => {
    expect(() => create(attributes)).toThrow(message);
  });
});

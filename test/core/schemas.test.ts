// Input fields: for each field the last valid and the first invalid value, with the message. A string that is too long
// gets no other message: its characters are not checked.
import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import {
  commandSchemas,
  corePermissions,
  definePermissionMatrix,
  isWorkspaceError,
  methods,
  schemasFor,
  defaultMatrix,
  type InputIssue,
  type MethodName,
} from '../../src/index.js';
import { operatorActorSchema, userActorSchema } from '../../src/core/actor.js';
import { amountsOf, limitsOfTexts } from '../../src/commands/quotas/amounts.js';
import { parseQuantity } from '../../src/core/quantity/index.js';
import { parse } from '../../src/service/parse.js';
import { examplesOf } from '../../src/testing/inputs.js';
import { inputOf, isAnswer, methodNames } from '../methods.js';

interface Bounds {
  readonly taken: readonly unknown[];
  readonly refused: readonly (readonly [value: unknown, message: string, inside?: string])[];
}

const x = (length: number): string => 'x'.repeat(length);
const many = (count: number, text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`r${String(place)}`, text]));

const label = 'must be a DNS label: a-z, 0-9 and inner hyphens';
const invitationName = 'must be an invitation id: A-Z, a-z, 0-9, _ and -';
const hidden = 'has a hidden or malformed character';
const noForm = 'matches none of the allowed forms';
const empty = 'must not be empty';
const longest = (length: number): string => `must be at most ${String(length)} characters long`;

const opaqueId: Bounds = {
  taken: ['x', ' ', 'Ada@Host', x(256)],
  refused: [
    ['', empty],
    [x(257), longest(256)],
    [`${x(256)}\u0000`, longest(256)],
    ['a\u0000b', hidden],
    ['\ud800', hidden],
  ],
};
const cellName: Bounds = {
  taken: ['x', 'no such', x(64)],
  refused: [
    ['', empty],
    [x(65), longest(64)],
    [`${x(64)}\u200b`, longest(64)],
    ['a\u200bb', hidden],
  ],
};
const name: Bounds = {
  taken: ['x', x(100), '😀'.repeat(100)],
  refused: [
    ['', empty],
    ['  ', empty],
    [x(101), 'must have at most 100 characters'],
    [x(401), longest(400)],
    [`${x(400)}\u202e`, longest(400)],
    ['a\u202eb', 'has the hidden character U+202E'],
    ['\ufdfa'.repeat(23), 'is too long in the form in which names are compared (NFKC)'],
  ],
};
const resources: Bounds['refused'] = [
  [{}, 'must name at least one resource'],
  [many(65, '1'), 'must name at most 64 resources'],
  ...['-', 'a-', '-a', '.a', 'a/', 'a b', 'ä'].map(
    (resource) => [{ [resource]: '1' }, 'is not a resource name', resource] as const,
  ),
  [{ '': '1' }, 'is not a resource name', ''],
  [{ [x(254)]: '1' }, longest(253), x(64)],
  [{ [`${x(253)}-`]: '1' }, longest(253), x(64)],
  [{ cpu: '-1n' }, '"-1n" is negative', 'cpu'],
  [{ cpu: '1KiB' }, '"1KiB" is not a quantity: INVALID_SUFFIX at position 1', 'cpu'],
  [{ cpu: x(32) }, `"${x(32)}" is not a quantity: INVALID_NUMBER at position 0`, 'cpu'],
  [{ cpu: x(33) }, `"${x(32)}..." is not a quantity: INVALID_NUMBER at position 0`, 'cpu'],
  [
    { cpu: ' ~\u007f\n😀' },
    '" ~\\u{7f}\\u{a}\\u{1f600}" is not a quantity: INVALID_NUMBER at position 0',
    'cpu',
  ],
];
const resourceNames = ['r', 'R2', 'requests.storage', 'nvidia.com/gpu_1-a', x(253)];
const taken = [
  ...resourceNames.map((resource) => ({ [resource]: '1' })),
  many(64, '1'),
  { cpu: '0', pods: '1n' },
];

/** What is taken may be nothing. */
const settled: Bounds = {
  taken: [...taken, { cpu: '0' }],
  refused: [
    ...resources,
    [{ cpu: 'unlimited' }, '"unlimited" is not a quantity: INVALID_NUMBER at position 0', 'cpu'],
  ],
};

const fields: Readonly<Record<string, Bounds>> = {
  workspaceId: {
    taken: ['a', '0', 'a--b', 'ws-0123456789', x(63)],
    refused: [
      ...['', 'A', '-', '-a', 'a-', 'a b', 'a_b', 'a.b', 'ä', ' a', 'a\n'].map(
        (text) => [text, label] as const,
      ),
      [x(64), longest(63)],
      [`${x(63)}-`, longest(63)],
    ],
  },
  invitationId: {
    taken: ['a', '_', '-', 'aZ09_-', x(64)],
    refused: [
      ...['', 'a b', 'a.', '.a', 'ä', ' a', 'a\n'].map((text) => [text, invitationName] as const),
      [x(65), longest(64)],
      [`${x(64)} `, longest(64)],
    ],
  },
  dryRun: { taken: [true, false], refused: [['true', 'must be of type boolean']] },
  managedBy: cellName,
  members: {
    taken: [
      [],
      [{ userId: 'sam', role: 'developer', email: 'sam@example.org' }],
      Array.from({ length: 1000 }, (_, n) => ({ userId: `u${String(n)}`, role: 'developer' })),
    ],
    refused: [
      [
        Array.from({ length: 1001 }, () => ({ userId: 'sam', role: 'developer' })),
        'must have at most 1000 items',
      ],
      [[{ userId: '', role: 'developer' }], empty, '0.userId'],
      [[{ userId: 'sam', role: '' }], empty, '0.role'],
      [[{ userId: 'sam', role: 'developer', email: 'sam' }], 'must be an e-mail address', '0.email'],
      [
        ['sam', 'eve', 'sam'].map((userId) => ({ userId, role: 'developer' })),
        'must not be in the list twice',
        '2.userId',
      ],
    ],
  },
  closeLinks: { taken: [true, false], refused: [['true', 'must be of type boolean']] },
  erase: { taken: [true, false], refused: [['true', 'must be of type boolean']] },
  emails: {
    taken: [[], ['sam@example.org'], Array.from({ length: 20 }, () => 'sam@example.org')],
    refused: [
      ['sam@example.org', 'must be of type array'],
      [['none'], 'must be an e-mail address', '0'],
      [Array.from({ length: 21 }, () => 'sam@example.org'), 'must have at most 20 items'],
    ],
  },
  userId: opaqueId,
  ownerId: opaqueId,
  reservationId: opaqueId,
  role: cellName,
  email: {
    taken: ['a@b', 'Ada@example.org'],
    refused: [
      ['', 'must be an e-mail address'],
      ['ada', 'must be an e-mail address'],
      [`a@${x(319)}`, longest(320)],
    ],
  },
  formerOwnerRole: cellName,
  permission: cellName,
  name,
  username: name,
  displayName: name,
  // As identity providers send it: cleaned, not refused.
  'openAccount displayName': {
    taken: ['Ada', null],
    refused: [
      [1, 'must be of type string'],
      [['Ada'], 'must be of type string'],
    ],
  },
  confirmName: { taken: ['', ' any\u0000text ', x(400)], refused: [[x(401), longest(400)]] },
  confirmUsername: { taken: ['', ' any\u0000text ', x(400)], refused: [[x(401), longest(400)]] },
  token: { taken: ['', x(4096)], refused: [[x(4097), longest(4096)]] },
  fresh: { taken: [true, false], refused: [['true', 'must be of type boolean']] },
  limit: {
    taken: [1, 200],
    refused: [
      [0, 'must be at least 1'],
      [201, 'must be at most 200'],
      [1.5, 'must be a whole number'],
    ],
  },
  'purgeWorkspaces limit': {
    taken: [1, 1000],
    refused: [
      [0, 'must be at least 1'],
      [1001, 'must be at most 1000'],
    ],
  },
  cursor: { taken: [null, '', x(800)], refused: [[x(801), longest(800)]] },
  status: { taken: ['open', 'all'], refused: [['', "must be 'open' or 'all'"]] },
  'findAccounts status': {
    taken: ['open', 'closing', 'closed'],
    refused: [['all', "must be 'open' or 'closing' or 'closed'"]],
  },
  'findWorkspaces status': {
    taken: ['active', 'suspended', 'deleted', 'purging'],
    refused: [['open', "must be 'active' or 'suspended' or 'deleted' or 'purging'"]],
  },
  kind: { taken: ['personal', 'team'], refused: [['', "must be 'personal' or 'team'"]] },
  usernamePrefix: {
    taken: ['a', x(100)],
    refused: [
      ['', 'must have a visible character'],
      [' ', 'must have a visible character'],
      [x(101), longest(100)],
    ],
  },
  order: { taken: ['oldest', 'newest'], refused: [['', "must be 'oldest' or 'newest'"]] },
  maxUses: {
    taken: [1, 1_000_000, 'unlimited'],
    refused: [
      [0, 'must be at least 1'],
      [1_000_001, 'must be at most 1000000'],
      [1.5, noForm],
      ['', noForm],
    ],
  },
  expiresInSeconds: {
    taken: [60, 2_592_000],
    refused: [
      [59, 'must be at least 60'],
      [2_592_001, 'must be at most 2592000'],
      [60.5, 'must be a whole number'],
    ],
  },
  recipient: {
    taken: [{ userId: x(256) }, { email: `${x(300)}@example.org` }],
    refused: [
      [{}, noForm],
      [{ userId: '' }, empty, 'userId'],
      [{ email: 'none' }, 'must be an e-mail address', 'email'],
      [{ userId: 'sam', email: 'sam@example.org' }, noForm],
    ],
  },
  amounts: {
    taken,
    refused: [
      ...resources,
      [{ cpu: 'unlimited' }, '"unlimited" is not a quantity: INVALID_NUMBER at position 0', 'cpu'],
      ...[{ cpu: '0' }, many(64, '0')].map(
        (nothing) => [nothing, 'must reserve more than 0 of at least one resource'] as const,
      ),
    ],
  },
  'commitQuota amounts': settled,
  'resizeQuota amounts': settled,
  limits: { taken: [...taken, { cpu: '0' }, { cpu: 'unlimited' }], refused: resources },
  ttlSeconds: {
    taken: [1, 86_400],
    refused: [
      [0, 'must be at least 1'],
      [86_401, 'must be at most 86400'],
      [1.5, 'must be a whole number'],
    ],
  },
};

const place = {
  workspaceId: 'ws-1',
  userId: 'dev',
  role: 'developer',
  invitationId: 'inv-1',
  token: 'token',
  name: 'Core',
};
const fieldsOf = (method: MethodName): readonly string[] => Object.keys(commandSchemas[method].shape);
const every = methodNames.flatMap((method) => fieldsOf(method).map((field) => [method, field] as const));

/** The issues of an input, empty if it is valid. */
function issuesOf(schema: z.core.$ZodType, input: unknown): readonly InputIssue[] {
  try {
    parse(schema, input);
    return [];
  } catch (error) {
    if (isWorkspaceError(error, 'INVALID_INPUT')) return error.details.issues;
    throw error;
  }
}

test.each(every)(
  'T-03 %s accepts a %s up to its bounds, and says what is wrong beyond them',
  (method, field) => {
    const bounds = fields[`${method} ${field}`] ??
      fields[field] ?? { taken: examplesOf(methods[method], field), refused: [] };
    const byIds = isAnswer(method) && field !== 'token';
    const { role: _role, ...others } = place;
    const alone = `${method} ${field}` === 'listMembers managedBy' ? others : place;
    const input = inputOf(method, byIds ? { ...place, token: undefined } : alone);
    for (const value of bounds.taken) {
      const read: unknown = parse(commandSchemas[method], { ...input, [field]: value });
      expect(read).toMatchObject({ ...input, [field]: value });
    }
    for (const [value, message, inside] of bounds.refused) {
      const path = inside === undefined ? `input.${field}` : `input.${field}.${inside}`;
      expect(issuesOf(commandSchemas[method], { ...input, [field]: value })).toEqual([{ path, message }]);
    }
    // No field takes everything.
    const wrong = issuesOf(commandSchemas[method], { ...input, [field]: [Symbol('wrong')] });
    expect(wrong.map(({ path }) => path.startsWith(`input.${field}`))).toContain(true);
  },
);

test('T-08 every method rejects an unknown field and a missing required field', () => {
  for (const method of methodNames) {
    const input = inputOf(method, place);
    expect(issuesOf(commandSchemas[method], { ...input, owner: 'ada' })).toEqual([
      { path: 'input.owner', message: 'is unknown' },
    ]);
  }
  // An invitation is answered by its token, or by its ids without one.
  const others = every.filter(([method, field]) => !isAnswer(method) || field === 'token');
  const needed = others.filter(([method, field]) => {
    const input = Object.entries(inputOf(method, place)).filter(([key]) => key !== field);
    return issuesOf(commandSchemas[method], Object.fromEntries(input)).length > 0;
  });
  const optional = others.filter((one) => !needed.includes(one)).map(([, field]) => field);
  expect([...new Set(optional)].sort()).toEqual([
    ...[
      'amounts',
      'closeLinks',
      'confirmName',
      'confirmUsername',
      'cursor',
      'displayName',
      'dryRun',
      'email',
      'emails',
      'erase',
    ],
    'expiresInSeconds',
    ...[
      'formerOwnerRole',
      'fresh',
      'invitationId',
      'kind',
      'limit',
      'managedBy',
      'maxUses',
      'order',
      'ownerId',
    ],
    ...['permission', 'recipient', 'role', 'status', 'ttlSeconds', 'userId', 'usernamePrefix', 'workspaceId'],
  ]);
  // It is optional only for a workspace that does not exist yet, and where all are meant without it.
  expect(others.filter((one) => !needed.includes(one) && one[1] === 'workspaceId')).toEqual([
    ['createWorkspace', 'workspaceId'],
    ['purgeWorkspaces', 'workspaceId'],
    ['findWorkspaces', 'workspaceId'],
  ]);
});

test('omitted fields have default values', () => {
  const read = (method: MethodName): unknown => parse(commandSchemas[method], inputOf(method, place));
  const [workspaceId, userId] = ['ws-1', 'dev'];
  expect(read('inviteMember')).toEqual({
    workspaceId,
    role: 'developer',
    invitationId: 'inv-1',
    maxUses: 1,
    expiresInSeconds: 604_800,
  });
  expect(read('listWorkspaces')).toEqual({ limit: 50 });
  expect(read('listMembers')).toEqual({ workspaceId, role: 'developer', limit: 50 });
  expect(read('listInvitations')).toEqual({ workspaceId, status: 'all', limit: 50 });
  expect(read('listEvents')).toEqual({ workspaceId, order: 'oldest', limit: 50 });
  expect(read('listAccountEvents')).toEqual({ userId, order: 'oldest', limit: 50 });
  expect(read('reserveQuota')).toMatchObject({ workspaceId, ttlSeconds: 300 });
});

test('A-07 opening an account cleans the display name, and renaming one refuses it', () => {
  const input = { userId: 'ada', username: 'ada', displayName: ' \u202EAda\t' };
  expect(parse(commandSchemas.openAccount, input)).toEqual({ ...input, displayName: 'Ada' });
  expect(issuesOf(commandSchemas.renameAccount, input)).toHaveLength(1);
  for (const displayName of [null, '', '\u200B', '\u2800'])
    expect(parse(commandSchemas.openAccount, { ...input, displayName })).toMatchObject({ displayName: null });
  expect(issuesOf(commandSchemas.renameAccount, { ...input, displayName: null })).toEqual([]);
});

test('an invitation with a recipient has exactly one use', () => {
  const input = { workspaceId: 'ws-1', role: 'developer', recipient: { userId: 'sam' } };
  for (const maxUses of [2, 'unlimited'])
    expect(issuesOf(commandSchemas.inviteMember, { ...input, maxUses })).toEqual([
      { path: 'input.maxUses', message: 'must be 1 for an invitation with a recipient' },
    ]);
  expect(issuesOf(commandSchemas.inviteMember, { ...input, maxUses: 1 })).toEqual([]);
});

describe('actors', () => {
  test('T-03 a user has an id and optionally an e-mail address, an operator a name, and neither other fields', () => {
    for (const [schema, key] of [
      [userActorSchema, 'userId'],
      [operatorActorSchema, 'operator'],
    ] as const) {
      for (const value of opaqueId.taken) expect(issuesOf(schema, { [key]: value })).toEqual([]);
      for (const [value, message] of opaqueId.refused)
        expect(issuesOf(schema, { [key]: value })).toEqual([{ path: `input.${key}`, message }]);
      expect(issuesOf(schema, { [key]: 'ada', role: 'owner' })).toEqual([
        { path: 'input.role', message: 'is unknown' },
      ]);
      expect(issuesOf(schema, {})).not.toEqual([]);
    }
    expect(issuesOf(userActorSchema, { userId: 'ada', email: ' a@b ', emailVerified: false })).toEqual([]);
    const wrong = { userId: 'ada', email: 'a', emailVerified: 'true' };
    expect(issuesOf(userActorSchema, wrong)).toEqual([
      { path: 'input.email', message: 'must be an e-mail address' },
      { path: 'input.emailVerified', message: 'must be of type boolean' },
    ]);
    expect(issuesOf(userActorSchema, { userId: 'ada', email: `a@${x(319)}` })).toEqual([
      { path: 'input.email', message: longest(320) },
    ]);
    // 200 units as typed, and 398 in lower case
    for (const email of [x(321), `${'İ'.repeat(198)}@x`]) {
      expect(issuesOf(userActorSchema, { userId: 'ada', email })).toEqual([
        { path: 'input.email', message: longest(320) },
      ]);
    }
    expect(issuesOf(userActorSchema, { userId: 'ada', email: `a\u200b@${x(317)}` })).toEqual([
      { path: 'input.email', message: hidden },
    ]);
  });
});

describe('the schemas of a permission matrix', () => {
  const roles = ['manager', 'developer'];
  const of = schemasFor(defaultMatrix);

  test('accept the grantable roles and the known permissions', () => {
    for (const [schema, field, method] of [
      [of.inviteMember, 'role', 'inviteMember'],
      [of.reissueInvitation, 'role', 'reissueInvitation'],
      [of.addMember, 'role', 'addMember'],
      [of.changeRole, 'role', 'changeRole'],
      [of.transferOwnership, 'formerOwnerRole', 'transferOwnership'],
      [of.offerOwnership, 'formerOwnerRole', 'offerOwnership'],
    ] as const) {
      const input = inputOf(method, place);
      for (const role of roles) expect(issuesOf(schema, { ...input, [field]: role })).toEqual([]);
      for (const role of ['owner', 'viewer'])
        expect(issuesOf(schema, { ...input, [field]: role })).toEqual([
          { path: `input.${field}`, message: "must be 'manager' or 'developer'" },
        ]);
    }
    const desired = (role: string) => ({
      workspaceId: 'ws-1',
      managedBy: 'directory',
      members: [{ userId: 'dev', role }],
    });
    for (const role of roles) expect(issuesOf(of.reconcileMembers, desired(role))).toEqual([]);
    expect(issuesOf(of.reconcileMembers, desired('owner'))).toEqual([
      { path: 'input.members.0.role', message: "must be 'manager' or 'developer'" },
    ]);
    for (const role of ['owner', ...roles])
      expect(issuesOf(of.listMembers, { workspaceId: 'ws-1', role })).toEqual([]);
    expect(issuesOf(of.listMembers, { workspaceId: 'ws-1', role: 'viewer' })).toEqual([
      { path: 'input.role', message: "must be 'owner' or 'manager' or 'developer'" },
    ]);
    const permitted = Object.entries(of).filter(([, { shape }]) => Object.hasOwn(shape, 'permission'));
    expect(permitted.map(([name]) => name).sort()).toEqual([
      'authorize',
      'can',
      'commitQuota',
      'explain',
      'releaseQuota',
      'reserveQuota',
      'resizeQuota',
      'withQuota',
    ]);
    for (const [name, schema] of permitted) {
      const input = { workspaceId: 'ws-1', ...(name.endsWith('Quota') && { reservationId: 'r' }) };
      const full = { ...input, ...(Object.hasOwn(schema.shape, 'amounts') && { amounts: { cpu: '1' } }) };
      for (const permission of corePermissions) expect(issuesOf(schema, { ...full, permission })).toEqual([]);
      expect(issuesOf(schema, { ...full, permission: 'workspace:fly' })).toMatchObject([
        { path: 'input.permission' },
      ]);
    }
    const special = new Set([
      'inviteMember',
      'reissueInvitation',
      'addMember',
      'reconcileMembers',
      'listMembers',
      'changeRole',
      'transferOwnership',
      'offerOwnership',
    ]);
    const same = (all: object) =>
      Object.entries(all).filter(
        ([name]) => !special.has(name) && !permitted.some(([other]) => other === name),
      );
    expect(same(of)).toEqual(same(commandSchemas));
    expect([Object.isFrozen(of), Object.isFrozen(commandSchemas)]).toEqual([true, true]);
  });

  test('accept no role if the owner can grant none', () => {
    const alone = definePermissionMatrix({ roles: { owner: { permissions: corePermissions, grants: [] } } });
    const { changeRole } = schemasFor(alone);
    expect(issuesOf(changeRole, { workspaceId: 'ws-1', userId: 'dev', role: 'owner' })).toHaveLength(1);
    // Not an empty `enum`, which JSON Schema advises against.
    expect(z.toJSONSchema(changeRole).properties?.['role']).toEqual({ not: {} });
  });
});

test('Q-05 amounts and limits are parsed as quantities, and unlimited stays as it is', () => {
  const cpu = parseQuantity('1500m');
  expect(amountsOf({ cpu: '1.5' })).toEqual(new Map([['cpu', { ...cpu }]]));
  expect(limitsOfTexts({ cpu: '1.5', pods: 'unlimited' })).toEqual(
    new Map<string, unknown>([
      ['cpu', cpu],
      ['pods', 'unlimited'],
    ]),
  );
});

test('an invalid quantity is a custom zod issue, for apps that read zod issues', () => {
  const result = z.safeParse(commandSchemas.setQuota, { workspaceId: 'ws-1', limits: { cpu: '-1' } });
  expect(result.error?.issues).toEqual([
    expect.objectContaining({ code: 'custom', path: ['limits', 'cpu'], message: '"-1" is negative' }),
  ]);
});

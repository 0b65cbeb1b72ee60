// What each field of an input may be: the last value that is taken, the first that is not, and what is said of it. What
// is too long is said to be that and nothing else: it is not looked through.
import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import {
  commandSchemas,
  corePermissions,
  definePermissionMatrix,
  isWorkspaceError,
  schemasFor,
  sealosMatrix,
  type InputIssue,
  type MethodName,
} from '../../src/index.js';
import { operatorActorSchema, userActorSchema } from '../../src/domain/actor.js';
import { amountsOf, limitsOfTexts } from '../../src/domain/commands/quota.js';
import { parseQuantity } from '../../src/domain/quantity.js';
import { parse } from '../../src/service/parse.js';
import { inputs, methodNames } from '../service/methods.js';

interface Bounds {
  readonly taken: readonly unknown[];
  readonly refused: readonly (readonly [value: unknown, message: string, inside?: string])[];
}

const x = (length: number): string => 'x'.repeat(length);
const many = (count: number, text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`r${String(place)}`, text]));

const label = 'must be a DNS label: a-z, 0-9 and inner hyphens';
const invitationName = 'must be an invitation id: A-Z, a-z, 0-9, _ and -';
const hidden = 'has a control, invisible or malformed character';
const noForm = 'has none of the forms that are allowed here';
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
    ['a\u202eb', 'has the invisible or control character U+202E'],
    [
      '\ufdfa'.repeat(23),
      'must have at most 400 UTF-16 units in the form in which names are compared (NFKC)',
    ],
  ],
};
const resources: Bounds['refused'] = [
  [{}, 'must name at least one resource'],
  [many(65, '1'), 'must name at most 64 resources'],
  ...['-', 'a-', '-a', '.a', 'a/', 'a b', 'ä'].map(
    (resource) => [{ [resource]: '1' }, 'is not the name of a resource', resource] as const,
  ),
  [{ '': '1' }, 'is not the name of a resource', ''],
  [{ [x(254)]: '1' }, longest(253), x(64)],
  [{ [`${x(253)}-`]: '1' }, longest(253), x(64)],
  [{ cpu: '-1n' }, "'-1n' is negative", 'cpu'],
  [{ cpu: '1KiB' }, "'1KiB' is not a quantity: INVALID_SUFFIX at position 1", 'cpu'],
  [{ cpu: x(32) }, `'${x(32)}' is not a quantity: INVALID_NUMBER at position 0`, 'cpu'],
  [{ cpu: x(33) }, `'${x(32)}...' is not a quantity: INVALID_NUMBER at position 0`, 'cpu'],
  [{ cpu: ' ~\u007f\n😀' }, "' ~???' is not a quantity: INVALID_NUMBER at position 0", 'cpu'],
];
const resourceNames = ['r', 'R2', 'requests.storage', 'nvidia.com/gpu_1-a', x(253)];
const taken = [...resourceNames.map((resource) => ({ [resource]: '1' })), many(64, '0'), { cpu: '0' }];

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
  userId: opaqueId,
  reservationId: opaqueId,
  role: cellName,
  formerOwnerRole: cellName,
  permission: cellName,
  name,
  username: name,
  displayName: name,
  confirmName: { taken: ['', ' any\u0000text ', x(400)], refused: [[x(401), longest(400)]] },
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
  cursor: { taken: [null, '', x(600)], refused: [[x(601), longest(600)]] },
  status: { taken: ['open', 'all'], refused: [['', "must be 'open' or 'all'"]] },
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
      [{ cpu: 'unlimited' }, "'unlimited' is not a quantity: INVALID_NUMBER at position 0", 'cpu'],
    ],
  },
  limits: { taken: [...taken, { cpu: 'unlimited' }], refused: resources },
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

/** What is wrong with an input, as a host is told; nothing where it is taken. */
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
  'T-03 %s takes a %s up to its bounds, and says what is wrong beyond them',
  (method, field) => {
    const bounds = fields[field];
    if (bounds === undefined) throw new Error(`what may ${field} be?`);
    const input = inputs[method](place);
    for (const value of bounds.taken) {
      const read: unknown = parse(commandSchemas[method], { ...input, [field]: value });
      expect(read).toMatchObject({ ...input, [field]: value });
    }
    for (const [value, message, inside] of bounds.refused) {
      const path = inside === undefined ? `input.${field}` : `input.${field}.${inside}`;
      expect(issuesOf(commandSchemas[method], { ...input, [field]: value })).toEqual([{ path, message }]);
    }
  },
);

test('T-08 no method takes a field that it does not know, nor lacks one that it needs', () => {
  for (const method of methodNames) {
    const input = inputs[method](place);
    expect(issuesOf(commandSchemas[method], { ...input, ownerId: 'ada' })).toEqual([
      { path: 'input.ownerId', message: 'is not known' },
    ]);
  }
  const needed = every.filter(([method, field]) => {
    const input = Object.entries(inputs[method](place)).filter(([key]) => key !== field);
    return issuesOf(commandSchemas[method], Object.fromEntries(input)).length > 0;
  });
  const optional = every.filter((one) => !needed.includes(one)).map(([, field]) => field);
  expect([...new Set(optional)].sort()).toEqual([
    ...['confirmName', 'cursor', 'displayName', 'expiresInSeconds', 'formerOwnerRole', 'fresh', 'limit'],
    ...['maxUses', 'order', 'recipient', 'status', 'ttlSeconds', 'workspaceId'],
  ]);
  // Only of a workspace that is still to be made.
  expect(every.filter((one) => !needed.includes(one) && one[1] === 'workspaceId')).toEqual([
    ['createWorkspace', 'workspaceId'],
  ]);
});

test('what is left out has a value all the same', () => {
  const read = (method: MethodName): unknown => parse(commandSchemas[method], inputs[method](place));
  const [workspaceId, userId] = ['ws-1', 'dev'];
  expect(read('inviteMember')).toEqual({
    workspaceId,
    role: 'developer',
    maxUses: 1,
    expiresInSeconds: 604_800,
  });
  expect(read('listWorkspaces')).toEqual({ limit: 50 });
  expect(read('listMembers')).toEqual({ workspaceId, limit: 50 });
  expect(read('listInvitations')).toEqual({ workspaceId, status: 'all', limit: 50 });
  expect(read('listEvents')).toEqual({ workspaceId, order: 'oldest', limit: 50 });
  expect(read('listAccountEvents')).toEqual({ userId, order: 'oldest', limit: 50 });
  expect(read('reserveQuota')).toMatchObject({ workspaceId, ttlSeconds: 300 });
});

test('a display name is taken away with null, by renaming alone', () => {
  const input = { userId: 'ada', username: 'ada', displayName: null };
  expect(issuesOf(commandSchemas.renameAccount, input)).toEqual([]);
  expect(issuesOf(commandSchemas.openAccount, input)).toEqual([
    { path: 'input.displayName', message: 'must be of type string' },
  ]);
});

test('an invitation with a recipient admits one', () => {
  const input = { workspaceId: 'ws-1', role: 'developer', recipient: { userId: 'sam' } };
  for (const maxUses of [2, 'unlimited'])
    expect(issuesOf(commandSchemas.inviteMember, { ...input, maxUses })).toEqual([
      { path: 'input.maxUses', message: 'must be 1 for an invitation with a recipient' },
    ]);
  expect(issuesOf(commandSchemas.inviteMember, { ...input, maxUses: 1 })).toEqual([]);
});

describe('actors', () => {
  test('T-03 a person has an id and perhaps an address, the host a name, and neither anything else', () => {
    for (const [schema, key] of [
      [userActorSchema, 'userId'],
      [operatorActorSchema, 'operator'],
    ] as const) {
      for (const value of opaqueId.taken) expect(issuesOf(schema, { [key]: value })).toEqual([]);
      for (const [value, message] of opaqueId.refused)
        expect(issuesOf(schema, { [key]: value })).toEqual([{ path: `input.${key}`, message }]);
      expect(issuesOf(schema, { [key]: 'ada', role: 'owner' })).toEqual([
        { path: 'input.role', message: 'is not known' },
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

describe('the schemas of one matrix', () => {
  const roles = ['manager', 'developer'];
  const of = schemasFor(sealosMatrix);

  test('take the roles that can be given, and the permissions that there are', () => {
    for (const [schema, field, method] of [
      [of.inviteMember, 'role', 'inviteMember'],
      [of.changeRole, 'role', 'changeRole'],
      [of.transferOwnership, 'formerOwnerRole', 'transferOwnership'],
    ] as const) {
      const input = inputs[method](place);
      for (const role of roles) expect(issuesOf(schema, { ...input, [field]: role })).toEqual([]);
      for (const role of ['owner', 'viewer'])
        expect(issuesOf(schema, { ...input, [field]: role })).toEqual([
          { path: `input.${field}`, message: "must be 'manager' or 'developer'" },
        ]);
    }
    for (const schema of [of.can, of.authorize, of.explain]) {
      for (const permission of corePermissions)
        expect(issuesOf(schema, { workspaceId: 'ws-1', permission })).toEqual([]);
      expect(issuesOf(schema, { workspaceId: 'ws-1', permission: 'workspace:fly' })).toMatchObject([
        { path: 'input.permission' },
      ]);
    }
    const { inviteMember, changeRole, transferOwnership, can, authorize, explain, ...rest } = of;
    expect(rest).toEqual(
      Object.fromEntries(Object.entries(commandSchemas).filter(([method]) => Object.hasOwn(rest, method))),
    );
    expect([Object.isFrozen(of), Object.isFrozen(commandSchemas)]).toEqual([true, true]);
  });

  test('take no role where an owner has nobody to give one to', () => {
    const alone = definePermissionMatrix({ roles: { owner: { permissions: corePermissions, grants: [] } } });
    const { changeRole } = schemasFor(alone);
    expect(issuesOf(changeRole, { workspaceId: 'ws-1', userId: 'dev', role: 'owner' })).toHaveLength(1);
    // Not an empty `enum`, which JSON Schema advises against.
    expect(z.toJSONSchema(changeRole).properties?.['role']).toEqual({ not: {} });
  });
});

test('Q-05 the texts of amounts and limits are read as quantities, and no limit as itself', () => {
  const cpu = parseQuantity('1500m');
  expect(amountsOf({ cpu: '1.5' })).toEqual(new Map([['cpu', { ...cpu }]]));
  expect(limitsOfTexts({ cpu: '1.5', pods: 'unlimited' })).toEqual(
    new Map<string, unknown>([
      ['cpu', cpu],
      ['pods', 'unlimited'],
    ]),
  );
});

test('an issue of a quantity is a custom one, for hosts that read what zod tells', () => {
  const result = z.safeParse(commandSchemas.setQuota, { workspaceId: 'ws-1', limits: { cpu: '-1' } });
  expect(result.error?.issues).toEqual([
    expect.objectContaining({ code: 'custom', path: ['limits', 'cpu'], message: "'-1' is negative" }),
  ]);
});

// Hostile input: every method and every field of `commandSchemas` with every kind of JavaScript value.
import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import {
  commandSchemas,
  isWorkspaceError,
  defaultMatrix,
  WorkspaceService,
  type MethodName,
  type WorkspaceError,
  type WorkspaceErrorCode,
} from '../../src/index.js';
import { violations } from '../../src/testing/index.js';
import {
  call,
  everyMethod,
  forOperatorsOnly,
  forUsersOnly,
  inputOf as inputFor,
  methodNames,
  reservation,
  withoutActor,
  type Values,
} from '../methods.js';
import { cleanName } from '../../src/core/names.js';
import { ada, createDeleted, createTeam, outcome, refusal, root, type Team } from './team.js';

interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly required?: readonly string[];
}

interface Field {
  readonly path: readonly string[];
  readonly types: readonly string[];
  readonly required: boolean;
}

/** The fields of a method's schema, those of objects inside it after the object itself. */
function fieldsOf(name: MethodName): readonly Field[] {
  const schema = z.toJSONSchema(commandSchemas[name], { io: 'input' });
  return fieldsIn(JSON.parse(JSON.stringify(schema)) as Shape, []);
}

function fieldsIn({ properties = {}, required = [] }: Shape, above: readonly string[]): Field[] {
  return Object.entries(properties).flatMap(([key, shape]) => {
    const path = [...above, key];
    const forms = shape.anyOf ?? [shape];
    const types = forms.flatMap(({ type }) => type ?? 'unknown');
    return [
      { path, types, required: required.includes(key) },
      ...forms.flatMap((form) => fieldsIn(form, path)),
    ];
  });
}

const fields = methodNames.flatMap((name) => fieldsOf(name).map((field) => ({ name, field })));
const stringFields = fields.filter(({ field }) => field.types.includes('string'));
const titled = (list: typeof fields) =>
  list.map(({ name, field }) => [`${name} ${field.path.join('.')}`, name, field] as const);

/** The caller of a method: ada, or an operator where only operators may call. */
const callerOf = (name: MethodName) => (forOperatorsOnly.has(name) || name === 'closeAccount' ? root : ada);

/** A team with everything that the methods need: with these inputs each method succeeds for its caller. */
async function createPlace(): Promise<
  Team & { readonly inputOf: (name: MethodName) => Record<string, unknown> }
> {
  const team = await createTeam({ quota: memoryQuota({ defaults: { cpu: '4' } }) });
  const { workspaces, workspaceId } = team;
  await workspaces.reserveQuota(ada, { workspaceId, ...reservation });
  const inUse = { workspaceId, reservationId: 'used', amounts: { cpu: '1' } };
  await workspaces.withQuota(ada, inUse, () => undefined);
  const deletedId = await createDeleted(team);
  const issued = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
  const session = await workspaces.switchWorkspace(ada, { workspaceId });
  const base = { workspaceId, role: 'developer', invitationId: issued.invitation.id, name: 'Other' };
  return {
    ...team,
    inputOf: (name) => {
      const own = name === 'renameAccount' || name === 'listAccountEvents' || name === 'openAccount';
      const place: Values = {
        ...base,
        ...(name === 'createWorkspace' && { workspaceId: 'a-new-one' }),
        ...(name === 'purgeWorkspaces' && { workspaceId: deletedId }),
        ...(name === 'inviteMember' && { invitationId: 'a-new-one' }),
        ...(name === 'resizeQuota' && { reservationId: 'used' }),
        userId: own ? 'ada' : name === 'addMember' ? 'sam' : 'dev',
        token: name === 'verifySession' ? session.token : issued.token,
      };
      return inputFor(name, place);
    },
  };
}

/** The input with one field replaced, or set if it is optional. */
function withField(
  input: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): object {
  return { ...input, [key]: rest.length === 0 ? value : withField({}, rest, value) };
}

function withoutField(input: Record<string, unknown>, key: string | undefined): object {
  return Object.fromEntries(Object.entries(input).filter(([name]) => name !== key));
}

/**
 * INVALID_INPUT with the path of the field, of a place inside it, or of the object around it; a value that throws on
 * access has only the root path.
 */
function expectNamed(error: WorkspaceError, path: string): void {
  if (!isWorkspaceError(error, 'INVALID_INPUT')) throw new Error(`${path}: ${error.code}`);
  const [root = ''] = path.split('.');
  const named = error.details.issues.some(
    (issue) =>
      issue.path === path ||
      issue.path.startsWith(`${path}.`) ||
      (issue.path !== root && path.startsWith(`${issue.path}.`)) ||
      (issue.path === root && issue.message === 'could not be read'),
  );
  expect(named, `${path} in ${JSON.stringify(error.details)}`).toBe(true);
  expectShort(error);
}

/** The text of an error stays short, whatever the input. */
function expectShort(error: WorkspaceError): void {
  const told = `${error.message}${error.stack ?? ''}${JSON.stringify(error.details)}`;
  expect(told.length).toBeLessThan(10_000);
}

const huge = 'x'.repeat(10 * 1024 * 1024);

class Instance {
  readonly userId = 'ada';
  readonly extra = true;
  toString(): string {
    return 'ada';
  }
}

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

const thrower = (): never => {
  throw new Error('a trap of the caller');
};
const trapped = new Proxy(
  {},
  {
    get: thrower,
    has: thrower,
    ownKeys: thrower,
    getPrototypeOf: thrower,
    getOwnPropertyDescriptor: thrower,
  },
);
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

/** Values that are not strings, numbers, booleans or plain objects, and some that only look like one. */
const strange: readonly (readonly [string, unknown])[] = [
  ['an array', []],
  ['an array of strings', ['ada']],
  ['a symbol', Symbol('ada')],
  ['a bigint', 10n],
  ['a function', () => 'ada'],
  ['a Date', new Date(0)],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['a String object', new String('ada')],
  ['a Map', new Map([['userId', 'ada']])],
  ['a class instance', new Instance()],
  ['a cyclic object', cyclic],
  ['a promise', Promise.resolve('ada')],
  ['a proxy that throws', trapped],
  ['a revoked proxy', revoked],
  ['a getter that throws', Object.defineProperty({}, 'userId', { get: thrower, enumerable: true })],
  ['a toString that throws', { toString: thrower, valueOf: thrower, [Symbol.toPrimitive]: thrower }],
  ['an object without prototype', Object.create(null)],
];

const wrongTypes: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  string: [
    ['a number', 5],
    ['a boolean', true],
    ['an object', { userId: 'ada' }],
  ],
  integer: [
    ['a numeric string', '5'],
    ['a fraction', 1.5],
    ['a boolean', true],
    ['below 0', -1],
    ['2^53', 2 ** 53],
  ],
  boolean: [
    ['a string', 'true'],
    ['a number', 1],
  ],
  object: [
    ['a string', 'ada'],
    ['a number', 5],
    ['an empty object', {}],
  ],
};

/** All values that are invalid for a field of these types. */
function wrongFor({ types, required }: Field): (readonly [string, unknown])[] {
  const [first = ''] = types;
  return [
    ...strange.filter(([title]) => first !== 'array' || title !== 'an array'),
    ...(wrongTypes[first] ?? []).filter(
      ([, value]) => !(types.includes('integer') && typeof value === 'string'),
    ),
    ...(types.includes('null') ? [] : [['null', null] as const]),
    ...(required ? [['undefined', undefined] as const] : []),
  ];
}

const strings: readonly string[] = [
  '',
  ' ',
  "'; DROP TABLE accounts; --",
  '" OR 1=1 --',
  "Robert'); DELETE FROM members;",
  '<script>alert(1)</script>',
  '&lt;b&gt;',
  '{{7*7}}#{7*7}<%= 7*7 %>',
  '../../etc/passwd',
  '%00%0d%0a',
  'a\r\nSet-Cookie: x=y',
  '\u0000',
  'a\u0000b',
  'a\u0007b',
  'a\u001b[31mb',
  'a\u0085b',
  'a\u202eb',
  'a\u2066b\u2069',
  'a\u200bb',
  'a\u200db',
  '\ufeffa',
  'a\ufffeb',
  '\ud800',
  'a\udc00b',
  '😀',
  '👩‍👩‍👧',
  'e\u0301',
  'ﬁﬂ',
  'İstanbul',
  'ß'.repeat(100),
  '😀'.repeat(100),
  '\u1e9b\u0323',
  '\ufdfa',
  'مرحبا بالعالم',
  '日本語',
  'a\u3000b',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  '-1',
  'x'.repeat(101),
  'x'.repeat(401),
  'x'.repeat(5_000),
  huge,
  '\u0000'.repeat(100_000),
  'e\u0301'.repeat(1_000_000),
];

/** The codes that a well-formed but unknown string may be answered with, by field. */
const refusals: Readonly<Record<string, readonly WorkspaceErrorCode[]>> = {
  workspaceId: ['WORKSPACE_NOT_FOUND'],
  userId: ['MEMBER_NOT_FOUND', 'ACCOUNT_NOT_FOUND', 'USERNAME_TAKEN'],
  role: ['PERMISSION_DENIED'],
  formerOwnerRole: ['PERMISSION_DENIED'],
  permission: ['PERMISSION_DENIED'],
  invitationId: ['INVITATION_NOT_FOUND'],
  reservationId: ['RESERVATION_NOT_FOUND'],
  token: ['INVITATION_INVALID', 'SESSION_INVALID'],
  confirmName: ['CONFIRMATION_MISMATCH'],
  confirmUsername: ['CONFIRMATION_MISMATCH'],
  username: ['ACCOUNT_EXISTS'],
};

/** Where a string is stored, and in which form; `null` if nothing of it is. */
const kept: Readonly<Record<string, (text: string) => string | null>> = {
  'openAccount userId': (text) => text,
  'openAccount username': (text) => text.trim().normalize('NFC'),
  'openAccount displayName': cleanName,
  'renameAccount username': (text) => text.trim().normalize('NFC'),
  'renameAccount displayName': (text) => text.trim().normalize('NFC'),
  'createWorkspace name': (text) => text.trim().normalize('NFC'),
  'createWorkspace workspaceId': (text) => text,
  'renameWorkspace name': (text) => text.trim().normalize('NFC'),
  'suspendWorkspace reason': (text) => text.trim().normalize('NFC'),
  'inviteMember invitationId': (text) => text,
  // Only its key is stored, for invitations to the address.
  'addMember email': () => null,
  'reconcileMembers managedBy': (text) => text,
  'inviteMember recipient.userId': (text) => text,
  'inviteMember recipient.email': (text) => text.trim(),
};

/** Fields that are stored, and are not in the answer. */
const silent: ReadonlySet<string> = new Set(['reconcileMembers managedBy']);

/** Fields that answer a well-formed string without storing it. */
const answering: ReadonlySet<string> = new Set([
  'listMembers role',
  'can workspaceId',
  'can permission',
  'explain workspaceId',
  'explain permission',
  'releaseQuota reservationId',
  'findAccounts userId',
  'findAccounts usernamePrefix',
  'findWorkspaces workspaceId',
  'findWorkspaces ownerId',
  // Whoever made the reservation needs no permission to release it.
  'releaseQuota permission',
]);

/** Methods without a required field. */
const withoutRequired: readonly MethodName[] = [
  'listWorkspaces',
  'listMyInvitations',
  'findAccounts',
  'findWorkspaces',
  'listDeletedWorkspaces',
  'purgeWorkspaces',
];

/** Where a string is the id of a reservation: a commit with that id answers with it. */
const counted: ReadonlySet<string> = new Set(['reserveQuota reservationId', 'withQuota reservationId']);

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

describe('the tables of this file', () => {
  test('every method has a valid input here, and every schema a field', async () => {
    expect(everyMethod.filter((name) => !methodNames.includes(name))).toEqual(['activeWorkspace']);
    for (const name of methodNames) {
      const { workspaces, inputOf } = await createPlace();
      const joining = name === 'acceptInvitation' || name === 'declineInvitation';
      const actor = joining
        ? { userId: 'sam' }
        : name === 'leaveWorkspace'
          ? { userId: 'dev' }
          : callerOf(name);
      const ended = await outcome(call(workspaces, name, { actor, input: inputOf(name) }));
      // Ada's account exists already, under her own name.
      expect([name, ended]).toEqual([name, 'ok']);
      expect(fieldsOf(name).length).toBeGreaterThan(0);
    }
    expect(stringFields.length).toBeGreaterThan(40);
    expect(fields.map(({ name, field }) => `${name} ${field.path.join('.')}`)).toEqual(
      expect.arrayContaining([...Object.keys(kept), ...answering]),
    );
  });
});

describe('T-08 extra keys', () => {
  const keys = [
    'role',
    'ownerId',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'isAdmin',
    'permissions',
    '',
  ];
  const extended = (input: object, key: string): object =>
    // As JSON.parse creates it from a request body: `__proto__` is a key like any other.
    JSON.parse(
      `${JSON.stringify(input).slice(0, -1)}${Object.keys(input).length > 0 ? ',' : ''}${JSON.stringify(key)}:{"x":"owner"}}`,
    ) as object;

  test.each(methodNames)(
    'T-08 %s rejects each extra key by name, also in nested objects, and changes nothing',
    async (name) => {
      const { workspaces, storage, inputOf } = await createPlace();
      const before = storage.dump();
      const known = fieldsOf(name).map(({ path }) => path.join('.'));
      for (const key of keys.filter((one) => !known.includes(one))) {
        const input = extended(inputOf(name), key);
        expect(Object.keys(input)).toContain(key);
        expectNamed(await refusal(call(workspaces, name, { actor: callerOf(name), input })), `input.${key}`);
      }
      for (const { path } of fieldsOf(name).filter(({ types }) => types.includes('object'))) {
        for (const inner of [{ userId: 'sam' }, { email: 'sam@example.org' }]) {
          for (const key of keys) {
            const input = withField(inputOf(name), path, extended(inner, key));
            const refused = await refusal(call(workspaces, name, { actor: callerOf(name), input }));
            expectNamed(refused, `input.${path.join('.')}.${key}`);
          }
        }
      }
      expect(storage.dump()).toEqual(before);
    },
  );

  test.each(methodNames.filter((name) => !withoutActor.has(name)))(
    'T-08 %s rejects each extra key in its actor, a user or an operator',
    async (name) => {
      const { workspaces, storage, inputOf } = await createPlace();
      const before = storage.dump();
      for (const key of keys) {
        for (const actor of [ada, root]) {
          if ((actor === ada ? forOperatorsOnly : forUsersOnly).has(name)) continue;
          const input = inputOf(name);
          const refused = await refusal(call(workspaces, name, { actor: extended(actor, key), input }));
          expectNamed(refused, `actor.${key}`);
        }
      }
      expect(storage.dump()).toEqual(before);
    },
  );

  test.each(['role', 'ownerId', 'isAdmin'])(
    'T-08 %s rejects a key from a prototype by name, or ignores it',
    async (key) => {
      for (const name of methodNames.filter((one) => !withoutActor.has(one))) {
        if (fieldsOf(name).some(({ path }) => path[0] === key)) continue;
        const [plain, heir] = [await createPlace(), await createPlace()];
        const input: object = Object.assign(Object.create({ [key]: 'owner' }) as object, heir.inputOf(name));
        const ended = await call(heir.workspaces, name, { actor: callerOf(name), input }).catch(
          (error: unknown) => error,
        );
        if (isWorkspaceError(ended, 'INVALID_INPUT')) expectNamed(ended, `input.${key}`);
        else
          await outcome(call(plain.workspaces, name, { actor: callerOf(name), input: plain.inputOf(name) }));
        expect(heir.storage.dump()).toEqual(
          isWorkspaceError(ended, 'INVALID_INPUT')
            ? (await createPlace()).storage.dump()
            : plain.storage.dump(),
        );
      }
    },
  );

  test.each(['can', 'authorize', 'explain'] as const)(
    'T-08 %s never reads an inherited field as an own one: a missing field is reported by name',
    async (name) => {
      const { workspaces, workspaceId } = await createPlace();
      const lacking = (field: object, own: object): object =>
        Object.assign(Object.create(field) as object, own);
      const permission = 'workspace:view';
      for (const input of [
        lacking({ permission }, { workspaceId, role: 'owner' }),
        lacking({ workspaceId }, { permission, role: 'owner' }),
      ]) {
        expectNamed(await refusal(call(workspaces, name, { actor: callerOf(name), input })), 'input.role');
      }
      const input = { workspaceId, permission };
      const actor = lacking({ userId: 'ada' }, { role: 'owner' });
      expectNamed(await refusal(call(workspaces, name, { actor, input })), 'actor.role');
    },
  );

  test('T-08 keys of 10 MB and keys with hidden characters are rejected without being repeated', async () => {
    const { workspaces, inputOf } = await createPlace();
    for (const key of [huge, '\u202e', 'a\u0000b', '\ud800']) {
      const input = { ...inputOf('getWorkspace'), [key]: 1 };
      const refused = await refusal(workspaces.getWorkspace(ada, input as never));
      expect(refused.code).toBe('INVALID_INPUT');
      expectShort(refused);
      if (key !== huge) expect(refused.message).not.toContain(key);
    }
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${String(index)}`, 1]));
    expectShort(await refusal(call(workspaces, 'getWorkspace', { actor: ada, input: many })));
  });

  test('at most 20 issues are reported, and a key with hidden characters is shown with visible ones', async () => {
    const { workspaces, workspaceId, inputOf } = await createPlace();
    const many = (value: unknown) =>
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`r${String(index)}`, value]));
    const issuesOf = async (answer: Promise<unknown>) => {
      const refused = await refusal(answer);
      if (!isWorkspaceError(refused, 'INVALID_INPUT')) throw new Error(refused.code);
      return refused.details.issues;
    };
    const limits = call(workspaces, 'setQuota', { actor: root, input: { workspaceId, limits: many('-1') } });
    const strangers = { ...inputOf('getWorkspace'), ...many(1) };
    const keys = call(workspaces, 'getWorkspace', { actor: ada, input: strangers });
    expect((await issuesOf(limits)).map(({ path }) => path)).toEqual(
      Object.keys(many(1))
        .slice(0, 20)
        .map((key) => `input.limits.${key}`),
    );
    expect(await issuesOf(keys)).toEqual(
      Object.keys(many(1))
        .slice(0, 20)
        .map((key) => ({ path: `input.${key}`, message: 'is unknown' })),
    );
    const unseen = { ...inputOf('getWorkspace'), 'a\u202eb': 1 };
    expect(await issuesOf(call(workspaces, 'getWorkspace', { actor: ada, input: unseen }))).toEqual([
      { path: 'input.?', message: 'is unknown' },
    ]);
  });

  test('T-08 symbol keys and non-enumerable keys have no effect', async () => {
    const { workspaces, workspaceId } = await createPlace();
    const input = Object.defineProperty({ workspaceId, [Symbol('role')]: 'owner' }, 'ownerId', {
      value: 'dev',
    });
    expect(await workspaces.getWorkspace(ada, input)).toMatchObject({ ownerId: 'ada' });
  });
});

describe('T-14 wrong types', () => {
  test.each(methodNames)(
    'T-14 %s rejects every value that is not an input object, as INVALID_INPUT',
    async (name) => {
      const { workspaces, storage } = await createPlace();
      const before = storage.dump();
      const values = [
        ...strange,
        ['null', null],
        ['a string', 'ada'],
        ['a number', 5],
        ['a boolean', true],
      ] as const;
      for (const [, input] of values) {
        // Lists and searches have no required field.
        if (withoutRequired.includes(name) && typeof input === 'object' && input !== null && isBare(input))
          continue;
        const refused = await refusal(call(workspaces, name, { actor: callerOf(name), input }));
        expect(refused.code).toBe('INVALID_INPUT');
        expectShort(refused);
      }
      expect(storage.dump()).toEqual(before);
    },
  );

  test.each(methodNames.filter((name) => !withoutActor.has(name)))(
    'T-03 %s rejects every value that is not an actor, as INVALID_INPUT of the actor',
    async (name) => {
      const { workspaces, storage, inputOf } = await createPlace();
      const before = storage.dump();
      const values = [
        ...strange.map(([, value]) => value),
        ...strange.map(([, value]) => ({ userId: value })),
        ...strange.map(([, value]) => ({ operator: value })),
        ...strange.map(([, value]) => ({ userId: 'ada', email: value })),
        ...strange.map(([, value]) => ({ userId: 'ada', emailVerified: value })),
        ...[
          undefined,
          null,
          'ada',
          5,
          true,
          {},
          { userId: undefined },
          { userId: null },
          { operator: undefined },
        ],
        ...[{ userId: 'ada', operator: 'root' }, { userId: '' }, { operator: '' }, { id: 'ada' }],
        ...[{ userId: 'x'.repeat(257) }, { operator: 'x'.repeat(257) }, { userId: huge }, { operator: huge }],
        ...[
          { userId: 'ada', email: 'no address' },
          { userId: 'ada', emailVerified: 'true' },
        ],
        ...['\u0000', 'a\u0000b', '\ud800', 'a\u202eb', 'a\u200b'].map((userId) => ({ userId })),
      ];
      for (const actor of values) {
        const refused = await refusal(call(workspaces, name, { actor, input: inputOf(name) }));
        if (!isWorkspaceError(refused, 'INVALID_INPUT')) throw new Error(refused.code);
        expect(refused.details.issues.every(({ path }) => /^actor\b/.test(path))).toBe(true);
        expectShort(refused);
      }
      if (forUsersOnly.has(name)) {
        const refused = await refusal(call(workspaces, name, { actor: root, input: inputOf(name) }));
        expectNamed(refused, 'actor.operator');
      }
      expect(storage.dump()).toEqual(before);
    },
  );

  test.each(titled(fields))('T-14 %s rejects every wrong type with its path', async (_, name, field) => {
    const { workspaces, storage, inputOf } = await createPlace();
    const before = storage.dump();
    for (const [, value] of wrongFor(field)) {
      const input = withField(inputOf(name), field.path, value);
      expectNamed(
        await refusal(call(workspaces, name, { actor: callerOf(name), input })),
        `input.${field.path.join('.')}`,
      );
    }
    expect(storage.dump()).toEqual(before);
  });
});

describe('T-03 missing, empty, over-long and unknown ids', () => {
  const ids = fields.filter(({ field }) =>
    /^(workspaceId|userId|invitationId|token)$/.test(field.path.at(-1) ?? ''),
  );

  test.each(titled(ids))(
    'T-03 %s: missing, empty and over-long ids are rejected, and unknown ids reveal nothing',
    async (_, name, field) => {
      const { workspaces, storage, inputOf } = await createPlace();
      const before = storage.dump();
      const ended = (input: unknown) => refusal(call(workspaces, name, { actor: callerOf(name), input }));
      const [key = ''] = field.path;
      if (field.required && field.path.length === 1) {
        expectNamed(await ended(withoutField(inputOf(name), key)), `input.${key}`);
      }
      const path = `input.${field.path.join('.')}`;
      if (key !== 'token') expectNamed(await ended(withField(inputOf(name), field.path, '')), path);
      for (const long of ['x'.repeat(5_000), huge]) {
        expectNamed(await ended(withField(inputOf(name), field.path, long)), path);
      }
      expect(storage.dump()).toEqual(before);
    },
  );

  test.each(['can', 'authorize', 'explain'] as const)(
    'T-03 %s accepts the same ids as the other methods, and no others',
    async (name) => {
      const { workspaces } = await createPlace();
      const ended = async (id: string) => {
        const named = { workspaceId: id, permission: 'workspace:view' };
        const actor = { userId: 'dev' };
        return [
          await outcome(call(workspaces, name, { actor, input: named })),
          await outcome(workspaces.getWorkspace(actor, { workspaceId: id })),
        ];
      };
      for (const id of ['a', '0', 'a-b', 'a--b', '0a', 'x'.repeat(63)]) {
        const unknown = name === 'authorize' ? 'WORKSPACE_NOT_FOUND' : 'ok';
        expect([id, ...(await ended(id))]).toEqual([id, unknown, 'WORKSPACE_NOT_FOUND']);
      }
      for (const id of [
        '',
        'A',
        'aB',
        'aBc',
        '-a',
        'a-',
        '-',
        'a.b',
        'a b',
        'a_b',
        ' a',
        'a\n',
        'é',
        'x'.repeat(64),
      ])
        expect([id, ...(await ended(id))]).toEqual([id, 'INVALID_INPUT', 'INVALID_INPUT']);
    },
  );

  test.each(methodNames.filter((name) => !withoutActor.has(name)))(
    'T-03 %s has no fallback for an unknown actor',
    async (name) => {
      const { workspaces, storage, inputOf } = await createPlace();
      const before = storage.dump();
      const answer = call(workspaces, name, { actor: { userId: 'nobody' }, input: inputOf(name) });
      if (forOperatorsOnly.has(name)) expect(await outcome(answer)).toBe('INVALID_INPUT');
      else if (name === 'can') expect(await answer).toBe(false);
      else if (name === 'explain')
        expect(await answer).toMatchObject({ allowed: false, reason: 'not-a-member' });
      else expect(['WORKSPACE_NOT_FOUND', 'ACCOUNT_NOT_FOUND']).toContain(await outcome(answer));
      expect(storage.dump()).toEqual(before);
    },
  );

  test('T-03 there is no default actor and no default workspace', async () => {
    const { workspaces } = await createPlace();
    for (const actor of [undefined, null, {}, { userId: '' }, root, { userId: huge }]) {
      const refused = await refusal(workspaces.activeWorkspace(actor as never));
      expect(refused.code).toBe('INVALID_INPUT');
    }
  });
});

describe('messages of invalid input', () => {
  const wrong: readonly (readonly [name: MethodName, path: string, message: string, input: unknown])[] = [
    ['createWorkspace', 'input', 'must be of type object', null],
    ['createWorkspace', 'input', 'must be of type object', 'Core'],
    ['createWorkspace', 'input', 'must be of type object', ['Core']],
    ['createWorkspace', 'input.name', 'must be of type string', { name: 5 }],
    ['createWorkspace', 'input.name', 'must not be empty', { name: '' }],
    ['createWorkspace', 'input.role', 'is unknown', { name: 'x', role: 'owner' }],
    ['listWorkspaces', 'input.limit', 'must be a whole number', { limit: 1.5 }],
    ['listWorkspaces', 'input.limit', 'must be at least 1', { limit: 0 }],
    ['listWorkspaces', 'input.limit', 'must be at most 200', { limit: 201 }],
    ['verifySession', 'input.token', 'must be at most 4096 characters long', { token: huge }],
    ['listInvitations', 'input.status', "must be 'open' or 'all'", { workspaceId: 'ws-1', status: '' }],
    [
      'inviteMember',
      'input.recipient',
      'matches none of the allowed forms',
      { workspaceId: 'ws-1', role: 'developer', recipient: {} },
    ],
    [
      'setQuota',
      'input.limits.c pu',
      'is not a resource name',
      { workspaceId: 'ws-1', limits: { 'c pu': '1' } },
    ],
  ];

  test.each(wrong)('%s: %s %s (%#)', async (name, path, message, input) => {
    const { workspaces } = await createPlace();
    const refused = await refusal(call(workspaces, name, { actor: callerOf(name), input }));
    expect([refused.code, refused.details]).toEqual(['INVALID_INPUT', { issues: [{ path, message }] }]);
  });

  test.each([
    [null, 'actor', 'must be of type object'],
    ['ada', 'actor', 'must be of type object'],
    [{ userId: '' }, 'actor.userId', 'must not be empty'],
    [{ operator: '' }, 'actor.operator', 'must not be empty'],
    [{ userId: 'ada', email: '' }, 'actor.email', 'must be an e-mail address'],
    [{ operator: 'root', userId: 'ada' }, 'actor.userId', 'is unknown'],
  ])('T-03 the actor %j: at %s, %s', async (actor, path, message) => {
    const { workspaces, inputOf } = await createPlace();
    const answer = call(workspaces, 'getWorkspace', { actor, input: inputOf('getWorkspace') });
    expect((await refusal(answer)).details).toEqual({ issues: [{ path, message }] });
  });
});

test('a value that throws on access is reported as unreadable, in an actor and in an input', async () => {
  const { workspaces, inputOf } = await createPlace();
  const [name, message] = ['getWorkspace', 'could not be read'] as const;
  const details = async (actor: unknown, input: unknown) =>
    (await refusal(call(workspaces, name, { actor, input }))).details;
  expect(await details(ada, trapped)).toEqual({ issues: [{ path: 'input', message }] });
  expect(await details(trapped, inputOf(name))).toEqual({ issues: [{ path: 'actor', message }] });
});

describe('T-14 hostile strings', () => {
  test.each(titled(stringFields))(
    'T-14 %s: each hostile string is stored exactly or rejected, never truncated, with no other error',
    async (title, name, field) => {
      let place = await createPlace();
      const path = `input.${field.path.join('.')}`;
      let successes = 0;
      for (const text of strings) {
        const { workspaces, storage, inputOf } = place;
        const before = storage.dump();
        const base = name === 'openAccount' ? { userId: 'new', username: 'new' } : inputOf(name);
        const answer = await call(workspaces, name, {
          actor: callerOf(name),
          input: withField(base, field.path, text),
        }).catch((error: unknown) => {
          if (isWorkspaceError(error)) return error;
          throw error;
        });
        if (isWorkspaceError(answer)) {
          expectShort(answer);
          if (answer.code === 'INVALID_INPUT') expectNamed(answer, path);
          else
            expect(refusals[field.path.at(-1) ?? ''], `${answer.code} for ${text.slice(0, 20)}`).toContain(
              answer.code,
            );
          expect(storage.dump()).toEqual(before);
          continue;
        }
        if (answering.has(title)) {
          expect(storage.dump()).toEqual(before);
          if (title === 'explain permission') expect(stringsIn(answer)).toContain(text);
          continue;
        }
        if (counted.has(title)) {
          const committed = await workspaces.commitQuota(ada, {
            workspaceId: place.workspaceId,
            reservationId: text,
          });
          expect(committed.reservationId).toBe(text);
          expect(storage.dump()).toEqual(before);
          successes += 1;
          place = await createPlace();
          continue;
        }
        const keep = kept[title];
        if (keep === undefined) throw new Error(`${title} took ${JSON.stringify(text.slice(0, 20))}`);
        successes += 1;
        const form = keep(text);
        for (const where of silent.has(title) ? [storage.dump()] : [answer, storage.dump()]) {
          if (form === null) expect(stringsIn(where)).not.toContain(text);
          else expect(stringsIn(where)).toContain(form);
        }
        place = await createPlace();
      }
      if (counted.has(title)) expect(successes).toBeGreaterThan(0);
      if (kept[title] !== undefined && !title.endsWith('email')) expect(successes).toBeGreaterThan(0);
    },
  );

  test('T-14 an e-mail address is stored as typed, and compared trimmed and in lower case', async () => {
    const { workspaces, workspaceId } = await createPlace();
    for (const email of ["o'brien+tag@example.org", 'ÜNÏ@例え.jp', '"; DROP TABLE@x', ' Trim@Example.org ']) {
      if (/\s/.test(email.trim())) continue;
      const issued = await workspaces.inviteMember(ada, {
        workspaceId,
        role: 'developer',
        recipient: { email },
      });
      expect(issued.invitation.recipient).toEqual({ email: email.trim() });
    }
    const again = { workspaceId, role: 'developer', recipient: { email: 'TRIM@EXAMPLE.ORG' } } as const;
    expect(await outcome(workspaces.inviteMember(ada, again))).toBe('ALREADY_INVITED');
  });

  test.each(['__proto__', 'constructor', 'toString', '😀', "'; DROP TABLE members; --", ' ', '0', 'ws-1'])(
    'T-14 a user called %j can be invited, join and leave like any other',
    async (userId) => {
      const { workspaces, storage, workspaceId } = await createPlace();
      const actor = { userId };
      await workspaces.openAccount({ userId, username: 'somebody' });
      const { token } = await workspaces.inviteMember(ada, {
        workspaceId,
        role: 'developer',
        recipient: actor,
      });
      await workspaces.acceptInvitation(actor, { token });
      expect(await workspaces.authorize(actor, { workspaceId, permission: 'workspace:view' })).toMatchObject(
        actor,
      );
      const listed = await workspaces.listMembers(ada, { workspaceId });
      expect(listed.items.filter((member) => member.userId === userId)).toHaveLength(1);
      const { items } = await workspaces.listWorkspaces(actor);
      expect(items).toHaveLength(2);
      await workspaces.transferOwnership(ada, { workspaceId, userId });
      await workspaces.renameAccount(actor, { userId, username: 'somebody else' });
      await workspaces.deleteWorkspace(actor, { workspaceId });
      expect(violations(storage.dump(), { matrix: defaultMatrix, now: 0 })).toEqual([]);
    },
  );

  test("T-14 the caller's input and actor are neither frozen nor changed", async () => {
    const { workspaces, workspaceId } = await createPlace();
    const actor = { userId: 'ada', email: ' Ada@Example.org ' };
    const recipient = { email: ' Sam@Example.org ' };
    const input = { workspaceId, role: 'developer' as const, recipient };
    await workspaces.inviteMember(actor, input);
    expect([actor, input]).toEqual([
      { userId: 'ada', email: ' Ada@Example.org ' },
      { workspaceId, role: 'developer', recipient: { email: ' Sam@Example.org ' } },
    ]);
    expect([actor, input, recipient].some((one) => Object.isFrozen(one))).toBe(false);
  });

  test('T-14 an input whose getters change between reads is read once', async () => {
    const { workspaces, workspaceId } = await createPlace();
    let reads = 0;
    const input = {
      workspaceId,
      get role() {
        reads += 1;
        return reads === 1 ? ('developer' as const) : ('manager' as const);
      },
    };
    const { invitation } = await workspaces.inviteMember({ userId: 'mia' }, input);
    expect(invitation.role).toBe('developer');
  });
});

test('every method of the prototype that takes an input is in the tables', () => {
  const methods = Object.getOwnPropertyNames(WorkspaceService.prototype);
  const others = ['constructor', 'permissions', 'on', 'before', 'activeWorkspace', 'withTransaction'];
  expect(methods.filter((name) => !others.includes(name)).sort()).toEqual([...methodNames].sort());
});

/** Without own keys that zod would see, so zod reads it as `{}`. */
function isBare(value: object): boolean {
  try {
    return !Array.isArray(value) && Object.keys(value).length === 0;
  } catch {
    return false;
  }
}

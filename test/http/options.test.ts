// An API that is put together wrongly is not made: a TypeError names the option.
import { describe, expect, test } from 'vitest';
import { workspaceApi } from '../../src/http/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ORIGIN } from './calls.js';

const { workspaces } = createTestWorkspaces();
const actor = () => null;
const make = (options: object) => workspaceApi({ workspaces, actor, ...options });

describe('an option that is wrong', () => {
  const wrong: readonly (readonly [string, readonly unknown[]])[] = [
    ['workspaces', [null, {}, workspaces.permissions, Object.create(null), 'workspaces']],
    ['actor', [null, {}, 'ada', Promise.resolve(null)]],
    [
      'basePath',
      [
        null,
        5,
        '/',
        'api',
        '/api/',
        '/api//v1',
        '/api/..',
        '/./api',
        '/api?x',
        '/a b',
        '/ü',
        '/%61',
        'https://a',
      ],
    ],
    ['methods', [null, 'inviteMember', { 0: 'inviteMember' }]],
    ['maxBodyBytes', [null, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1024', 10n]],
    [
      'trustedOrigins',
      [
        null,
        ORIGIN,
        [`${ORIGIN}/`],
        ['app.example'],
        ['null'],
        ['*'],
        [`${ORIGIN}/x`],
        [5],
        ['HTTPS://APP.example'],
        [`${ORIGIN}:443`],
        ['file:///x'],
        [''],
      ],
    ],
    ['rateLimit', [null, 5, {}]],
    ['onError', [null, 'log', {}]],
  ];
  test.each(wrong)('%s', (name, values) => {
    for (const value of [undefined, ...values]) {
      expect(() => make({ [name]: value })).toThrow(TypeError);
      expect(() => make({ [name]: value })).toThrow(new RegExp(`^workspaceApi: ${name} must`));
    }
  });

  test.each(['inviteMembers', 'withQuota', 'constructor', '__proto__', 5, null])(
    'a method that has no route: %s',
    (method) => {
      expect(() => make({ methods: ['inviteMember', method] })).toThrow(
        new TypeError(`workspaceApi: there is no route for '${String(method)}'`),
      );
    },
  );

  test.each(['ratelimit', 'cors', 'basepath', 'trustedOrigin', '__proto_'])(
    'an option that there is not: %s',
    (name) => {
      expect(() => make({ [name]: null })).toThrow(
        new TypeError(`workspaceApi: there is no option '${name}'`),
      );
    },
  );

  test('no options at all', () => {
    for (const options of [undefined, null, 5]) {
      expect(() => workspaceApi(options as never)).toThrow(
        new TypeError('workspaceApi: options must be given'),
      );
    }
  });
});

describe('an option that is right', () => {
  test('at its edges', () => {
    const right: readonly object[] = [
      { basePath: '' },
      { basePath: '/a/b.c/~d-e_f/...' },
      { methods: [] },
      { maxBodyBytes: 1 },
      { trustedOrigins: [] },
      { trustedOrigins: ['http://localhost:3000', 'https://xn--bcher-kva.example', 'http://[::1]'] },
    ];
    for (const options of right) expect(Object.isFrozen(make(options))).toBe(true);
  });

  test('a service that is wrapped is one', () => {
    const wrapped = new Proxy(workspaces, {
      get: (target, name) => bound(Reflect.get(target, name, target), target),
    });
    expect(Object.keys(make({ workspaces: wrapped }).routes)).toHaveLength(33);
  });

  test('is the one that was given: a list that changes afterwards changes nothing', () => {
    const methods = ['listWorkspaces'];
    const api = make({ methods });
    methods.push('deleteWorkspace');
    expect(Object.keys(api.routes)).toEqual(['listWorkspaces']);
  });
});

function bound(value: unknown, target: object): unknown {
  if (typeof value !== 'function') return value;
  const method: unknown = value.bind(target);
  return method;
}

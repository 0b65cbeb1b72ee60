// Invalid options: workspaceApi throws a TypeError that names the option.
import { describe, expect, test } from 'vitest';
import { workspaceApi } from '../../src/http/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ORIGIN } from './calls.js';

const { workspaces } = createTestWorkspaces();
const actor = () => null;
const make = (options: object) => workspaceApi({ workspaces, actor, ...options });

describe('an invalid option', () => {
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
    ['exemptBearer', [null, 0, 1, 'true', {}]],
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
    'a method without a route: %s',
    (method) => {
      expect(() => make({ methods: ['inviteMember', method] })).toThrow(
        new TypeError(`workspaceApi: there is no route for '${String(method)}'`),
      );
    },
  );

  test.each(['ratelimit', 'cors', 'basepath', 'trustedOrigin', '__proto_'])(
    'an unknown option: %s',
    (name) => {
      expect(() => make({ [name]: null })).toThrow(new TypeError(`workspaceApi: unknown option '${name}'`));
    },
  );

  test('missing options', () => {
    for (const options of [undefined, null, 5]) {
      expect(() => workspaceApi(options as never)).toThrow(
        new TypeError('workspaceApi: options must be given'),
      );
    }
  });
});

describe('a valid option', () => {
  test('is accepted at its bounds', () => {
    const right: readonly object[] = [
      { basePath: '' },
      { basePath: '/a/b.c/~d-e_f/...' },
      { methods: [] },
      { maxBodyBytes: 1 },
      { trustedOrigins: [] },
      { exemptBearer: true },
      { exemptBearer: false },
      { trustedOrigins: ['http://localhost:3000', 'https://xn--bcher-kva.example', 'http://[::1]'] },
    ];
    for (const options of right) expect(Object.isFrozen(make(options))).toBe(true);
  });

  test('may be a wrapped service', () => {
    const wrapped = new Proxy(workspaces, {
      get: (target, name) => bound(Reflect.get(target, name, target), target),
    });
    expect(make({ workspaces: wrapped }).routes).toEqual(make({}).routes);
  });

  test('is copied: changing the list afterwards has no effect', () => {
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

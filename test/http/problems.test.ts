// Errors as problem details: the status of every code, and what a thrown value reveals.
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { HttpError, httpStatus, problemOf, problemResponse } from '../../src/http/index.js';
import { WorkspaceError } from '../../src/index.js';
import { problemIn } from './calls.js';
import { apiOn, create, failing, list } from './reporting.js';

const guide = readFileSync('docs/errors.md', 'utf8');
const documented = [...guide.matchAll(/^\| `([A-Z_]+)` +\| (\d{3})/gm)].map(
  ([, code = '', status]) => [code, Number(status)] as const,
);

describe('the status of a code', () => {
  test('is the one in the guide to errors, for each code, and no others exist', () => {
    const own = Object.entries(httpStatus).filter(([code]) => documented.some(([name]) => name === code));
    expect(Object.fromEntries(own)).toEqual(Object.fromEntries(documented));
    const http = Object.keys(httpStatus).filter((code) => !documented.some(([name]) => name === code));
    expect(http.sort()).toEqual([
      'ACTOR_NOT_ALLOWED',
      'BODY_TOO_LARGE',
      'CROSS_ORIGIN',
      'INTERNAL',
      'METHOD_NOT_ALLOWED',
      'RATE_LIMITED',
      'ROUTE_NOT_FOUND',
      'UNAUTHENTICATED',
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
    expect(Object.isFrozen(httpStatus)).toBe(true);
  });

  test.each(documented)(
    '%s is %i, with its details, and with Retry-After if it is retryable',
    async (code, status) => {
      const details = { issues: [], shortfalls: [], source: 'storage', attempts: 1 };
      const error = new WorkspaceError(code as never, details as never, { cause: new Error('10.0.0.7') });
      const problem = problemOf(error);
      expect(problem).toMatchObject({ code, status, details, detail: error.message });
      expect(problem.retryable).toBe(status === 503);
      const response = problemResponse(error);
      expect(await problemIn(response)).toEqual(problem);
      expect(response.headers.get('Retry-After')).toBe(status === 503 ? '1' : null);
      expect(response.headers.get('WWW-Authenticate')).toBe(status === 401 ? 'Bearer' : null);
    },
  );
});

describe('a thrown value', () => {
  const internal = {
    type: 'urn:problem-type:tenantry:INTERNAL',
    title: 'Internal',
    status: 500,
    detail: 'Internal error.',
    code: 'INTERNAL',
    details: {},
    retryable: false,
  };
  const thrown: readonly (readonly [string, unknown])[] = [
    ['an Error', new Error('connect ECONNREFUSED 10.0.0.7 at /srv/app.js')],
    ['a TypeError with a code', Object.assign(new TypeError('x'), { code: 'NAME_TAKEN', status: 200 })],
    ['a string', 'secret'],
    ['nothing', undefined],
    ['null', null],
    ['a number', 404],
    ['a symbol', Symbol('secret')],
    ['a function', () => 'secret'],
    ['a response', new Response('secret', { status: 302 })],
    ['a revoked proxy', revoked()],
    ['a code of another version', branded({ code: 'TEAPOT', message: 'secret', details: {} })],
    ['a code that every object inherits', branded({ code: 'constructor', message: 'secret', details: {} })],
    [
      'an error that cannot be read',
      branded({
        code: 'NAME_TAKEN',
        get details() {
          throw new Error('secret');
        },
      }),
    ],
    [
      'an error that cannot be JSON',
      branded({ code: 'NAME_TAKEN', message: 'secret', details: { big: 1n } }),
    ],
  ];

  test.each(thrown)('H-03 %s is INTERNAL, and nothing of it is shown', async (what, error) => {
    expect(await problemIn(problemResponse(error))).toEqual(internal);
    if (!what.endsWith('cannot be JSON')) expect(problemOf(error)).toEqual(internal);
  });

  test('a WorkspaceError of another copy of the package, or of another realm, is recognized', async () => {
    const other: unknown = runInNewContext(
      `Object.assign(new Error('the invitation was used up'), { code: 'INVITATION_USED', details: {}, retryable: false, [brand]: true })`,
      { brand: Symbol.for('tenantry.WorkspaceError') },
    );
    expect(other).not.toBeInstanceOf(WorkspaceError);
    expect(await problemIn(problemResponse(other))).toMatchObject({ code: 'INVITATION_USED', status: 410 });
  });
});

describe('an HttpError', () => {
  test("of the app's route is answered with its message, details and headers", async () => {
    const options = { details: { plan: 'free' }, headers: { 'retry-after': '60', 'X-Plan': 'free' } };
    const response = problemResponse(new HttpError('RATE_LIMITED', 'ten a day', options));
    expect(response.headers.get('Retry-After')).toBe('60');
    expect(response.headers.get('X-Plan')).toBe('free');
    expect(await problemIn(response)).toMatchObject({
      status: 429,
      detail: 'ten a day',
      details: { plan: 'free' },
    });
  });

  test('has the headers of its code by default', async () => {
    expect(problemResponse(new HttpError('UNAUTHENTICATED', 'x')).headers.get('WWW-Authenticate')).toBe(
      'Bearer',
    );
    expect(problemResponse(new HttpError('RATE_LIMITED', 'x')).headers.get('Retry-After')).toBe('1');
    expect(new HttpError('RATE_LIMITED', 'x')).toMatchObject({ name: 'HttpError', details: {}, headers: {} });
  });

  test('of another copy of the package, or of another realm, is recognized', async () => {
    const other: unknown = runInNewContext(
      `Object.assign(new Error('sign in'), { code: 'UNAUTHENTICATED', details: {}, headers: {}, [brand]: true })`,
      { brand: Symbol.for('tenantry.HttpError') },
    );
    expect(await problemIn(problemResponse(other))).toMatchObject({
      code: 'UNAUTHENTICATED',
      detail: 'sign in',
    });
  });

  test('with a code that is unknown or unreadable is INTERNAL, never a success', async () => {
    const strangers = [
      new HttpError('TEAPOT' as never, 'secret'),
      new HttpError('constructor' as never, 'secret'),
      new HttpError(undefined as never, 'secret'),
      new HttpError('UNAUTHENTICATED', 'secret', { headers: { 'not a name': 'x' } }),
      new HttpError('UNAUTHENTICATED', 'secret', { details: { big: 1n } }),
    ];
    for (const error of strangers) {
      expect(await problemIn(problemResponse(error))).toMatchObject({
        code: 'INTERNAL',
        status: 500,
        details: {},
      });
    }
  });
});

describe('failures behind a route', () => {
  test.each([
    ['a read', list],
    ['a write', create],
  ])(
    'H-03 a storage that throws in %s: 503 with Retry-After; the cause is not shown and is reported once',
    async (_, request) => {
      const { api, reports } = await apiOn(failing);
      const response = await api.fetch(request());
      expect(response.headers.get('Retry-After')).toBe('1');
      const problem = await problemIn(response);
      expect(problem).toMatchObject({ code: 'UNAVAILABLE', status: 503, details: { source: 'storage' } });
      expect(JSON.stringify(problem)).not.toContain('chaos');
      expect(reports).toEqual([expect.objectContaining({ code: 'UNAVAILABLE' })]);
      expect(reports[0]).toHaveProperty('cause.message', 'chaos: the storage failed');
    },
  );

  test('H-03 T-10 if a before-hook vetoes, the cause is not shown and nothing changes', async () => {
    const { api, workspaces, reports, memory } = await apiOn(null);
    workspaces.before('createWorkspace', () => {
      throw new Error('card 4111 of ada was declined');
    });
    const problem = await problemIn(await api.fetch(create()));
    expect(problem).toMatchObject({ code: 'VETOED', status: 403, details: { command: 'createWorkspace' } });
    expect(JSON.stringify(problem)).not.toContain('4111');
    expect(reports).toEqual([]);
    expect(memory.dump().workspaces).toHaveLength(1);
  });

  test('a refusal is not reported', async () => {
    const { api, reports } = await apiOn(null);
    await api.fetch(create());
    expect((await problemIn(await api.fetch(create()))).code).toBe('NAME_TAKEN');
    expect(reports).toEqual([]);
  });
});

function branded(properties: object): unknown {
  const error = new Error('secret');
  Object.defineProperties(error, Object.getOwnPropertyDescriptors(properties));
  return Object.assign(error, { [Symbol.for('tenantry.WorkspaceError')]: true });
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

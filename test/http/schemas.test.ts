// The schemas in the OpenAPI document agree with the answers and with the schemas that validate input.
import { registerSchema, validate } from '@hyperjump/json-schema/openapi-3-1';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OpenApiOperation } from '../../src/http/index.js';
import { schemasFor, defaultMatrix } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { rounds } from '../campaign.js';
import { apiOf, jsonOf, overJson, requestFor } from './calls.js';
import { callsIn, createScene } from './scene.js';
import { routes, shapeOf } from './standing.js';

const AT = 'https://app.example/openapi.json';
const document = apiOf(createTestWorkspaces().workspaces).openApi({ title: 'Desk', version: '1' });
const calls = await callsIn(await createScene());
const schemas = schemasFor(defaultMatrix);
registerSchema(overJson(document) as never, AT, 'https://spec.openapis.org/oas/3.1/schema-base');

function operationOf(name: string): OpenApiOperation {
  const found = Object.values(document.paths)
    .flatMap((operations) => Object.values(operations))
    .find(({ operationId }) => operationId === name);
  if (found === undefined) throw new Error(name);
  return found;
}

describe('answers', () => {
  const names = Object.entries(calls).flatMap(([name, list]) =>
    list.map((_, place) => [name, place] as const),
  );

  test.each(names)('H-04 %s, call %i, matches the document', async (name, place) => {
    const scene = await createScene();
    const [, list = []] = Object.entries(await callsIn(scene)).find(([method]) => method === name) ?? [];
    const [call, shape] = [list[place], Object.entries(routes).find(([method]) => method === name)?.[1]];
    if (call === undefined || shape === undefined) throw new Error(name);
    const response = await apiOf(scene.workspaces).fetch(requestFor(shape, call.input, call.actor));
    const told = operationOf(name).responses[String(response.status)];
    if (told === undefined) throw new Error(`${name} does not list ${response.status}`);
    if (response.status === 204) expect(told.content).toBeUndefined();
    else {
      const isAs = await validate(`${AT}#/components/schemas/${told.description}`);
      expect(isAs((await jsonOf(response)) as never).valid).toBe(true);
      expect(isAs({}).valid).toBe(false);
    }
  });

  test('H-04 a problem matches the document', async () => {
    const isProblem = await validate(`${AT}#/components/schemas/Problem`);
    const { workspaces, workspaceId } = await createScene();
    const response = await apiOf(workspaces).fetch(requestFor(shapeOf('getWorkspace'), { workspaceId }));
    const problem = await jsonOf(response);
    expect(isProblem(problem as never).valid).toBe(true);
    expect(isProblem({ ...(problem as object), code: 'NO_SUCH_CODE' }).valid).toBe(false);
    expect(isProblem({ code: 'INTERNAL' }).valid).toBe(false);
  });
});

/** Other values, in ASCII and without surrounding white space, so that both measure the same lengths. */
const junk = [
  ...[null, 0, 1, 2, 200, 201, -1, 1.5, 1e21, true, [], ['x'], {}, { userId: 'x' }, { email: 'a@b' }],
  ...[{ cpu: '1' }, { cpu: 1 }, { '-': '1' }, { userId: 'x', email: 'a@b' }, { userId: '\u202e' }],
  ...['', ' ', 'open', 'newest', 'ws-1', 'WS', 'owner', 'manager', 'unlimited', 'workspace:view', '\u202e'],
  ...[64, 65, 256, 257, 400, 401, 600, 601, 4096, 4097].map((length) => 'x'.repeat(length)),
];

function inputsOf(name: string): fc.Arbitrary<object> {
  const [, list = []] = Object.entries(calls).find(([method]) => method === name) ?? [];
  const fields = fieldNames(name).map((field): [string, fc.Arbitrary<unknown>] => {
    const values = list.flatMap(({ input }) => Object.entries(input).filter(([key]) => key === field));
    const right = fc.constantFrom(
      ...(values.length === 0 ? junk : values.map(([, value]) => value as unknown)),
    );
    const wrong = fc.oneof(fc.constantFrom(...junk), fc.jsonValue());
    return [field, fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: wrong })];
  });
  const extra = fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom({ extra: 1 }, { role: 'owner' }, { token: null }) },
  );
  const known = fc.oneof(
    fc.record(Object.fromEntries(fields)),
    fc.record(Object.fromEntries(fields), { requiredKeys: [] }),
  );
  return fc.tuple(extra, known).map(([more, input]) => ({ ...more, ...input }));
}

function fieldNames(name: string): string[] {
  const { parameters, requestBody } = operationOf(name);
  const { properties = {} } = requestBody?.content['application/json'].schema ?? {};
  return [...parameters.map((parameter) => parameter.name), ...Object.keys(properties as object)];
}

/** The input as one object, with the schemas of its parts in the document. */
function wholeOf({ parameters, requestBody }: OpenApiOperation): object {
  const { properties = {}, required = [] } = requestBody?.content['application/json'].schema ?? {};
  const inUrl = parameters.map(({ name, schema }) => [name, schema] as const);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { ...Object.fromEntries(inUrl), ...(properties as object) },
    required: [
      ...parameters.filter((one) => one.required).map(({ name }) => name),
      ...(required as string[]),
    ],
    additionalProperties: false,
  };
}

describe('T-08 T-14 the documented schema of an input and the one that validates it', () => {
  const checked = Object.entries(schemas).filter(([name]) => name !== 'withQuota');

  test.each(checked)(
    '%s: accept the same values, as far as JSON Schema can express it',
    async (name, schema) => {
      const uri = `https://app.example/inputs/${name}`;
      registerSchema(wholeOf(operationOf(name)) as never, uri);
      const isInput = await validate(uri);
      const seen = { both: 0, neither: 0 };
      fc.assert(
        fc.property(inputsOf(name), (input) => {
          const { success, error } = schema.safeParse(input);
          const { valid } = isInput(overJson(input) as never);
          seen[success ? 'both' : 'neither']++;
          if (success) return valid || isBeyondQueries(input);
          // rules that need a function are checked by the server only, so the document accepts more
          return !valid || error.issues.every(isBeyondJsonSchema);
        }),
        { numRuns: rounds(100, 5_000) },
      );
      // both answers occurred, so the comparison can fail
      if (Object.keys(inputsOf(name)).length > 0)
        expect(Math.min(seen.both, seen.neither)).toBeGreaterThan(0);
    },
  );
});

/** A null cursor cannot be in a query. */
function isBeyondQueries(input: object): boolean {
  return 'cursor' in input && input.cursor === null;
}

/** Rules that need a function, and lengths after trimming. */
function isBeyondJsonSchema(issue: { readonly code: string }): boolean {
  if ('errors' in issue && Array.isArray(issue.errors)) {
    return issue.errors.some((issues: { readonly code: string }[]) => issues.every(isBeyondJsonSchema));
  }
  return issue.code === 'custom' || issue.code === 'too_small';
}

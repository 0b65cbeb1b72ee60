// The OpenAPI document: valid, complete, and matching what is served.
import { validate } from '@hyperjump/json-schema/openapi-3-1';
import { describe, expect, test } from 'vitest';
import type { OpenApiDocument, OpenApiOperation, RouteName } from '../../src/http/index.js';
import { commandSchemas, corePermissions, definePermissionMatrix } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { apiOf, overJson } from './calls.js';
import { routes } from './standing.js';

const SPECIFICATION = 'https://spec.openapis.org/oas/3.1/schema-base';
const info = { title: 'Desk', version: '1.2.3', description: 'Workspaces' };
const document = apiOf(createTestWorkspaces().workspaces).openApi(info);

async function isValid(candidate: unknown): Promise<boolean> {
  const { valid } = await validate(SPECIFICATION, overJson(candidate) as never);
  return valid;
}

function operationsOf({ paths }: OpenApiDocument): readonly (readonly [string, string, OpenApiOperation])[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([verb, operation]) => [path, verb, operation] as const),
  );
}

/** Every field of an input with its schema and description, wherever it is in the operation. */
function fieldsOf({ parameters, requestBody }: OpenApiOperation) {
  const { properties = {} } = requestBody?.content['application/json'].schema ?? {};
  const inBody = Object.entries(properties as Record<string, Record<string, unknown>>);
  return [
    ...parameters.map(({ name, schema, description, required }) => ({ name, schema, description, required })),
    ...inBody.map(([name, schema]) => ({
      name,
      schema,
      description: schema['description'],
      required: false,
    })),
  ];
}

describe('the document', () => {
  test('is valid OpenAPI 3.1, with a base path, with few routes, and for a matrix with only an owner', async () => {
    expect(await isValid(document)).toBe(true);
    const { workspaces } = createTestWorkspaces();
    const under = apiOf(workspaces, { basePath: '/api', methods: ['can', 'acceptInvitation'] }).openApi(info);
    expect(await isValid(under)).toBe(true);
    expect(under.servers).toEqual([{ url: '/api' }]);
    const lonely = definePermissionMatrix({ roles: { owner: { permissions: corePermissions, grants: [] } } });
    const alone = apiOf(createTestWorkspaces({ permissions: lonely }).workspaces).openApi(info);
    expect(await isValid(alone)).toBe(true);
  });

  test('is invalid after a change that breaks it: the test can fail', async () => {
    const [path = ''] = Object.keys(document.paths);
    const wrong: readonly object[] = [
      { ...document, info: { title: 'Desk' } },
      { ...document, paths: { ...document.paths, [path]: { get: { responses: { 200: {} } } } } },
      { ...document, paths: { ...document.paths, [path]: { get: { parameters: [{ name: 'x' }] } } } },
      { ...document, components: { ...document.components, schemas: { Workspace: { type: 'text' } } } },
    ];
    for (const candidate of wrong) expect(await isValid(candidate)).toBe(false);
  });

  test('contains the title and version', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info, servers: [{ url: '/' }] });
  });

  test('lists each route under its verb and path, with the name of its method', () => {
    const listed = operationsOf(document).map(([path, verb, { operationId }]) => [operationId, verb, path]);
    const served = Object.entries(routes).map(([name, { verb, path }]) => [name, verb.toLowerCase(), path]);
    expect(listed.sort()).toEqual(served.sort());
  });

  test('resolves every reference, and has no unreferenced schema', () => {
    const text = JSON.stringify(document);
    const references = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name),
    );
    expect(text.match(/"\$ref"/g)?.length).toBe(text.match(/"\$ref":"#\/components\/schemas\/\w+"/g)?.length);
    expect([...references].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  test("is built on every call, so that a caller's change affects no one else", () => {
    const api = apiOf(createTestWorkspaces().workspaces);
    expect(api.openApi(info)).toEqual(document);
    expect(api.openApi(info).paths).not.toBe(api.openApi(info).paths);
  });
});

describe('an operation', () => {
  test.each(operationsOf(document))(
    '%s %s: has each field once, with a description',
    (path, verb, operation) => {
      const fields = fieldsOf(operation);
      const schema = Object.entries(commandSchemas).find(([name]) => name === operation.operationId)?.[1];
      expect(fields.map(({ name }) => name).sort()).toEqual(Object.keys(schema?.shape ?? {}).sort());
      for (const { name, description } of fields) {
        expect(description, name).toMatch(/^\S.{5,}$/);
      }
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field);
      const parameters = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(parameters.map(({ name }) => name)).toEqual(inPath);
      expect(parameters.every(({ required }) => required)).toBe(true);
      const inQuery = verb === 'get' || verb === 'delete';
      expect(operation.requestBody === undefined || !inQuery).toBe(true);
      expect(operation.parameters.every((parameter) => parameter.in === 'path' || inQuery)).toBe(true);
      expect(operation.summary).toMatch(/^[A-Z]/);
      expect(operation.tags).toEqual([path.split('/')[1]]);
    },
  );

  test('has strings in its query except for two fields, and no nullable field', () => {
    const others: Readonly<Record<string, string>> = { limit: 'integer', closeLinks: 'boolean' };
    for (const [, , { parameters }] of operationsOf(document)) {
      for (const { name, schema } of parameters) {
        expect([name, schema['type']]).toEqual([name, others[name] ?? 'string']);
      }
    }
  });

  test('requires a session, unless the token in its body is sufficient', () => {
    const open = operationsOf(document).filter(([, , { security }]) => security === undefined);
    expect(open.map(([, , { operationId }]) => operationId).sort()).toEqual([
      'previewInvitation',
      'verifySession',
    ]);
  });

  test('H-04 lists the errors that can occur before its method is called', () => {
    for (const [path, verb, { responses, security }] of operationsOf(document)) {
      const codes = Object.values(responses).flatMap(({ description }) => description.split(', '));
      const has = (code: string) => [path, verb, code, codes.includes(code)];
      for (const code of ['INVALID_INPUT', 'RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE']) {
        expect(has(code)).toEqual([path, verb, code, true]);
      }
      for (const code of ['UNAUTHENTICATED', 'SESSION_INVALID', 'SESSION_EXPIRED', 'SESSION_STALE']) {
        if (security !== undefined) expect(has(code)).toEqual([path, verb, code, true]);
      }
      expect(has('CROSS_ORIGIN')).toEqual([path, verb, 'CROSS_ORIGIN', verb !== 'get']);
      const takesBody = verb !== 'get' && verb !== 'delete';
      for (const code of ['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE']) {
        expect(has(code)).toEqual([path, verb, code, takesBody]);
      }
    }
  });
});

describe('options of the app', () => {
  test('the methods option omits routes', () => {
    const methods: readonly RouteName[] = ['listMembers', 'inviteMember'];
    const few = apiOf(createTestWorkspaces().workspaces, { methods });
    const listed = operationsOf(few.openApi(info)).map(([, , { operationId }]) => operationId);
    expect(listed.sort()).toEqual([...methods].sort());
    expect(Object.keys(few.routes).sort()).toEqual([...methods].sort());
  });

  test('the roles and permissions of its matrix are in the enums, except owner as a grantable role', () => {
    const own = definePermissionMatrix({
      permissions: ['database:create'],
      roles: {
        owner: { permissions: [...corePermissions, 'database:create'], grants: ['editor', 'constructor'] },
        editor: { permissions: ['workspace:view', 'database:create'], grants: ['constructor'] },
        constructor: { permissions: ['workspace:view'], grants: [] },
      },
    });
    const { workspaces } = createTestWorkspaces({ permissions: own });
    const enums = (name: RouteName, field: string) => {
      const [, , operation] =
        operationsOf(apiOf(workspaces).openApi(info)).find(([, , { operationId }]) => operationId === name) ??
        [];
      return operation && fieldsOf(operation).find((one) => one.name === field)?.schema['enum'];
    };
    expect(enums('inviteMember', 'role')).toEqual(['editor', 'constructor']);
    expect(enums('changeRole', 'role')).toEqual(['editor', 'constructor']);
    expect(enums('transferOwnership', 'formerOwnerRole')).toEqual(['editor', 'constructor']);
    for (const name of ['can', 'authorize', 'explain'] as const) {
      expect(enums(name, 'permission')).toEqual([...corePermissions, 'database:create']);
    }
  });
});

// The routes as an OpenAPI 3.1 document, from the schemas of their inputs and answers.
import * as z from 'zod/mini';
import { answers } from './answers.js';
import type {
  JsonObject,
  OpenApiDocument,
  OpenApiInfo,
  OpenApiOperation,
  OpenApiResponse,
} from './openapi-document.js';
import { httpStatus, type ProblemCode } from './problems.js';
import type { Route } from './route.js';
import type { RouteName } from './routes.js';

export function openApiOf(
  routes: readonly (readonly [RouteName, Route])[],
  { info, basePath }: { readonly info: OpenApiInfo; readonly basePath: string },
): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const [name, route] of routes) {
    const operations = paths[route.path] ?? {};
    operations[route.verb.toLowerCase()] = operationOf(name, route);
    paths[route.path] = operations;
  }
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: basePath === '' ? '/' : basePath }],
    paths,
    components: {
      schemas: { ...answerSchemas(), Problem: problemSchema },
      securitySchemes: { session: { type: 'http', scheme: 'bearer' } },
    },
  };
}

/**
 * The descriptions of input fields. A field has the same meaning in every method. One that is not listed is described by
 * `z.meta({ description })` of its schema.
 */
const descriptions: Readonly<Partial<Record<string, string>>> = {
  userId: 'Your app’s id of the user',
  username: 'Unique among all accounts, compared without case and width',
  displayName: 'The name that others see instead of the username; null removes it',
  name: '1 to 100 characters; unique among the owner’s workspaces, compared without case and width',
  workspaceId: 'The workspace; for a new one an id of your own, a DNS label',
  closeLinks: 'Also revoke the open links that would admit the person again',
  usernamePrefix: 'What the username begins with, compared without case and width',
  ownerId: 'Your app’s id of the owner',
  kind: 'personal or team',
  confirmUsername: 'The username as typed to confirm; compared if it is given',
  erase: 'Also erase the names and addresses of the person from records and events',
  emails: 'For operators: more addresses of the person',
  confirmName: 'The name as typed to confirm; compared if it is given',
  formerOwnerRole: 'The former owner’s new role; by default the first role that the owner grants',
  role: 'A role that the caller may grant',
  maxUses: 'How many users may accept, or unlimited; 1 with a recipient',
  expiresInSeconds: 'The lifetime of the link',
  recipient: 'The only user who may accept',
  invitationId: 'The invitation',
  token: 'The token from the link, or from the answer of a switch',
  fresh: 'Whether to compare the membership and its role with the storage, too',
  permission: 'The permission that the action needs',
  limit: 'The most items to return',
  cursor: 'nextCursor of the previous page; without it, the first page',
  order: 'Which event comes first; a cursor is valid for its own order',
  status: 'Only those of this status; of invitations, open: only those that can still be accepted',
  limits: 'By resource: a Kubernetes quantity from 0, or unlimited',
  amounts: 'By resource: a Kubernetes quantity from 0; all are reserved, or none',
  reservationId: 'Your own id of the reservation: a retry with it is charged once',
  ttlSeconds: 'The lifetime of the reservation; afterwards it holds nothing',
};

/** Codes of every route. */
const always: readonly ProblemCode[] = ['INVALID_INPUT', 'RATE_LIMITED', 'INTERNAL'];
const withBody: readonly ProblemCode[] = ['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];
const changing: readonly ProblemCode[] = ['CROSS_ORIGIN'];
const withSession: readonly ProblemCode[] = [
  'UNAUTHENTICATED',
  'SESSION_INVALID',
  'SESSION_EXPIRED',
  // if the app verifies sessions with `fresh`
  'SESSION_STALE',
];

/** Every code that a route may answer with. */
function codesOf({ verb, caller, errors }: Route): readonly ProblemCode[] {
  return [
    ...new Set([
      ...always,
      ...(verb === 'GET' ? [] : changing),
      ...(verb === 'GET' || verb === 'DELETE' ? [] : withBody),
      ...(caller === 'anyone' ? [] : withSession),
      ...(caller === 'user' || caller === 'operator' ? (['ACTOR_NOT_ALLOWED'] as const) : []),
      ...errors,
    ]),
  ];
}

function operationOf(name: RouteName, route: Route): OpenApiOperation {
  const { verb, path, caller, schema, summary } = route;
  const { properties, required } = inputSchema(schema);
  const isRequired = (field: string) => required.includes(field);
  const isInPath = (field: string) => path.includes(`{${field}}`);
  const fields = Object.entries(properties);
  const inQuery = verb === 'GET' || verb === 'DELETE';
  const inBody = inQuery ? [] : fields.filter(([field]) => !isInPath(field));
  const parameters = fields.filter(([field]) => isInPath(field) || inQuery);
  const bodyRequires = inBody.map(([field]) => field).filter(isRequired);
  return {
    operationId: name,
    summary,
    tags: [path.split('/')[1] ?? ''],
    ...(caller !== 'anyone' && { security: [{ session: [] }] }),
    parameters: parameters.map(([field, shape]) => ({
      name: field,
      in: isInPath(field) ? 'path' : 'query',
      required: isInPath(field) || isRequired(field),
      description: describe(field, shape),
      schema: isInPath(field) ? shape : withoutNull(shape),
    })),
    ...(inBody.length > 0 && {
      requestBody: {
        required: bodyRequires.length > 0,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              properties: Object.fromEntries(
                inBody.map(([field, shape]) => [field, { ...shape, description: describe(field, shape) }]),
              ),
              ...(bodyRequires.length > 0 && { required: bodyRequires }),
              additionalProperties: false,
            },
          },
        },
      },
    }),
    responses: responsesOf(route),
  };
}

function responsesOf(route: Route): OpenApiOperation['responses'] {
  const { answer, status = answer === null ? 204 : 200 } = route;
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codesOf(route)) {
    byStatus.set(httpStatus[code], [...(byStatus.get(httpStatus[code]) ?? []), code]);
  }
  const problems = [...byStatus].map(([problemStatus, codes]): [number, OpenApiResponse] => [
    problemStatus,
    { description: codes.join(', '), content: { 'application/problem+json': { schema: refTo('Problem') } } },
  ]);
  const success: OpenApiResponse =
    answer === null
      ? { description: 'Done' }
      : { description: answer, content: { 'application/json': { schema: refTo(answer) } } };
  return Object.fromEntries([[status, success], ...problems]);
}

function describe(field: string, { description }: JsonObject): string {
  return descriptions[field] ?? (typeof description === 'string' ? description : '');
}

function inputSchema(schema: z.ZodMiniType): {
  readonly properties: Readonly<Record<string, JsonObject>>;
  readonly required: readonly string[];
} {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  const shapes = Object.entries(properties).map(([field, shape]): [string, JsonObject] => [
    field,
    asObject(shape),
  ]);
  return { properties: Object.fromEntries(shapes), required };
}

/** A boolean schema accepts every value, or none. */
function asObject(shape: unknown): JsonObject {
  if (typeof shape === 'object' && shape !== null) return { ...shape };
  return shape === false ? { not: {} } : {};
}

/** Queries have no null: leave a null cursor out. */
function withoutNull({ anyOf, ...shape }: JsonObject): JsonObject {
  if (!Array.isArray(anyOf)) return shape;
  const forms = anyOf.map(asObject).filter(({ type }) => type !== 'null');
  return forms.length === 1 ? { ...shape, ...forms[0] } : { ...shape, anyOf: forms };
}

function answerSchemas(): Record<string, JsonObject> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(answers)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: uriOf, override: asShown });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _uri, ...schema }]) => [id, schema]),
  );
}

function asShown({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  // Answers may gain fields: a client that rejects unknown ones would break.
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  // The format says the same in fewer than 300 characters.
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function uriOf(id: string): string {
  return `#/components/schemas/${id}`;
}

function refTo(id: string): JsonObject {
  return { $ref: uriOf(id) };
}

const problemSchema: JsonObject = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(httpStatus) },
    details: { type: 'object', description: 'Typed by the code' },
    retryable: { type: 'boolean', description: 'Whether a retry of the same request may succeed' },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'details', 'retryable'],
};

// The routes as an OpenAPI 3.1 document: paths and requests from the schemas that check them, answers from theirs.
import * as z from 'zod/mini';
import type { commandSchemas, MethodName } from '../domain/commands/schemas.js';
import { answers } from './answers.js';
import { httpStatus, type ProblemCode } from './problems.js';
import type { Route, RouteName } from './route.js';

/** Plain JSON: what is in it, the OpenAPI specification says. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Which API the document is of. */
export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

/** What an operation may answer with. */
export interface OpenApiResponse {
  readonly description: string;
  /** By media type. */
  readonly content?: JsonObject;
}

/** One operation of an {@link OpenApiDocument}. */
export interface OpenApiOperation {
  /** The name of the method; a route of the host's own has another. */
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly JsonObject[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly required: boolean;
    readonly description: string;
    readonly schema: JsonObject;
  }[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: JsonObject } };
  };
  /** By status. */
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: JsonObject }>
  >;
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: OpenApiInfo;
  readonly servers: readonly { readonly url: string }[];
  /** By path and lower-case verb. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonObject>>;
    readonly securitySchemes: JsonObject;
  };
}

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

/** What each field of an input is: they mean the same in every method. */
const descriptions: Readonly<Record<FieldName, string>> = {
  userId: 'The host’s own id of the person',
  username: 'Unique among all accounts, compared without case and width',
  displayName: 'What others are shown instead of the username; where null is taken, it takes it away',
  name: '1 to 100 characters; unique among the owner’s workspaces, compared without case and width',
  workspaceId: 'Which workspace; for a new one an id of the caller’s own: a DNS label',
  confirmName: 'The name as typed to confirm; compared where it is given',
  formerOwnerRole: 'What the former owner becomes; by default the first role that the owner grants',
  role: 'One that the caller may grant',
  maxUses: 'How many may accept, or unlimited; 1 with a recipient',
  expiresInSeconds: 'The life of the link',
  recipient: 'Only this person may accept',
  invitationId: 'Which invitation',
  token: 'The token, as it stands in the link or in the answer of a switch',
  fresh: 'Also ask whether the membership and its role still stand',
  permission: 'What the caller would do',
  limit: 'How many items at most',
  cursor: 'nextCursor of the page before; the first page without it',
  order: 'Which event comes first; a cursor belongs to the order that it came from',
  status: 'open: only those that can still be accepted',
  limits: 'By resource: a Kubernetes quantity from 0, or unlimited',
  amounts: 'By resource: a Kubernetes quantity from 0; all are held, or none',
  reservationId: 'The caller’s own id of the reservation: made again with it, a request is charged once',
  ttlSeconds: 'After so many seconds the reservation holds nothing any more',
};

type FieldName = { [Name in MethodName]: keyof z.input<(typeof commandSchemas)[Name]> }[MethodName];

/** What a route may answer before its method is asked, or whatever the method. */
const always: readonly ProblemCode[] = ['INVALID_INPUT', 'RATE_LIMITED', 'INTERNAL'];
const withBody: readonly ProblemCode[] = ['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];
const changing: readonly ProblemCode[] = ['CROSS_ORIGIN'];
const withSession: readonly ProblemCode[] = [
  'UNAUTHENTICATED',
  'SESSION_INVALID',
  'SESSION_EXPIRED',
  // of a host whose actors are asked for with `fresh`
  'SESSION_STALE',
];

/** Every code that a route may answer with. */
function codesOf({ verb, who, refusals }: Route): readonly ProblemCode[] {
  return [
    ...new Set([
      ...always,
      ...(verb === 'GET' ? [] : changing),
      ...(verb === 'GET' || verb === 'DELETE' ? [] : withBody),
      ...(who === 'anyone' ? [] : withSession),
      ...(who === 'user' || who === 'operator' ? (['ACTOR_NOT_ALLOWED'] as const) : []),
      ...refusals,
    ]),
  ];
}

function operationOf(name: RouteName, route: Route): OpenApiOperation {
  const { verb, path, who, schema, summary } = route;
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
    ...(who !== 'anyone' && { security: [{ session: [] }] }),
    parameters: parameters.map(([field, shape]) => ({
      name: field,
      in: isInPath(field) ? 'path' : 'query',
      required: isInPath(field) || isRequired(field),
      description: describe(field),
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
                inBody.map(([field, shape]) => [field, { ...shape, description: describe(field) }]),
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

function describe(field: string): string {
  return isFieldName(field) ? descriptions[field] : '';
}

function isFieldName(field: string): field is FieldName {
  return Object.hasOwn(descriptions, field);
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

/** A boolean schema says anything, or nothing. */
function asObject(shape: unknown): JsonObject {
  if (typeof shape === 'object' && shape !== null) return { ...shape };
  return shape === false ? { not: {} } : {};
}

/** A query has no null: a cursor that is null is left out. */
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
  // Answers may gain fields: a client that refuses what it does not know would break.
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  // The format says it already, and in fewer than 300 characters.
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
    retryable: { type: 'boolean', description: 'Whether the same request may succeed when it is made again' },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'details', 'retryable'],
};

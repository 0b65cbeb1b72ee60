// Every method of the registry, with a valid input: the source of the tables over all methods.
import {
  commandSchemas,
  methods,
  type CallerKind,
  type MethodName,
  type WorkspaceService,
} from '../src/index.js';
import { examplesOf, isRequired as isRequiredIn } from '../src/testing/inputs.js';

/** A field in the input of a method. */
export type Field = { [Name in MethodName]: keyof (typeof commandSchemas)[Name]['shape'] }[MethodName];

/** Values for some fields, which may be invalid: the tests decide. */
export type Values = { readonly [Name in Field]?: unknown };

/** What the quota methods reserve, commit and release: the input of `reserveQuota` without the workspace. */
export const reservation = { reservationId: 'res-1', amounts: { cpu: '500m' } } as const;

/** A valid value for every field whose schema has no example. */
const samples: { readonly [Name in Field]?: unknown } = {
  workspaceId: 'ws-1',
  userId: 'dev',
  username: 'dev',
  displayName: 'Dévé <b>"',
  name: 'Kernel',
  confirmName: 'Core',
  confirmUsername: 'dev',
  usernamePrefix: 'de',
  ownerId: 'ada',
  kind: 'team',
  role: 'developer',
  formerOwnerRole: 'developer',
  recipient: { email: 'a@b.example' },
  maxUses: 1,
  expiresInSeconds: 60,
  invitationId: 'inv-0000000000000001',
  managedBy: 'directory',
  members: [{ userId: 'sam', role: 'developer', email: 'sam@tenantry.test' }],
  dryRun: false,
  token: 'token',
  fresh: true,
  closeLinks: false,
  attributes: { label: 'blue' },
  erase: true,
  emails: ['dev@tenantry.test'],
  email: 'dev@tenantry.test',
  permission: 'workspace:view',
  limits: { cpu: '8' },
  ...reservation,
  ttlSeconds: 60,
  status: 'open',
  order: 'newest',
  limit: 2,
  cursor: null,
};

/** Fields that a method needs in its tables although it can do without, and fields that depend on others. */
const special: { readonly [Name in MethodName]?: (values: Values) => Values } = {
  openAccount: ({ userId }) => ({ username: userId }),
  renameAccount: ({ name }) => ({ username: name }),
  findWorkspaces: () => ({ status: 'active' }),
  // Without `fresh` it does not read the storage.
  verifySession: () => ({ fresh: true }),
};

/** Every method, in the order of the registry. */
export const everyMethod = Object.keys(methods).filter(isMethodName);

/** The methods that take an input. */
export const methodNames = everyMethod.filter((name) => fieldsOf(name).length > 0);

/** The methods without an actor: the app calls the first, and the others need only a token. */
export const withoutActor = calledBy('subject', 'anyone');

/** The methods that only a user can call, not an operator. */
export const forUsersOnly = calledBy('user');

/** The methods that only an operator can call. */
export const forOperatorsOnly = calledBy('operator');

/** The fields of a method's input. */
export function fieldsOf(name: MethodName): readonly Field[] {
  const fields: readonly string[] = Object.keys(commandSchemas[name].shape);
  return fields.filter((field): field is Field => Object.hasOwn(commandSchemas[name].shape, field));
}

/** The input of a method: its required fields and those that `values` names, valid where `values` has none. */
export function inputOf(name: MethodName, values: Values = {}): Record<string, unknown> {
  const byToken = isAnswer(name) && { token: samples.token };
  const given: Values = { ...byToken, ...special[name]?.({ ...samples, ...values }), ...values };
  const named = fieldsOf(name).filter((field) => Object.hasOwn(given, field) || isRequired(name, field));
  const input: Record<string, unknown> = Object.fromEntries(
    named.map((field) => [field, Object.hasOwn(given, field) ? given[field] : sampleOf(name, field)]),
  );
  if (!isAnswer(name)) return input;
  const { token, ...ids } = input;
  return token === undefined ? ids : { token };
}

/** Whether a method takes either a token or ids. */
export function isAnswer(name: MethodName): boolean {
  return name === 'acceptInvitation' || name === 'declineInvitation';
}

/** The input of a method with every field that it has. */
export function fullInputOf(name: MethodName, values: Values = {}): Record<string, unknown> {
  const all = Object.fromEntries(fieldsOf(name).map((field) => [field, sampleOf(name, field)]));
  // The members of a role, or those of a directory.
  const some = Object.fromEntries(Object.entries(all).filter(([field]) => field !== 'managedBy'));
  const full = name === 'listMembers' ? some : all;
  return inputOf(name, { ...full, ...special[name]?.({ ...samples, ...values }), ...values });
}

/** Calls a method by its name with any arguments, as JavaScript would. */
export async function call(
  workspaces: WorkspaceService,
  name: MethodName,
  { actor, input }: { readonly actor: unknown; readonly input: unknown },
): Promise<unknown> {
  const method: unknown = Reflect.get(workspaces, name);
  if (typeof method !== 'function') throw new Error(`${name} is not a method`);
  const args = withoutActor.has(name) ? [input] : [actor, input];
  if (name === 'withQuota') args.push(() => 'created');
  const answer: unknown = Reflect.apply(method, workspaces, args);
  return answer;
}

function calledBy(...kinds: readonly CallerKind[]): ReadonlySet<MethodName> {
  return new Set(everyMethod.filter((name) => kinds.includes(methods[name].caller)));
}

function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

export function isRequired(name: MethodName, field: string): boolean {
  return isRequiredIn(methods[name], field);
}

function sampleOf(name: MethodName, field: Field): unknown {
  return Object.hasOwn(samples, field) ? samples[field] : examplesOf(methods[name], field)[0];
}

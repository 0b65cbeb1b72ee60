// The edge: whatever comes in is checked once, here, and anything else is INVALID_INPUT with the place.
import * as z from 'zod/mini';
import { operatorActorSchema, userActorSchema, type Actor, type UserActor } from '../domain/actor.js';
import { commandSchemas } from '../domain/commands/schemas.js';
import type { WorkspaceId } from '../domain/ids.js';
import { hiddenCharacter } from '../domain/names.js';
import { WorkspaceError, type InputIssue } from '../errors.js';

const MAX_ISSUES = 20;
const MAX_KEY_LENGTH = 64;

/** @throws WorkspaceError `INVALID_INPUT`, for any value that the schema does not take, whatever it is. */
export function parse<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
  root = 'input',
): z.output<Schema> {
  let result: z.core.util.SafeParseResult<z.output<Schema>>;
  let polluting: string | null;
  try {
    const own = ownFields(value);
    polluting = protoPath(own, root);
    result = z.safeParse(schema, own);
  } catch {
    // A getter or a proxy of the caller's threw.
    throw invalid([{ path: root, message: 'could not be read' }]);
  }
  if (polluting !== null) throw invalid([{ path: polluting, message: 'is not known' }]);
  if (result.success) return result.data;
  throw invalid(result.error.issues.slice(0, MAX_ISSUES).flatMap((issue) => issuesOf(issue, root)));
}

/** With every field its own, so that none is inherited from a polluted prototype where the host gave none. */
export function parseUser(actor: unknown): UserActor {
  const plain = plainUser(actor);
  if (plain !== null) return { userId: plain, email: undefined, emailVerified: undefined };
  const { userId, ...rest } = parse(userActorSchema, actor, 'actor');
  return {
    userId,
    email: Object.hasOwn(rest, 'email') ? rest.email : undefined,
    emailVerified: Object.hasOwn(rest, 'emailVerified') ? rest.emailVerified : undefined,
  };
}

/** Where an object within the input has a `__proto__` of its own, which a zod record leaves out in silence. */
function protoPath(own: unknown, root: string): string | null {
  if (!isObject(own)) return null;
  for (const [key, inner] of Object.entries(own))
    if (isObject(inner) && Object.hasOwn(inner, '__proto__')) return `${root}.${shownKey(key)}.__proto__`;
  return null;
}

/** What an object says itself: what it inherits was said by nobody. */
function ownFields(value: unknown): unknown {
  if (!isObject(value) || Array.isArray(value)) return value;
  const own: unknown = Object.assign(Object.create(null), value);
  return own;
}

/** What `can`, `authorize` and `explain` ask. */
export interface Question {
  readonly actor: Actor;
  readonly workspaceId: WorkspaceId;
  readonly permission: string;
}

/** Printable ASCII: what most ids are. */
const PLAIN = /^[!-~]{1,64}$/;
const PLAIN_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The hot path of every request: what is plainly right is told without a schema, which would cost more than the answer.
 * Whatever is not plain takes the schemas' way, and gets its reason there.
 */
export function parseQuestion(actor: unknown, input: unknown): Question {
  return (
    plainQuestion(actor, input) ?? { actor: parseActor(actor), ...parse(commandSchemas.authorize, input) }
  );
}

function plainQuestion(actor: unknown, input: unknown): Question | null {
  const userId = plainUser(actor);
  if (userId === null) return null;
  try {
    if (!isObject(input) || Object.keys(input).length !== 2) return null;
    if (!('workspaceId' in input && 'permission' in input)) return null;
    // Own ones: of so many keys none may be another while one of these is inherited.
    if (!Object.hasOwn(input, 'workspaceId') || !Object.hasOwn(input, 'permission')) return null;
    const { workspaceId, permission } = input;
    return isPlain(workspaceId, PLAIN_LABEL) && isPlain(permission, PLAIN)
      ? { actor: { userId }, workspaceId, permission }
      : null;
  } catch {
    return null;
  }
}

/** The id of an actor who says nothing else. */
function plainUser(actor: unknown): string | null {
  try {
    if (!isObject(actor) || Object.keys(actor).length !== 1) return null;
    if (!('userId' in actor && Object.hasOwn(actor, 'userId'))) return null;
    const { userId } = actor;
    return isPlain(userId, PLAIN) ? userId : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isPlain(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

export function parseActor(actor: unknown): Actor {
  return saysOperator(actor) ? parse(operatorActorSchema, actor, 'actor') : parseUser(actor);
}

function saysOperator(actor: unknown): boolean {
  try {
    return isObject(actor) && Object.hasOwn(actor, 'operator');
  } catch {
    return false;
  }
}

export function invalid(issues: readonly InputIssue[]): WorkspaceError<'INVALID_INPUT'> {
  return new WorkspaceError('INVALID_INPUT', { issues });
}

function issuesOf(issue: z.core.$ZodIssue, root: string): InputIssue[] {
  const path = issue.path.reduce<string>((outer, key) => `${outer}.${shownKey(key)}`, root);
  if (issue.code !== 'unrecognized_keys') return [{ path, message: messageOf(issue) }];
  return issue.keys
    .slice(0, MAX_ISSUES)
    .map((key) => ({ path: `${path}.${shownKey(key)}`, message: 'is not known' }));
}

/** zod/mini sets no messages, and its locales are global: these are the library's own. */
function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)}${issue.origin === 'string' ? ' characters long' : ''}`;
    case 'too_small':
      // Of a text no more is asked than that there is one.
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${String(issue.minimum)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`;
    case 'invalid_union':
      return 'has none of the forms that are allowed here';
    case 'invalid_key': {
      const [first] = issue.issues;
      return first === undefined ? issue.message : messageOf(first);
    }
    default:
      return issue.message;
  }
}

/** A key is the caller's text: shown short, and only where it can be seen. */
function shownKey(key: PropertyKey): string {
  const text = String(key).slice(0, MAX_KEY_LENGTH);
  return hiddenCharacter(text) === undefined ? text : '?';
}

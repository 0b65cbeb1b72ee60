// Parsing at the public edge: input is checked once, here. Invalid input is INVALID_INPUT with the path.
import * as z from 'zod/mini';
import { queries } from '../commands/queries.js';
import { operatorActorSchema, userActorSchema, type Actor, type UserActor } from '../core/actor.js';
import { hiddenCharacter } from '../core/names.js';
import { isObject } from '../core/values.js';
import { WorkspaceError, type InputIssue } from '../errors.js';
import { plainQuestion, plainUserId, type Question } from './fast-path.js';

/** What is wrong is listed up to here. */
export const MAX_ISSUES = 20;
const MAX_KEY_LENGTH = 64;

/** @throws WorkspaceError `INVALID_INPUT` for every value that the schema rejects. */
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
    // A getter or a proxy of the caller threw.
    throw invalid([{ path: root, message: 'could not be read' }]);
  }
  if (polluting !== null) throw invalid([{ path: polluting, message: 'is unknown' }]);
  if (result.success) return result.data;
  throw invalid(result.error.issues.slice(0, MAX_ISSUES).flatMap((issue) => issuesOf(issue, root)));
}

/** Returns own properties only, so that a polluted prototype cannot add any. */
export function parseUser(actor: unknown): UserActor {
  const plain = plainUserId(actor);
  if (plain !== null) return { ...UNKNOWN, userId: plain };
  const { userId, ...rest } = parse(userActorSchema, actor, 'actor');
  return {
    userId,
    email: Object.hasOwn(rest, 'email') ? rest.email : undefined,
    emailVerified: Object.hasOwn(rest, 'emailVerified') ? rest.emailVerified : undefined,
    signedInAt: Object.hasOwn(rest, 'signedInAt') ? rest.signedInAt : undefined,
    onBehalfOf: Object.hasOwn(rest, 'onBehalfOf') ? rest.onBehalfOf : undefined,
    requestId: Object.hasOwn(rest, 'requestId') ? rest.requestId : undefined,
  };
}

/** Own properties hide those of a polluted prototype. */
const UNKNOWN = {
  email: undefined,
  emailVerified: undefined,
  signedInAt: undefined,
  onBehalfOf: undefined,
  requestId: undefined,
};

/** The path of an own `__proto__` of a nested object, which a zod record would drop without an error. */
function protoPath(own: unknown, root: string): string | null {
  if (!isObject(own)) return null;
  for (const [key, inner] of Object.entries(own))
    if (isObject(inner) && Object.hasOwn(inner, '__proto__')) return `${root}.${shownKey(key)}.__proto__`;
  return null;
}

/** A copy with own properties only. */
function ownFields(value: unknown): unknown {
  if (!isObject(value) || Array.isArray(value)) return value;
  const own: unknown = Object.assign(Object.create(null), value);
  return own;
}

/** Parses the input of `can`, `authorize` and `explain`. */
export function parseQuestion(actor: unknown, input: unknown): Question {
  return (
    plainQuestion(actor, input) ?? { actor: parseActor(actor), ...parse(queries.authorize.input, input) }
  );
}

export function parseActor(actor: unknown): Actor {
  return hasOperator(actor) ? parse(operatorActorSchema, actor, 'actor') : parseUser(actor);
}

function hasOperator(actor: unknown): boolean {
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
    .map((key) => ({ path: `${path}.${shownKey(key)}`, message: 'is unknown' }));
}

/** zod/mini has no messages, and its locales are global. */
function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`;
    case 'too_big':
      if (issue.origin === 'array') return `must have at most ${issue.maximum} items`;
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`;
    case 'too_small':
      // The only minimum length of a string is 1.
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`;
    case 'invalid_union':
      return 'matches none of the allowed forms';
    case 'invalid_key': {
      const [first] = issue.issues;
      return first === undefined ? issue.message : messageOf(first);
    }
    default:
      return issue.message;
  }
}

/** Keys come from the caller: shown shortened, and only if they have no invisible characters. */
export function shownKey(key: PropertyKey): string {
  const text = String(key).slice(0, MAX_KEY_LENGTH);
  return hiddenCharacter(text) === undefined ? text : '?';
}

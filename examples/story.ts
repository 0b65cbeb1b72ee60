// The format of a story: people, and the steps that they take. Unknown keys are rejected with their path.
import { readFileSync } from 'node:fs';
import { corePermissions, readQuantity } from 'tenantry';
import * as z from 'zod/mini';
import { syntaxProblem } from './json-syntax.js';
import { nameProblem } from './story-names.js';

const label = z.string().check(z.refine((text) => /^.{1,40}$/u.test(text), 'must have 1 to 40 characters'));
const role = z.enum(['manager', 'developer']);
const code = z
  .string()
  .check(z.regex(/^[A-Z]+(_[A-Z]+)*$/, 'must be an error code, such as INVITATION_USED'));
const days = z.number().check(z.refine((n) => n > 0 && n <= 3650, 'must be more than 0 and at most 3650'));

const texts = z.record(z.string(), z.string());
const minutes = z.int().check(z.refine((n) => n >= 1 && n <= 1440, 'must be from 1 to 1440'));
const limit = z
  .string()
  .check(z.refine(isLimit, "must be a quantity from 0, such as 500m or 2Gi, or 'unlimited'"));

function step<Name extends string, Fields extends z.core.$ZodLooseShape>(name: Name, fields: Fields) {
  return z.strictObject({
    do: z.literal(name),
    ...fields,
    /** Printed above the step. */
    note: z.optional(z.string()),
    /** The error code that the step must fail with. If it is missing, the step must succeed. */
    expect: z.optional(code),
  });
}

/**
 * `workspace` refers to the label of a `create` step, or to a person for a personal workspace. `link` refers to the
 * label of an `invite` step.
 */
const stepSchema = z.discriminatedUnion('do', [
  step('open', { by: label }),
  step('renameAccount', { by: label, to: z.string() }),
  step('create', { by: label, workspace: label, name: z.optional(z.string()) }),
  step('rename', { by: label, workspace: label, to: z.string() }),
  step('delete', { by: label, workspace: label, confirm: z.optional(z.string()) }),
  step('transfer', { by: label, workspace: label, person: label, formerOwnerRole: z.optional(role) }),
  step('invite', {
    by: label,
    workspace: label,
    role,
    link: z.optional(label),
    /** How many people can accept; 1 by default. */
    uses: z.optional(z.union([z.int(), z.literal('unlimited')], "must be a whole number or 'unlimited'")),
    days: z.optional(days),
    /** Only this person can accept. */
    person: z.optional(label),
    /** Only the owner of this verified address can accept. */
    email: z.optional(z.string()),
  }),
  step('reissue', { by: label, link: label, newLink: z.optional(label) }),
  step('revoke', { by: label, link: label }),
  /** Copies a link and changes one character of its token. */
  step('tamper', { by: label, link: label, newLink: label }),
  step('preview', {
    by: label,
    link: label,
    status: z.optional(z.enum(['open', 'used', 'revoked', 'declined', 'expired'])),
  }),
  step('accept', { by: label, link: label }),
  step('decline', { by: label, link: label }),
  /** All people accept one link at the same time. Exactly `admitted` of them must succeed. */
  step('race', {
    people: z.array(label).check(z.minLength(2, 'must name two people or more')),
    link: label,
    admitted: z.int(),
  }),
  step('switch', { by: label, workspace: label }),
  /** Verifies the session token of the last switch. */
  step('verify', { by: label }),
  step('where', { by: label }),
  step('can', { by: label, workspace: label, permission: z.enum(corePermissions), allowed: z.boolean() }),
  step('changeRole', { by: label, workspace: label, person: label, role }),
  step('remove', { by: label, workspace: label, person: label }),
  step('leave', { by: label, workspace: label }),
  step('workspaces', { by: label }),
  step('members', { by: label, workspace: label }),
  step('invitations', { by: label, workspace: label }),
  step('audit', { by: label, workspace: label }),
  /** Shows the limits, use and reservations of the workspace. */
  step('quota', { by: label, workspace: label }),
  /** Sets limits by resource. Operators only. */
  step('setQuota', { by: label, workspace: label, limits: texts }),
  /** Reserves amounts by resource, for 5 minutes by default. */
  step('reserve', {
    by: label,
    workspace: label,
    reservation: label,
    amounts: texts,
    minutes: z.optional(minutes),
  }),
  step('commit', { by: label, workspace: label, reservation: label }),
  step('release', { by: label, workspace: label, reservation: label }),
  step('wait', { days }),
]);

const personSchema = z.strictObject({
  displayName: z.optional(z.string()),
  email: z.optional(z.string()),
  emailVerified: z.optional(z.boolean()),
  /** An admin tool of the app, without an account. */
  operator: z.optional(z.boolean()),
});

const storySchema = z.strictObject({
  title: z.string(),
  people: z.record(label, personSchema),
  /** The initial limits of each workspace, by resource. Reservations of other resources are rejected. */
  quota: z.optional(z.record(z.string(), limit)),
  steps: z.array(stepSchema).check(z.minLength(1, 'must not be empty')),
});

export type Story = z.output<typeof storySchema>;
export type Step = Story['steps'][number];
export type StepOf<Name extends Step['do']> = Extract<Step, { readonly do: Name }>;

/** An invalid story. The message is one line with the file and the position. */
export class StoryError extends Error {}

/** @throws StoryError */
export function readStory(file: string): Story {
  const data = parseJson(file, readText(file));
  const result = z.safeParse(storySchema, data);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new StoryError(`${file}: ${issue === undefined ? 'is not a story' : shapeProblem(issue, data)}`);
  }
  const problem = nameProblem(result.data);
  if (problem !== null) throw new StoryError(`${file}: ${problem}`);
  return result.data;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    const known = {
      ENOENT: 'no such file',
      EISDIR: 'is a folder, not a file',
      EACCES: 'cannot be read: permission denied',
    };
    throw new StoryError(
      `${file}: ${new Map(Object.entries(known)).get(reason) ?? `cannot be read (${reason})`}`,
    );
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { line, column, message } = syntaxProblem(text) ?? { line: 1, column: 1, message: 'not JSON' };
    throw new StoryError(`${file}:${line}:${column}: ${message}`);
  }
}

/** Describes the first problem of the shape with its path: `steps[3].role must be 'manager' or 'developer'`. */
function shapeProblem(issue: z.core.$ZodIssue, data: unknown): string {
  const place = placeOf(issue.path);
  if (issue.code === 'unrecognized_keys')
    return `${placeOf([...issue.path, issue.keys[0] ?? ''])} is not a known key`;
  if (valueAt(data, issue.path) === undefined) return `${place} is missing`;
  if (issue.code === 'invalid_type') {
    return `${place} must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`;
  }
  if (issue.code === 'invalid_value') return `${place} must be ${listed(issue.values)}`;
  if (issue.path.at(-1) === 'do') return `${place} is not a step. The steps are ${stepNames.join(', ')}`;
  return `${place} ${issue.message}`;
}

const stepNames = stepSchema._zod.def.options.flatMap((option) => [...option.shape.do._zod.values]);

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return place === '' ? 'the story' : place.replace(/^\./, '');
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? Reflect.get(value, key)
        : undefined,
    data,
  );
}

function listed(values: readonly unknown[]): string {
  const names = values.map((value) => `'${String(value)}'`);
  return names.length > 5 ? `one of ${names.join(', ')}` : names.join(' or ');
}

function isLimit(text: string): boolean {
  if (text === 'unlimited') return true;
  const reading = readQuantity(text);
  return reading.ok && reading.quantity.nano >= 0n;
}

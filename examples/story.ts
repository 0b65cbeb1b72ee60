// The format of a story: who plays, and what they do, step by step. Whatever else a file holds is refused with its place.
import { readFileSync } from 'node:fs';
import { corePermissions, readQuantity } from 'tenantry';
import * as z from 'zod/mini';
import { syntaxProblem } from './json-syntax.js';

const label = z.string().check(z.refine((text) => /^.{1,40}$/u.test(text), 'must have 1 to 40 characters'));
const role = z.enum(['manager', 'developer']);
const code = z.string().check(z.regex(/^[A-Z]+(_[A-Z]+)*$/, 'must be an error code, as INVITATION_USED'));
const days = z.number().check(z.refine((n) => n > 0 && n <= 3650, 'must be more than 0 and at most 3650'));

const texts = z.record(z.string(), z.string());
const minutes = z.int().check(z.refine((n) => n >= 1 && n <= 1440, 'must be from 1 to 1440'));
const limit = z
  .string()
  .check(z.refine(isLimit, "must be a quantity from 0, as 500m or 2Gi, or 'unlimited'"));

function step<Name extends string, Fields extends z.core.$ZodLooseShape>(name: Name, fields: Fields) {
  return z.strictObject({
    do: z.literal(name),
    ...fields,
    /** Printed above the step. */
    note: z.optional(z.string()),
    /** The step must be refused with this code. Without it, it must be done. */
    expect: z.optional(code),
  });
}

/**
 * A `workspace` is named by the label under which it was created; a personal one, by the name of its person.
 * A `link` is named by the label under which it was issued.
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
    /** How many may accept; 1 where it is left out. */
    uses: z.optional(z.union([z.int(), z.literal('unlimited')], "must be a whole number or 'unlimited'")),
    days: z.optional(days),
    /** Only this person may accept. */
    person: z.optional(label),
    /** Only who has proved this address may accept. */
    email: z.optional(z.string()),
  }),
  step('reissue', { by: label, link: label, newLink: z.optional(label) }),
  step('revoke', { by: label, link: label }),
  /** Makes a copy of a link with one character of its token changed. */
  step('tamper', { by: label, link: label, newLink: label }),
  step('preview', {
    by: label,
    link: label,
    status: z.optional(z.enum(['open', 'used', 'revoked', 'declined', 'expired'])),
  }),
  step('accept', { by: label, link: label }),
  step('decline', { by: label, link: label }),
  /** Everybody accepts one link at the same moment; `admitted` of them must get in. */
  step('race', {
    people: z.array(label).check(z.minLength(2, 'must name two people or more')),
    link: label,
    admitted: z.int(),
  }),
  step('switch', { by: label, workspace: label }),
  /** Shows the session token of the last switch to the library again. */
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
  /** What the workspace is limited to, uses and has reserved. */
  step('quota', { by: label, workspace: label }),
  /** Sets limits, by resource. Only an operator may. */
  step('setQuota', { by: label, workspace: label, limits: texts }),
  /** Holds amounts, by resource, for some minutes; 5 where they are left out. */
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
  /** The host itself, as an admin tool of it: has no account. */
  operator: z.optional(z.boolean()),
});

const storySchema = z.strictObject({
  title: z.string(),
  people: z.record(label, personSchema),
  /** What each workspace is limited to from the start, by resource. A resource that is not named is refused by name. */
  quota: z.optional(z.record(z.string(), limit)),
  steps: z.array(stepSchema).check(z.minLength(1, 'must not be empty')),
});

export type Story = z.output<typeof storySchema>;
export type Step = Story['steps'][number];
export type StepOf<Name extends Step['do']> = Extract<Step, { readonly do: Name }>;

/** What is wrong with a story, in one line that names the file and the place. */
export class StoryError extends Error {}

/** @throws StoryError */
export function readStory(file: string): Story {
  const data = parseJson(file, readText(file));
  const result = z.safeParse(storySchema, data);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new StoryError(`${file}: ${issue === undefined ? 'is no story' : shapeProblem(issue, data)}`);
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
      ENOENT: 'there is no such file',
      EISDIR: 'is a folder, not a file',
      EACCES: 'may not be read',
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

/** The first thing that is wrong with the shape, with its place, as `steps[3].role must be 'manager' or 'developer'`. */
function shapeProblem(issue: z.core.$ZodIssue, data: unknown): string {
  const place = placeOf(issue.path);
  if (issue.code === 'unrecognized_keys')
    return `${placeOf([...issue.path, issue.keys[0] ?? ''])} is not known here`;
  if (valueAt(data, issue.path) === undefined) return `${place} is missing`;
  if (issue.code === 'invalid_type') {
    return `${place} must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`;
  }
  if (issue.code === 'invalid_value') return `${place} must be ${listed(issue.values)}`;
  if (issue.path.at(-1) === 'do') return `${place} is no step: there are ${stepNames.join(', ')}`;
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

const onlyForPeople: ReadonlySet<string> = new Set<Step['do']>([
  'open',
  'create',
  'accept',
  'decline',
  'leave',
  'switch',
  'verify',
  'where',
  'workspaces',
]);
const onlyForOperators: ReadonlySet<string> = new Set<Step['do']>(['setQuota']);

/** The first name that stands for nothing yet, with its place. */
function nameProblem({ people, steps }: Story): string | null {
  const workspaces = new Set<string>();
  const links = new Set<string>();
  for (const [index, step] of steps.entries()) {
    const place = (field: string): string => `steps[${index}].${field}`;
    const named = step.do === 'race' ? step.people : [];
    const persons = [
      ...('by' in step ? ([['by', step.by]] as const) : []),
      ...('person' in step && step.person !== undefined ? ([['person', step.person]] as const) : []),
      ...named.map((name, at) => [`people[${at}]`, name] as const),
    ];
    for (const [field, name] of persons) {
      const person = Object.hasOwn(people, name) ? people[name] : undefined;
      if (person === undefined) return `${place(field)} is '${name}', who is not among the people`;
      const acts = field !== 'by' || onlyForPeople.has(step.do);
      if (acts && person.operator === true)
        return `${place(field)} is '${name}', an operator, and this is for people`;
      if (!acts && onlyForOperators.has(step.do) && person.operator !== true)
        return `${place(field)} is '${name}', and this is for operators`;
    }
    const made = step.do === 'create' ? step.workspace : step.do === 'open' ? step.by : undefined;
    if (made === undefined && 'workspace' in step && !workspaces.has(step.workspace)) {
      return `${place('workspace')} is '${step.workspace}', which no step before has made`;
    }
    if (step.do !== 'invite' && 'link' in step && !links.has(step.link)) {
      return `${place('link')} is '${step.link}', which no step before has made`;
    }
    if (step.expect !== undefined) continue;
    if (step.do === 'create' && (workspaces.has(step.workspace) || Object.hasOwn(people, step.workspace))) {
      return `${place('workspace')} is '${step.workspace}', a name that is in use: take another, and say 'name'`;
    }
    if (made !== undefined) workspaces.add(made);
    const link = step.do === 'invite' ? step.link : 'newLink' in step ? step.newLink : undefined;
    if (link !== undefined) links.add(link);
  }
  return null;
}

function isLimit(text: string): boolean {
  if (text === 'unlimited') return true;
  const reading = readQuantity(text);
  return reading.ok && reading.quantity.nano >= 0n;
}

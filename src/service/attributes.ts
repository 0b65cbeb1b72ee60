// Attributes: their declaration by the app, and the check of values before a command is decided.
import type * as z from 'zod/mini';
import { commands } from '../commands/index.js';
import { MAX_ATTRIBUTES, type SortedAttributes } from '../commands/workspaces/update-attributes.js';
import { isOperator, type Actor } from '../core/actor.js';
import { attributesFor, type AttributeAudience } from '../core/attributes.js';
import { jsonOf, type JsonValue } from '../core/json.js';
import type { PermissionMatrix } from '../core/permissions.js';
import { isObject, required } from '../core/values.js';
import { WorkspaceError, type InputIssue } from '../errors.js';
import type { ServiceContext } from './context.js';
import { enqueue, parseCall, runHooks } from './execute.js';
import { invalid, MAX_ISSUES, shownKey } from './parse.js';
import { operatorAttributesFor, type UpdatedAttributes } from './views.js';

/**
 * A schema of any library that implements Standard Schema, version 1: zod, Valibot, ArkType and others. Only what the
 * service calls is declared here.
 */
export interface AttributeSchema {
  readonly '~standard': {
    readonly version: 1;
    /** Returns the value to store, or what is wrong with it. A schema that answers with a promise is a `TypeError`. */
    readonly validate: (value: unknown) => SchemaAnswer | Promise<SchemaAnswer>;
  };
}

/** What a Standard Schema answers. */
export type SchemaAnswer =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/** One attribute. */
export interface AttributeDefinition<Permission extends string = string> {
  /** What a value must be. What it returns is stored; it must be JSON other than `null`. */
  readonly schema: AttributeSchema;
  /**
   * `members`: in the views of everyone who sees the workspace or the member. `operators`: only operators see and set it.
   * @default 'members'
   */
  readonly visibleTo?: AttributeAudience;
  /**
   * What a user needs to set it, in a workspace that is not suspended. Operators need no permission.
   * @default `workspace:rename` for a workspace, `member:change-role` for a member
   */
  readonly permission?: Permission;
}

/** The attributes of workspaces and of members, by key: letters, digits, `_` and `-`, from a letter, at most 64 characters. */
export interface AttributeOptions<Permission extends string = string> {
  /** At most 64. */
  readonly workspace?: Readonly<Record<string, AttributeDefinition<Permission>>>;
  /** At most 64. */
  readonly member?: Readonly<Record<string, AttributeDefinition<Permission>>>;
}

const DEFAULT_PERMISSIONS = { workspace: 'workspace:rename', member: 'member:change-role' } as const;

/** What is wrong with the option, as the end of a sentence that begins with its name; `null` if nothing is. */
export function attributesProblem(options: unknown, matrix: PermissionMatrix): string | null {
  if (!isObject(options)) return 'attributes must be { workspace, member }';
  for (const [subject, definitions] of Object.entries(options)) {
    if (!Object.hasOwn(DEFAULT_PERMISSIONS, subject) || !isObject(definitions))
      return `attributes.${subject} must be the attributes of workspace or member`;
    const declared = Object.entries(definitions);
    if (declared.length > MAX_ATTRIBUTES)
      return `attributes.${subject} must have at most ${MAX_ATTRIBUTES} attributes`;
    for (const [key, definition] of declared) {
      const problem = definitionProblem(key, definition, matrix);
      if (problem !== null) return `attributes.${subject}.${key} ${problem}`;
    }
  }
  return null;
}

function definitionProblem(key: string, definition: unknown, matrix: PermissionMatrix): string | null {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(key)) return 'must have a key of letters, digits, _ and -';
  if (!isObject(definition)) return 'must be { schema, visibleTo, permission }';
  const { schema, visibleTo = 'members', permission, ...rest } = definition;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return `has an unknown field '${unknown}'`;
  const isSchema = isObject(schema) || typeof schema === 'function';
  const standard: unknown = isSchema ? Reflect.get(schema, '~standard') : null;
  if (!isObject(standard) || typeof standard['validate'] !== 'function')
    return 'must have a schema that implements Standard Schema';
  if (visibleTo !== 'members' && visibleTo !== 'operators')
    return "must be visibleTo 'members' or 'operators'";
  if (permission === undefined || matrix.permissions.some((name) => name === permission)) return null;
  return 'must have a permission of the matrix';
}

export async function updateAttributes(
  context: ServiceContext,
  actor: unknown,
  input: unknown,
): Promise<UpdatedAttributes> {
  const { caller, parsed } = parseCall(commands.updateAttributes, actor, input);
  const command = sorted(context.attributes, caller, parsed);
  await runHooks(context, 'updateAttributes', caller, parsed);
  const { workspace, members } = await enqueue(context, commands.updateAttributes, caller, command);
  const { userId } = command;
  const { attributes } = required(userId === undefined ? workspace : members.get(userId));
  return Object.freeze({
    attributes: attributesFor(attributes, 'members'),
    operatorAttributes: operatorAttributesFor(caller, attributes),
  });
}

/**
 * @throws WorkspaceError `INVALID_INPUT` with the path of each attribute that is not declared, or has a wrong value
 * @throws TypeError if a schema is async
 */
function sorted(
  options: AttributeOptions,
  caller: Actor,
  { workspaceId, userId, attributes }: z.output<typeof commands.updateAttributes.input>,
): SortedAttributes {
  const subject = userId === undefined ? 'workspace' : 'member';
  const definitions = new Map(Object.entries(options[subject] ?? {}));
  const changes: Record<AttributeAudience, Record<string, JsonValue>> = { members: {}, operators: {} };
  const permissions = new Set<string>();
  const issues: InputIssue[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    const path = `input.attributes.${key}`;
    const definition = definitions.get(key);
    const visibleTo = definition?.visibleTo ?? 'members';
    // To users, an attribute of operators does not exist.
    if (definition === undefined || (visibleTo === 'operators' && !isOperator(caller))) {
      issues.push({ path, message: 'is unknown' });
      continue;
    }
    permissions.add(definition.permission ?? DEFAULT_PERMISSIONS[subject]);
    const checked = value === null ? { value } : checkedValue(definition.schema, path, value);
    if ('issues' in checked) issues.push(...checked.issues);
    else changes[visibleTo][key] = checked.value;
  }
  if (issues.length > 0) throw invalid(issues.slice(0, MAX_ISSUES));
  return { workspaceId, userId, changes, permissions: [...permissions] };
}

function checkedValue(
  schema: AttributeSchema,
  path: string,
  value: JsonValue,
): { readonly value: JsonValue } | { readonly issues: readonly InputIssue[] } {
  const answer = answerOf(schema, path, value);
  if (answer.issues !== undefined) {
    return {
      issues: answer.issues.map(({ message, path: inner = [] }) => {
        const keys = inner.map((key) => (typeof key === 'object' ? key.key : key));
        return { path: [path, ...keys.map(shownKey)].join('.'), message };
      }),
    };
  }
  const json = jsonOf(answer.value);
  return json == null ? { issues: [{ path, message: 'must be JSON, and not null' }] } : { value: json };
}

function answerOf({ '~standard': standard }: AttributeSchema, path: string, value: JsonValue): SchemaAnswer {
  let answer: SchemaAnswer | Promise<SchemaAnswer>;
  try {
    answer = standard.validate(value);
  } catch (cause) {
    throw new WorkspaceError(
      'INVALID_INPUT',
      { issues: [{ path, message: 'could not be checked' }] },
      { cause },
    );
  }
  if (answer instanceof Promise) {
    // Its result is of no use, and must not be an unhandled rejection.
    answer.catch(() => undefined);
    throw new TypeError(`WorkspaceService: the schema of ${path} is async; attributes need one that is not`);
  }
  return answer;
}

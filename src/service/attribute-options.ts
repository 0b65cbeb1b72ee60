// The option `attributes`: what an app declares, and its check.
import { MAX_ATTRIBUTES } from '../commands/workspaces/update-attributes.js';
import type { AttributeAudience } from '../core/attributes.js';
import type { PermissionMatrix } from '../core/permissions.js';
import { isObject } from '../core/values.js';

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

/** What users need where a definition names no permission. */
export const DEFAULT_PERMISSIONS = { workspace: 'workspace:rename', member: 'member:change-role' } as const;

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

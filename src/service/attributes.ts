// Attributes: the check of values by the app's schemas, before the command is decided.
import type * as z from 'zod/mini';
import { commands } from '../commands/index.js';
import type { SortedAttributes } from '../commands/workspaces/update-attributes.js';
import { isOperator, type Actor } from '../core/actor.js';
import { attributesFor, type AttributeAudience } from '../core/attributes.js';
import { jsonOf, type JsonValue } from '../core/json.js';
import { required } from '../core/values.js';
import { WorkspaceError, type InputIssue } from '../errors.js';
import {
  DEFAULT_PERMISSIONS,
  type AttributeOptions,
  type AttributeSchema,
  type SchemaAnswer,
} from './attribute-options.js';
import type { ServiceContext } from './context.js';
import { enqueue, parseCall, runHooks } from './execute.js';
import { invalid, MAX_ISSUES, shownKey } from './parse.js';
import { operatorAttributesFor, type UpdatedAttributes } from './views.js';

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

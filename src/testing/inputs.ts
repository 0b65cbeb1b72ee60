// Inputs of methods, put together from their schemas: a table of values by field serves every method that has the field.
import * as z from 'zod/mini';
import type { CallerKind } from '../commands/define.js';

/** What is needed of a method to call it: its name, its caller and its schema. */
export interface CallableMethod {
  readonly caller: CallerKind;
  readonly input: z.ZodMiniType & { readonly shape: Readonly<Record<string, z.ZodMiniType>> };
}

/** The names of the fields, in the order of the schema. */
export function fieldsOf({ input }: Pick<CallableMethod, 'input'>): readonly string[] {
  return Object.keys(input.shape);
}

export function isRequired({ input }: Pick<CallableMethod, 'input'>, field: string): boolean {
  const schema = input.shape[field];
  return schema !== undefined && !z.safeParse(schema, undefined).success;
}

/**
 * The examples of a required field whose schema has some, as `z.meta({ examples: ['#1e90ff'] })`.
 *
 * @throws Error if it has none.
 */
export function examplesOf({ input }: Pick<CallableMethod, 'input'>, field: string): readonly unknown[] {
  const schema = input.shape[field];
  const examples = schema && z.globalRegistry.get(schema)?.['examples'];
  if (Array.isArray(examples) && examples.length > 0) return examples;
  throw new Error(`the field '${field}' has no example: add z.meta({ examples: [...] }) to its schema`);
}

/** The values of the fields that a method has. A required field without a value has the first example of its schema. */
export function inputOf(
  method: Pick<CallableMethod, 'input'>,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fieldsOf(method).flatMap((field) => {
      if (Object.hasOwn(values, field)) return [[field, values[field]] as const];
      return isRequired(method, field) ? [[field, examplesOf(method, field)[0]] as const] : [];
    }),
  );
}

/** Calls a method of a service by its name. A method without an actor ignores it. */
export async function callMethod(
  workspaces: object,
  name: string,
  { caller, actor, input }: { readonly caller: CallerKind; readonly actor: unknown; readonly input: unknown },
): Promise<unknown> {
  const method: unknown = Reflect.get(workspaces, name);
  if (typeof method !== 'function') throw new Error(`${name} is not a method`);
  const withActor = caller !== 'subject' && caller !== 'anyone';
  const answer: unknown = Reflect.apply(method, workspaces, withActor ? [actor, input] : [input]);
  return answer;
}

// Checks of plain input without a schema, for the paths that every request takes. A schema costs more than the answer.
import type { Actor } from '../core/actor.js';
import type { WorkspaceId } from '../core/ids.js';
import { isObject } from '../core/values.js';

/** The input of `can`, `authorize` and `explain`. */
export interface Question {
  readonly actor: Actor;
  readonly workspaceId: WorkspaceId;
  readonly permission: string;
}

/** Printable ASCII, as most ids are. */
const PLAIN = /^[!-~]{1,64}$/;
const PLAIN_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** A valid question of a user. `null` if it has to be parsed: then the schema gives the reason of an error. */
export function plainQuestion(actor: unknown, input: unknown): Question | null {
  const userId = plainUserId(actor);
  if (userId === null) return null;
  try {
    if (!isObject(input) || Object.keys(input).length !== 2) return null;
    // Own properties only: with two keys, neither may be inherited.
    if (!Object.hasOwn(input, 'workspaceId') || !Object.hasOwn(input, 'permission')) return null;
    const { workspaceId, permission } = input;
    return matches(workspaceId, PLAIN_LABEL) && matches(permission, PLAIN)
      ? { actor: { userId }, workspaceId, permission }
      : null;
  } catch {
    return null;
  }
}

/** The id of an actor with no other field. `null` if it has to be parsed. */
export function plainUserId(actor: unknown): string | null {
  try {
    if (!isObject(actor) || Object.keys(actor).length !== 1) return null;
    if (!Object.hasOwn(actor, 'userId')) return null;
    const { userId } = actor;
    return matches(userId, PLAIN) ? userId : null;
  } catch {
    return null;
  }
}

function matches(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

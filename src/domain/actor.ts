// Who calls: a person whom the host has authenticated, or the host itself.
import * as z from 'zod/mini';
import { emailSchema } from './names.js';
import { opaqueIdSchema, type UserId } from './ids.js';

/**
 * A person whom the host has already authenticated.
 *
 * `email` and `emailVerified` are only looked at when an invitation is bound to an e-mail address.
 */
export interface UserActor {
  /** The host's own id of the person: an opaque string, 1 to 256 UTF-16 units, no control characters. */
  readonly userId: UserId;
  /** The person's e-mail address, if the host knows one. */
  readonly email?: string | undefined;
  /** Whether the host has proved that the address is the person's. Anything but `true` counts as no. */
  readonly emailVerified?: boolean | undefined;
}

/**
 * The host itself: a billing job, an admin tool. It passes every permission check, never an invariant,
 * and its name stands in the audit trail.
 */
export interface OperatorActor {
  /** The name that the audit trail shows, 1 to 256 UTF-16 units. */
  readonly operator: string;
}

/** Who calls a method: a person, or the host itself. */
export type Actor = UserActor | OperatorActor;

/** How an actor stands in records and events: by id or by operator name, without e-mail. */
export type ActorRef = { readonly userId: UserId } | { readonly operator: string };

export const userActorSchema = z.strictObject({
  userId: opaqueIdSchema,
  email: z.optional(emailSchema),
  emailVerified: z.optional(z.boolean()),
});

export const operatorActorSchema = z.strictObject({ operator: opaqueIdSchema });

/** By its own field: one that every object inherits, after a prototype was polluted, makes nobody an operator. */
export function isOperator(actor: Actor): actor is OperatorActor {
  return Object.hasOwn(actor, 'operator');
}

export function actorRef(actor: Actor): ActorRef {
  return isOperator(actor) ? { operator: actor.operator } : { userId: actor.userId };
}

/** Whether a reference, or a recipient, is a person by id: by its own field, as above. */
export function isUser<Ref extends object>(ref: Ref): ref is Extract<Ref, { readonly userId: UserId }> {
  return Object.hasOwn(ref, 'userId');
}

/** Whether two references are to one person, or to one operator. */
export function sameActor(one: ActorRef, other: ActorRef): boolean {
  if (isUser(one)) return isUser(other) && one.userId === other.userId;
  return !isUser(other) && one.operator === other.operator;
}

// Who calls a method: a user whom the app has authenticated, or the app itself.
import * as z from 'zod/mini';
import { emailSchema } from './emails.js';
import { opaqueIdSchema, type UserId } from './ids.js';

/**
 * A user whom your app has authenticated.
 *
 * `email` and `emailVerified` are read only for invitations that are bound to an e-mail address.
 */
export interface UserActor {
  /** Your app's id of the user: an opaque string, 1 to 256 UTF-16 units, no control characters. */
  readonly userId: UserId;
  /** The user's e-mail address, if your app knows one. */
  readonly email?: string | undefined;
  /** Whether your app has verified that the address belongs to the user. Only `true` counts. */
  readonly emailVerified?: boolean | undefined;
  /**
   * When the user signed in to your app. `sessionActor` sets it from the session token. `switchWorkspace` then issues no
   * token that lasts longer than `tokens.sessionMaxAgeSeconds` from that moment.
   * @default the moment of the switch: a new sign-in
   */
  readonly signedInAt?: Date | undefined;
}

/**
 * Your app itself: a billing job, an admin tool. It passes every permission check but no invariant, and the audit log records
 * its name.
 */
export interface OperatorActor {
  /** The name in the audit log, 1 to 256 UTF-16 units. */
  readonly operator: string;
}

/** The caller of a method: a user, or your app itself. */
export type Actor = UserActor | OperatorActor;

/** An actor in records and events: the id or the operator name, without e-mail. */
export type ActorRef = { readonly userId: UserId } | { readonly operator: string };

export const userActorSchema = z.strictObject({
  userId: opaqueIdSchema,
  email: z.optional(emailSchema),
  emailVerified: z.optional(z.boolean()),
  signedInAt: z.optional(z.date()),
});

export const operatorActorSchema = z.strictObject({ operator: opaqueIdSchema });

/** Checks an own property: one inherited from a polluted prototype must not make an operator. */
export function isOperator(actor: Actor): actor is OperatorActor {
  return Object.hasOwn(actor, 'operator');
}

export function actorRef(actor: Actor): ActorRef {
  return isOperator(actor) ? { operator: actor.operator } : { userId: actor.userId };
}

/** Whether a reference or a recipient is a user. Checks an own property, as above. */
export function isUser<Ref extends object>(ref: Ref): ref is Extract<Ref, { readonly userId: UserId }> {
  return Object.hasOwn(ref, 'userId');
}

/** Whether two references name the same actor. */
export function sameActor(a: ActorRef, b: ActorRef): boolean {
  if (isUser(a)) return isUser(b) && a.userId === b.userId;
  return !isUser(b) && a.operator === b.operator;
}

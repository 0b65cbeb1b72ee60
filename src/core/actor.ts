// Who calls a method: a user whom the app has authenticated, or the app itself.
import * as z from 'zod/mini';
import { emailSchema } from './emails.js';
import { opaqueIdSchema, type UserId } from './ids.js';
import { nameSchema } from './names.js';

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
  /**
   * The operator who acts for the user, as support does, and why. The user's permissions apply, without those that the
   * matrix lists as `notOnBehalf`. Every event of the call records both.
   */
  readonly onBehalfOf?: OnBehalf | undefined;
  /** Your app's id of the request, 1 to 256 UTF-16 units. Every event of the call has it, to find the request in your logs. */
  readonly requestId?: string | undefined;
}

/** The operator who acts for a user, and why. */
export interface OnBehalf {
  /** The operator's name, 1 to 256 UTF-16 units. */
  readonly operator: string;
  /** Why, 1 to 100 characters. */
  readonly reason: string;
}

/**
 * Your app itself: a billing job, an admin tool. It passes every permission check but no invariant, and the audit log records
 * its name.
 */
export interface OperatorActor {
  /** The name in the audit log, 1 to 256 UTF-16 units. */
  readonly operator: string;
  /** As {@link UserActor.requestId}. */
  readonly requestId?: string | undefined;
}

/** The caller of a method: a user, or your app itself. */
export type Actor = UserActor | OperatorActor;

/** An actor in records and events: the id or the operator name, without e-mail. */
export type ActorRef = { readonly userId: UserId } | { readonly operator: string };

/** The actor of an event. With `onBehalfOf`, an operator acted for the user. */
export type EventActor =
  | { readonly userId: UserId; readonly onBehalfOf?: OnBehalf | undefined }
  | { readonly operator: string };

export const userActorSchema = z.strictObject({
  userId: opaqueIdSchema,
  email: z.optional(emailSchema),
  emailVerified: z.optional(z.boolean()),
  signedInAt: z.optional(z.date()),
  onBehalfOf: z.optional(z.strictObject({ operator: opaqueIdSchema, reason: nameSchema })),
  requestId: z.optional(opaqueIdSchema),
});

export const operatorActorSchema = z.strictObject({
  operator: opaqueIdSchema,
  requestId: z.optional(opaqueIdSchema),
});

/** Checks an own property: one inherited from a polluted prototype must not make an operator. */
export function isOperator(actor: Actor): actor is OperatorActor {
  return Object.hasOwn(actor, 'operator');
}

export function actorRef(actor: Actor): ActorRef {
  return isOperator(actor) ? { operator: actor.operator } : { userId: actor.userId };
}

/** Who acts, and in which request, as events record it. */
export function eventActor(actor: Actor): { readonly actor: EventActor; readonly requestId?: string } {
  const requestId = Object.hasOwn(actor, 'requestId') ? actor.requestId : undefined;
  const onBehalfOf = behalfOf(actor);
  return {
    actor: onBehalfOf === undefined ? actorRef(actor) : { ...actorRef(actor), onBehalfOf },
    ...(requestId !== undefined && { requestId }),
  };
}

/** Whether an operator acts for the user. */
export function isOnBehalf(actor: Actor): boolean {
  return behalfOf(actor) !== undefined;
}

/** An own property alone, as above. */
function behalfOf(actor: Actor): OnBehalf | undefined {
  return isOperator(actor) || !Object.hasOwn(actor, 'onBehalfOf') ? undefined : actor.onBehalfOf;
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

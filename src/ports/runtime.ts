// What the core needs of the machine: the time, and what must not be guessed. Types only.
import type { InvitationId, WorkspaceId } from '../domain/ids.js';

/** The time. Injected, so that tests never wait. */
export interface Clock {
  /** Milliseconds since the epoch, as `Date.now`. */
  now(): number;
  /** Resolves after so many milliseconds: the pause between two attempts of a command. */
  sleep(milliseconds: number): Promise<void>;
}

/** Where ids and secrets come from. */
export interface Ids {
  /** A DNS label that cannot be guessed and tells no order. */
  workspaceId(): WorkspaceId;
  /** Names an invitation; need not be secret. */
  invitationId(): InvitationId;
  /** Names an event. */
  eventId(): string;
  /** At least 128 bits from a cryptographic source, base64url. */
  secret(): string;
}

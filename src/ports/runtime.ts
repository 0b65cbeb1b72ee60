// The ports to the machine: time and randomness. Types only.
import type { InvitationId, WorkspaceId } from '../core/ids.js';

/** The time. Injected, so that tests do not wait. */
export interface Clock {
  /** Whole milliseconds since the epoch, as `Date.now`. */
  now(): number;
  /** Resolves after that many milliseconds: the pause between two attempts of a command. */
  sleep(milliseconds: number): Promise<void>;
}

/** The source of ids and secrets. A value of another form is a `TypeError`, before anything is stored. */
export interface Ids {
  /** A DNS label that cannot be guessed and reveals no order. */
  workspaceId(): WorkspaceId;
  /** The id of an invitation: 1 to 64 of A-Z, a-z, 0-9, `_` and `-`. Not secret. */
  invitationId(): InvitationId;
  /** The id of an event: 1 to 256 UTF-16 units. */
  eventId(): string;
  /** At least 128 bits from a cryptographic source, base64url: 22 characters or more. */
  secret(): string;
}

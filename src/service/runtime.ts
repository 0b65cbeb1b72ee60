// The default clock and ids. They use Web standards only, so they work on every runtime.
import { customAlphabet, nanoid } from 'nanoid';
import type { Clock, Ids } from '../ports/runtime.js';

/** 36^16 is 2^82: not guessable, and 10^9 workspaces collide with a probability of 10^-7. */
const label = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 16);

/** 22 characters of 6 bits are 132 bits, from the platform's cryptographic source. */
const SECRET_LENGTH = 22;

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

export const randomIds: Ids = {
  workspaceId: () => `ws-${label()}`,
  invitationId: () => `inv-${label()}`,
  eventId: () => nanoid(),
  secret: () => nanoid(SECRET_LENGTH),
};

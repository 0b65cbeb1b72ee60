// The names of things: opaque ids of the host, ids that the library mints, and the form each must have.
import * as z from 'zod/mini';
import { hiddenCharacter } from './names.js';

/** The host's own id of a person; opaque to the library. */
export type UserId = string;
/** A DNS label (RFC 1123, at most 63 characters); minted ones are `ws-` and 16 random characters of a-z0-9. */
export type WorkspaceId = string;
/** Names an invitation; opens nothing by itself. */
export type InvitationId = string;

/** A host's own id: 1 to 256 UTF-16 units, well-formed, without control or invisible characters; never altered. */
export const opaqueIdSchema = z.string().check(
  z.minLength(1),
  z.maxLength(256, { abort: true }),
  z.refine((id) => hiddenCharacter(id) === undefined, 'has a control, invisible or malformed character'),
);

export const workspaceIdSchema = z
  .string()
  .check(
    z.maxLength(63, { abort: true }),
    z.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be a DNS label: a-z, 0-9 and inner hyphens'),
  );

export const invitationIdSchema = z
  .string()
  .check(
    z.maxLength(64, { abort: true }),
    z.regex(/^[A-Za-z0-9_-]+$/, 'must be an invitation id: A-Z, a-z, 0-9, _ and -'),
  );

/** The name of a role or permission as a caller says it; whether the matrix knows it is decided later. */
export const cellNameSchema = z.string().check(
  z.minLength(1),
  z.maxLength(64, { abort: true }),
  z.refine((name) => hiddenCharacter(name) === undefined, 'has a control, invisible or malformed character'),
);

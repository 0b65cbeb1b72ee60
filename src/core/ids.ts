// Opaque ids of the app, ids that the library generates, and the form of each.
import * as z from 'zod/mini';
import { visible } from './names.js';

/** Your app's id of a user; opaque to the library. */
export type UserId = string;
/** A DNS label (RFC 1123, at most 63 characters). Generated ones are `ws-` and 16 random characters of a-z0-9. */
export type WorkspaceId = string;
/** The id of an invitation; it grants nothing by itself. */
export type InvitationId = string;

/** An id of the app: 1 to 256 UTF-16 units, well-formed, without control or invisible characters; stored unchanged. */
export const opaqueIdSchema = z.string().check(z.minLength(1), z.maxLength(256, { abort: true }), visible);

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

/** The name of a role, permission or directory in an input. Whether the matrix defines it is decided later. */
export const identifierSchema = z.string().check(z.minLength(1), z.maxLength(64, { abort: true }), visible);

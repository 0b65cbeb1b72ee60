// The input schemas of the methods that only read.
import * as z from 'zod/mini';
import { cellNameSchema, opaqueIdSchema, workspaceIdSchema } from '../ids.js';

/** Tokens of ours have about 400 characters; longer strings are refused unread. */
const tokenSchema = z.string().check(z.maxLength(4096));

export const tokenInput = z.strictObject({ token: tokenSchema });

export const verifySessionInput = z.strictObject({ token: tokenSchema, fresh: z.optional(z.boolean()) });

export const workspaceInput = z.strictObject({ workspaceId: workspaceIdSchema });

/** With the permissions that the schema of a permission takes. */
export function permissionInputOf<Permission extends string>(
  permission: z.ZodMiniType<Permission, Permission>,
) {
  return z.strictObject({ workspaceId: workspaceIdSchema, permission });
}

export const permissionInput = permissionInputOf(cellNameSchema);

const page = {
  limit: z._default(z.int().check(z.gte(1), z.lte(200)), 50),
  cursor: z.optional(z.nullable(z.string().check(z.maxLength(600)))),
};

export const pageInput = z.strictObject(page);

export const workspacePageInput = z.strictObject({ workspaceId: workspaceIdSchema, ...page });

export const listInvitationsInput = z.strictObject({
  workspaceId: workspaceIdSchema,
  status: z._default(z.enum(['open', 'all']), 'all'),
  ...page,
});

const eventPage = { order: z._default(z.enum(['oldest', 'newest']), 'oldest'), ...page };

export const listEventsInput = z.strictObject({ workspaceId: workspaceIdSchema, ...eventPage });

export const listAccountEventsInput = z.strictObject({ userId: opaqueIdSchema, ...eventPage });

// The methods that only read: input, caller and error codes of each.
import * as z from 'zod/mini';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema } from '../core/ids.js';
import { nameKey } from '../core/names.js';
import { workspaceStatuses } from '../core/workspace.js';
import { defineQuery } from './define.js';
import { workspaceErrors } from './error-codes.js';
import { directorySchema } from './members/managed.js';
import { tokenInput, tokenSchema } from './invitations/proof.js';

const workspaceInput = z.strictObject({ workspaceId: workspaceIdSchema });

const page = {
  limit: z._default(z.int().check(z.gte(1), z.lte(200)), 50),
  cursor: z.optional(z.nullable(z.string().check(z.maxLength(800)))),
};
const eventPage = { order: z._default(z.enum(['oldest', 'newest']), 'oldest'), ...page };

/** Compared as usernames are, so it must have something that is compared. */
const usernamePrefixSchema = z.string().check(
  z.maxLength(100, { abort: true }),
  z.refine((prefix) => nameKey(prefix) !== '', 'must have a visible character'),
);

/** The input for the permissions that `permission` accepts. */
export function permissionInput<Permission extends string>(
  permission: z.ZodMiniType<Permission, Permission>,
) {
  return z.strictObject({ workspaceId: workspaceIdSchema, permission });
}

/** The input for the roles that `role` accepts. */
export function listMembersInput<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z
    .strictObject({
      workspaceId: workspaceIdSchema,
      role: z.optional(role),
      managedBy: z.optional(directorySchema),
      ...page,
    })
    .check(
      z.refine((input) => input.role === undefined || input.managedBy === undefined, {
        path: ['managedBy'],
        message: 'must not be combined with a role',
      }),
    );
}

const anyPermissionInput = permissionInput(identifierSchema);

export const queries = {
  activeWorkspace: defineQuery({
    input: z.strictObject({}),
    caller: 'user',
    errors: ['ACCOUNT_NOT_FOUND'],
  }),
  getWorkspace: defineQuery({
    input: workspaceInput,
    caller: 'actor',
    errors: workspaceErrors,
  }),
  getMembership: defineQuery({
    input: workspaceInput,
    caller: 'user',
    errors: workspaceErrors,
  }),
  listWorkspaces: defineQuery({
    input: z.strictObject(page),
    caller: 'user',
    errors: ['ACCOUNT_NOT_FOUND'],
  }),
  listDeletedWorkspaces: defineQuery({
    input: z.strictObject(page),
    caller: 'user',
    errors: ['ACCOUNT_NOT_FOUND'],
  }),
  listMembers: defineQuery({
    input: listMembersInput(identifierSchema),
    caller: 'actor',
    errors: workspaceErrors,
  }),
  listInvitations: defineQuery({
    input: z.strictObject({
      workspaceId: workspaceIdSchema,
      status: z._default(z.enum(['open', 'all']), 'all'),
      ...page,
    }),
    caller: 'actor',
    errors: workspaceErrors,
  }),
  listMyInvitations: defineQuery({
    input: z.strictObject(page),
    caller: 'user',
    errors: ['ACCOUNT_NOT_FOUND'],
  }),
  findAccounts: defineQuery({
    input: z.strictObject({
      userId: z.optional(opaqueIdSchema),
      usernamePrefix: z.optional(usernamePrefixSchema),
      status: z.optional(z.enum(['open', 'closing', 'closed'])),
      ...page,
    }),
    caller: 'operator',
    errors: [],
  }),
  findWorkspaces: defineQuery({
    input: z.strictObject({
      workspaceId: z.optional(workspaceIdSchema),
      ownerId: z.optional(opaqueIdSchema),
      kind: z.optional(z.enum(['personal', 'team'])),
      status: z.optional(z.enum(workspaceStatuses)),
      ...page,
    }),
    caller: 'operator',
    errors: [],
  }),
  listEvents: defineQuery({
    input: z.strictObject({ workspaceId: workspaceIdSchema, ...eventPage }),
    caller: 'actor',
    errors: workspaceErrors,
  }),
  listAccountEvents: defineQuery({
    input: z.strictObject({ userId: opaqueIdSchema, ...eventPage }),
    caller: 'actor',
    errors: ['ACCOUNT_NOT_FOUND'],
  }),
  previewInvitation: defineQuery({
    input: tokenInput,
    caller: 'anyone',
    errors: ['INVITATION_INVALID'],
  }),
  verifySession: defineQuery({
    input: z.strictObject({ token: tokenSchema, fresh: z.optional(z.boolean()) }),
    caller: 'anyone',
    errors: ['SESSION_INVALID', 'SESSION_EXPIRED', 'SESSION_STALE'],
  }),
  can: defineQuery({ input: anyPermissionInput, caller: 'actor', errors: [] }),
  authorize: defineQuery({
    input: anyPermissionInput,
    caller: 'actor',
    errors: [...workspaceErrors, 'WORKSPACE_SUSPENDED'],
  }),
  explain: defineQuery({ input: anyPermissionInput, caller: 'actor', errors: [] }),
  getQuota: defineQuery({
    input: workspaceInput,
    caller: 'actor',
    errors: workspaceErrors,
  }),
} as const;

// Commits or releases a reservation.
import * as z from 'zod/mini';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema } from '../../core/ids.js';
import { defineQuotaCommand } from '../define.js';
import { workspaceErrors } from '../error-codes.js';
import { takenSchema } from './amounts.js';

/** The input for the permissions that `permission` accepts. */
export function reservationInput<Permission extends string>(
  permission: z.ZodMiniType<Permission, Permission>,
) {
  return z.strictObject({
    workspaceId: workspaceIdSchema,
    reservationId: opaqueIdSchema,
    permission: z.optional(permission),
  });
}

/** The same with the amounts that were really taken. */
export function commitQuotaInput<Permission extends string>(
  permission: z.ZodMiniType<Permission, Permission>,
) {
  return z.extend(reservationInput(permission), { amounts: z.optional(takenSchema) });
}

export const commitQuota = defineQuotaCommand({
  name: 'commitQuota',
  input: commitQuotaInput(identifierSchema),
  caller: 'actor',
  errors: [
    ...workspaceErrors,
    'WORKSPACE_SUSPENDED',
    'RESERVATION_NOT_FOUND',
    'RESERVATION_EXPIRED',
    'RESERVATION_MISMATCH',
    'QUOTA_EXCEEDED',
  ],
});

export const releaseQuota = defineQuotaCommand({
  name: 'releaseQuota',
  input: reservationInput(identifierSchema),
  caller: 'actor',
  errors: workspaceErrors,
});

// Commits or releases a reservation.
import * as z from 'zod/mini';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema } from '../../core/ids.js';
import { defineQuotaCommand } from '../define.js';
import { workspaceErrors } from '../error-codes.js';

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

const input = reservationInput(identifierSchema);

export const commitQuota = defineQuotaCommand({
  name: 'commitQuota',
  input,
  caller: 'actor',
  errors: [...workspaceErrors, 'RESERVATION_NOT_FOUND', 'RESERVATION_EXPIRED'],
});

export const releaseQuota = defineQuotaCommand({
  name: 'releaseQuota',
  input,
  caller: 'actor',
  errors: workspaceErrors,
});

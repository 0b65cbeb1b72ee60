// Changes the amounts of a committed charge.
import * as z from 'zod/mini';
import { identifierSchema } from '../../core/ids.js';
import { defineQuotaCommand } from '../define.js';
import { workspaceErrors } from '../error-codes.js';
import { takenSchema } from './amounts.js';
import { reservationInput } from './settle-reservation.js';

/** The input for the permissions that `permission` accepts. */
export function resizeQuotaInput<Permission extends string>(
  permission: z.ZodMiniType<Permission, Permission>,
) {
  return z.extend(reservationInput(permission), { amounts: takenSchema });
}

export const resizeQuota = defineQuotaCommand({
  name: 'resizeQuota',
  input: resizeQuotaInput(identifierSchema),
  caller: 'actor',
  errors: [...workspaceErrors, 'WORKSPACE_SUSPENDED', 'RESERVATION_NOT_FOUND', 'QUOTA_EXCEEDED'],
});

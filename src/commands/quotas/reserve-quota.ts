// Reserves amounts until they are committed, released or expire.
import * as z from 'zod/mini';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema } from '../../core/ids.js';
import { defineComposite, defineQuotaCommand } from '../define.js';
import { workspaceErrors } from '../error-codes.js';
import { amountsSchema } from './amounts.js';

const MAX_TTL_SECONDS = 24 * 60 * 60;
const DEFAULT_TTL_SECONDS = 300;

/** The input for the permissions that `permission` accepts. */
export function reserveQuotaInput<Permission extends string>(
  permission: z.ZodMiniType<Permission, Permission>,
) {
  return z.strictObject({
    workspaceId: workspaceIdSchema,
    reservationId: opaqueIdSchema,
    amounts: amountsSchema,
    ttlSeconds: z._default(z.int().check(z.gte(1), z.lte(MAX_TTL_SECONDS)), DEFAULT_TTL_SECONDS),
    permission: z.optional(permission),
  });
}

const input = reserveQuotaInput(identifierSchema);

export const reserveQuota = defineQuotaCommand({
  name: 'reserveQuota',
  input,
  caller: 'actor',
  errors: [...workspaceErrors, 'WORKSPACE_SUSPENDED', 'QUOTA_EXCEEDED', 'RESERVATION_MISMATCH'],
});

/** Reserves, runs a function of the app, and commits. */
export const withQuota = defineComposite({
  input,
  caller: 'actor',
  errors: [...reserveQuota.errors, 'RESERVATION_NOT_FOUND', 'RESERVATION_EXPIRED'],
});

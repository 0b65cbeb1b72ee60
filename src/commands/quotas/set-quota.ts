// Sets the limits of a workspace's resources.
import * as z from 'zod/mini';
import { workspaceIdSchema } from '../../core/ids.js';
import { defineQuotaCommand } from '../define.js';
import { limitsSchema } from './amounts.js';

export const setQuota = defineQuotaCommand({
  name: 'setQuota',
  input: z.strictObject({ workspaceId: workspaceIdSchema, limits: limitsSchema }),
  caller: 'operator',
  errors: ['WORKSPACE_NOT_FOUND'],
});

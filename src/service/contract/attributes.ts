// The documented method about attributes, and its input.
import type { Actor } from '../../core/actor.js';
import type { UserId } from '../../core/ids.js';
import type { UpdatedAttributes } from '../views.js';
import type { WorkspaceInput } from './workspaces.js';

/** Input of `updateAttributes`. */
export interface UpdateAttributesInput extends WorkspaceInput {
  /** The member whose attributes change. Without it, those of the workspace change. */
  readonly userId?: UserId | undefined;
  /** New values by key, as JSON; `null` removes one. Keys that are not named stay as they are. From 1 to 64. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Methods about what the app keeps with workspaces and members. */
export interface AttributeMethods {
  /**
   * Sets and removes attributes of a workspace or a member, as the option `attributes` declares them. Two calls that name
   * different keys both take effect. A user needs the permission of every attribute that the call names, in any workspace,
   * also a personal one; operators need none, and only they set and see attributes for operators. The audit log names the
   * keys that changed, not their values. The attributes of a member end with the membership.
   *
   * @throws WorkspaceError `INVALID_INPUT` (an attribute that is not declared, or a value that its schema rejects, with its
   * path), `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `MEMBER_NOT_FOUND`, `LIMIT_EXCEEDED` (`attributeBytes`: more than 4096
   * bytes as JSON for one audience), `WORKSPACE_SUSPENDED` (an attribute that members see)
   * @throws TypeError if a schema is async
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   * import * as z from 'zod';
   *
   * const alias = { schema: z.string().max(128), permission: 'member:remove' } as const;
   * const { workspaces } = createTestWorkspaces({ attributes: { member: { alias } } });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const { attributes } = await workspaces.updateAttributes(ada, {
   *   workspaceId,
   *   userId: 'u1',
   *   attributes: { alias: 'Countess' },
   * });
   * attributes['alias']; // 'Countess'
   * ```
   */
  updateAttributes(actor: Actor, input: UpdateAttributesInput): Promise<UpdatedAttributes>;
}

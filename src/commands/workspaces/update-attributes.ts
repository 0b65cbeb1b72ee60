// Sets and removes attributes of a workspace or of a member.
import * as z from 'zod/mini';
import { isOperator } from '../../core/actor.js';
import {
  attributesFor,
  attributesOf,
  MAX_ATTRIBUTE_BYTES,
  patched,
  type AttributeAudience,
  type AttributePatch,
} from '../../core/attributes.js';
import { authorizeMember, mayUse, refusedSuspended, selfOf } from '../../core/authorization.js';
import { exceedsLimit, nothingToDo, type DecisionContext } from '../../core/decision.js';
import type { NewEvent } from '../../core/events.js';
import { jsonOf, type JsonValue } from '../../core/json.js';
import {
  identifierSchema,
  opaqueIdSchema,
  workspaceIdSchema,
  type UserId,
  type WorkspaceId,
} from '../../core/ids.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse, type Refused } from '../../core/refusals.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { workspaceErrors } from '../error-codes.js';

/** As many as the app may declare for a workspace or a member. */
export const MAX_ATTRIBUTES = 64;

// Copied: hooks freeze what they receive, and the caller's objects must stay as they are.
const jsonSchema = z.pipe(
  z.unknown(),
  z.transform((value, payload): JsonValue => {
    const json = jsonOf(value);
    if (json === undefined) payload.issues.push({ code: 'custom', input: value, message: 'must be JSON' });
    return json ?? null;
  }),
);

/** The input as the attributes that the app declares sort it: by audience, with the permissions that users need. */
export interface SortedAttributes {
  readonly workspaceId: WorkspaceId;
  /** The member; `undefined` for the workspace itself. */
  readonly userId?: UserId | undefined;
  readonly changes: Readonly<Record<AttributeAudience, AttributePatch>>;
  readonly permissions: readonly string[];
}

export const updateAttributes = defineCommand({
  name: 'updateAttributes',
  input: z.strictObject({
    workspaceId: workspaceIdSchema,
    userId: z.optional(opaqueIdSchema),
    attributes: z.record(identifierSchema, jsonSchema).check(
      z.refine((attributes) => Object.keys(attributes).length > 0, 'must name at least one attribute'),
      z.refine(
        (attributes) => Object.keys(attributes).length <= MAX_ATTRIBUTES,
        `must name at most ${MAX_ATTRIBUTES} attributes`,
      ),
      z.meta({ description: 'By key; null removes one', examples: [{ alias: 'Countess' }] }),
    ),
  }),
  caller: 'actor',
  errors: [...workspaceErrors, 'WORKSPACE_SUSPENDED', 'MEMBER_NOT_FOUND', 'LIMIT_EXCEEDED'],
  read: ({ workspaceId, userId }: SortedAttributes, { actor }) => ({
    workspaceId,
    members: userId === undefined ? selfOf(actor) : [...selfOf(actor), userId],
  }),
  queueKey: workspaceQueue,
  decide(snapshot, command, context) {
    const { workspaceId, userId, changes } = command;
    const authorized = authorizeUpdate(snapshot, command, context);
    if (!authorized.ok) return authorized;
    const member = userId === undefined ? undefined : snapshot.members.get(userId);
    if (userId !== undefined && member === undefined)
      return refuse('MEMBER_NOT_FOUND', { workspaceId, userId });
    const { attributes } = member ?? authorized.workspace;
    const events: NewEvent[] = [];
    const change = (audience: AttributeAudience) => {
      const { value, changedKeys, bytesBefore, bytesAfter } = patched(
        attributesFor(attributes, audience),
        changes[audience],
      );
      if (changedKeys.length > 0) events.push(changed(command, changedKeys, audience));
      const size = { current: bytesBefore, requested: bytesAfter - bytesBefore };
      return { value, refused: exceedsLimit('attributeBytes', MAX_ATTRIBUTE_BYTES, size) };
    };
    const [members, operators] = [change('members'), change('operators')];
    const refused = members.refused ?? operators.refused;
    if (refused !== null) return refused;
    if (events.length === 0) return nothingToDo;
    return { ok: true, events, attributes: attributesOf(members.value, operators.value) };
  },
});

/** An operator needs no permission. Attributes for operators alone can also be set while the workspace is suspended. */
function authorizeUpdate(
  snapshot: Snapshot,
  { workspaceId, changes, permissions }: SortedAttributes,
  { actor, matrix }: DecisionContext,
): { readonly ok: true; readonly workspace: WorkspaceRecord } | Refused {
  const { workspace } = snapshot;
  if (workspace === null) return refuse('WORKSPACE_NOT_FOUND', { workspaceId });
  if (!isOperator(actor)) {
    const caller = authorizeMember(snapshot, workspaceId, actor);
    if (!caller.ok) return caller;
    const { role } = caller;
    const missing = permissions.find((permission) => !mayUse(matrix, actor, role, permission));
    if (missing !== undefined) return refuse('PERMISSION_DENIED', { permission: missing, role });
  }
  // Not by the permission of the attribute, which may be good in a suspended workspace, as `member:remove` is: this adds.
  const adds = Object.keys(changes.members).length > 0;
  const suspended = adds ? refusedSuspended(workspace, matrix, 'workspace:rename') : null;
  return suspended ?? { ok: true, workspace };
}

function changed(
  { workspaceId, userId }: SortedAttributes,
  keys: readonly string[],
  visibleTo: AttributeAudience,
): NewEvent {
  return userId === undefined
    ? { type: 'workspace.attributes-changed', workspaceId, data: { keys, visibleTo } }
    : { type: 'member.attributes-changed', workspaceId, data: { userId, keys, visibleTo } };
}

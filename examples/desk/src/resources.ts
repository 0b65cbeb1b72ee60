// The resources of a workspace. Each change updates quota and the desk's own row in one transaction. The rows of a deleted
// workspace stay until it is purged, see `purge.ts`.
import { randomBytes } from 'node:crypto';
import { HTTPException } from 'hono/http-exception';
import { WorkspaceError, type UserActor } from 'tenantry';
import type { Core } from './desk.js';
import { stored } from './stored.js';
import type { ResourceRow } from './tables.js';

export const kinds = {
  database: { title: 'Database', amounts: { 'limits.cpu': '1', 'limits.memory': '2Gi', pods: '1' } },
  worker: { title: 'Worker', amounts: { 'limits.cpu': '500m', 'limits.memory': '512Mi', pods: '2' } },
  cache: { title: 'Cache', amounts: { 'limits.cpu': '250m', 'limits.memory': '1Gi', pods: '1' } },
} as const;

export type Kind = keyof typeof kinds;

export function isKind(text: string): text is Kind {
  return Object.hasOwn(kinds, text);
}

/** 1 to 40 letters, digits, spaces, dots, dashes and underscores, the first a letter or a digit. */
export function isResourceName(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{0,39}$/u.test(text);
}

/** Accepts only ids that the desk generates: some databases fail to compare other strings. */
function isResourceId(text: string): boolean {
  return /^r-[a-z0-9]{9}-[a-f0-9]{16}$/.test(text);
}

export interface Resource {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly createdAt: Date;
  /** When its quota reservation expires, or `null` if the resource is ready. */
  readonly heldUntil: Date | null;
}

export interface NewResource {
  readonly workspaceId: string;
  readonly name: string;
  readonly kind: Kind;
}

export interface ResourceRef {
  readonly workspaceId: string;
  readonly id: string;
}

export interface ResourcePage {
  readonly items: readonly Resource[];
  /** The id after which the next page starts. */
  readonly next: string | null;
}

export interface Resources {
  /**
   * Lists resources in order of creation. The caller must check `resource:view` first.
   *
   * @throws WorkspaceError `INVALID_INPUT`
   */
  list(
    workspaceId: string,
    page: { readonly limit: number; readonly after: string | undefined },
  ): Promise<ResourcePage>;
  /** @throws WorkspaceError `QUOTA_EXCEEDED`, `PERMISSION_DENIED`, `WORKSPACE_NOT_FOUND` */
  create(actor: UserActor, resource: NewResource): Promise<Resource>;
  /** As `create`, but reserves the quota for a limited time, until `finish` or `cancel`. */
  start(actor: UserActor, resource: NewResource, minutes: number): Promise<Resource>;
  finish(actor: UserActor, resource: ResourceRef): Promise<void>;
  cancel(actor: UserActor, resource: ResourceRef): Promise<void>;
  remove(actor: UserActor, resource: ResourceRef): Promise<void>;
}

export function createResources({ db, clock, transaction }: Core): Resources {
  // Each method calls the library first and writes the desk's row second, so that two of them never lock in opposite
  // orders.
  return {
    async list(workspaceId, { limit, after = '' }) {
      if (after !== '' && !isResourceId(after)) {
        throw new WorkspaceError('INVALID_INPUT', {
          issues: [{ path: 'after', message: 'is not a resource id' }],
        });
      }
      const query = db.selectFrom('desk_resource').selectAll().where('workspace_id', '=', workspaceId);
      const rows = await stored(
        query
          .where('id', '>', after)
          .orderBy('id')
          .limit(limit + 1)
          .execute(),
      );
      const items = rows.slice(0, limit).map(resourceOf);
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    },

    create: (actor, resource) =>
      transaction(async (inside) => {
        const { workspaceId, kind } = resource;
        const row = rowOf(resource, { state: 'ready', held_until: null });
        const named = { workspaceId, reservationId: row.id };
        await inside.workspaces.reserveQuota(actor, { ...named, amounts: kinds[kind].amounts });
        await inside.workspaces.commitQuota(actor, named);
        await inside.db.insertInto('desk_resource').values(row).execute();
        return resourceOf(row);
      }),

    start: (actor, resource, minutes) =>
      transaction(async (inside) => {
        const { workspaceId, kind } = resource;
        const ttlSeconds = minutes * 60;
        const row = rowOf(resource, { state: 'building', held_until: clock.now() + ttlSeconds * 1000 });
        const { amounts } = kinds[kind];
        await inside.workspaces.reserveQuota(actor, {
          workspaceId,
          reservationId: row.id,
          amounts,
          ttlSeconds,
        });
        await inside.db.insertInto('desk_resource').values(row).execute();
        return resourceOf(row);
      }),

    finish: (actor, { workspaceId, id }) =>
      transaction(async (inside) => {
        if (!isResourceId(id)) throw gone();
        await inside.workspaces.commitQuota(actor, { workspaceId, reservationId: id });
        const { numUpdatedRows } = await inside.db
          .updateTable('desk_resource')
          .set({ state: 'ready', held_until: null })
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', id)
          .where('state', '=', 'building')
          .executeTakeFirst();
        if (numUpdatedRows !== 1n) throw gone();
      }),

    cancel: (actor, resource) => takeDown(actor, resource, ['building']),
    remove: (actor, resource) => takeDown(actor, resource, ['building', 'ready']),
  };

  function takeDown(
    actor: UserActor,
    { workspaceId, id }: ResourceRef,
    states: readonly string[],
  ): Promise<void> {
    return transaction(async (inside) => {
      if (!isResourceId(id)) throw gone();
      // Checked here, because `releaseQuota` is a no-op for an expired reservation and then checks no permission.
      await inside.workspaces.authorize(actor, { workspaceId, permission: 'resource:delete' });
      await inside.workspaces.releaseQuota(actor, { workspaceId, reservationId: id });
      const { numDeletedRows } = await inside.db
        .deleteFrom('desk_resource')
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('state', 'in', states)
        .executeTakeFirst();
      if (numDeletedRows !== 1n) throw gone();
    });
  }

  function rowOf(
    { workspaceId, name, kind }: NewResource,
    rest: Pick<ResourceRow, 'state' | 'held_until'>,
  ): ResourceRow {
    const now = clock.now();
    // The time comes first, so that ids sort by creation. The random part cannot be guessed.
    const id = `r-${now.toString(36).padStart(9, '0')}-${randomBytes(8).toString('hex')}`;
    return { workspace_id: workspaceId, id, name, kind, created_at: now, ...rest };
  }
}

function resourceOf({ id, name, kind, created_at, held_until }: ResourceRow): Resource {
  if (!isKind(kind)) throw new Error('desk_resource has a kind that there is not');
  return {
    id,
    name,
    kind,
    createdAt: new Date(Number(created_at)),
    heldUntil: held_until === null ? null : new Date(Number(held_until)),
  };
}

/** Already deleted, or in another workspace: both get the same answer. */
function gone(): HTTPException {
  return new HTTPException(404, { message: 'gone' });
}

// The documented methods about quotas, and their inputs.
import type { Actor, OperatorActor } from '../../core/actor.js';
import type { CorePermission } from '../../core/permissions.js';
import type { QuotaReport, Reservation } from '../quota-views.js';
import type { WorkspaceInput } from './workspaces.js';

/** Input of `setQuota`. */
export interface SetQuotaInput extends WorkspaceInput {
  /** By resource: a Kubernetes quantity from 0, where 0 means none, or `'unlimited'`. Other resources keep their limits. */
  readonly limits: Readonly<Record<string, string>>;
}

/** Input of `releaseQuota`. */
export interface ReservationInput<Permission extends string = CorePermission> extends WorkspaceInput {
  /** The reservation, by your own id. */
  readonly reservationId: string;
  /**
   * The permission that the call needs: one of the matrix, such as your own `database:create`. Choose it in your code,
   * never from a request.
   * @default `resource:create`, and for `releaseQuota` `resource:delete`
   */
  readonly permission?: Permission | undefined;
}

/** Input of `commitQuota`. */
export interface CommitQuotaInput<Permission extends string = CorePermission>
  extends ReservationInput<Permission> {
  /**
   * What was really taken, by resource: a Kubernetes quantity from 0. A reserved resource that is not named took nothing.
   * @default the reserved amounts
   */
  readonly amounts?: Readonly<Record<string, string>> | undefined;
}

/** Input of `resizeQuota`. */
export interface ResizeQuotaInput<Permission extends string = CorePermission>
  extends ReservationInput<Permission> {
  /** The new total, by resource: a Kubernetes quantity from 0. A resource that is not named takes nothing any more. */
  readonly amounts: Readonly<Record<string, string>>;
}

/** The reservation of `withQuota` while `create` runs. */
export interface PendingCharge {
  /**
   * States what was really taken: the commit charges these amounts instead of the reserved ones, as `amounts` of
   * `commitQuota`. The last call counts.
   *
   * @throws WorkspaceError `INVALID_INPUT` if an amount is not a quantity; TypeError after `create` ended
   */
  settle(amounts: Readonly<Record<string, string>>): void;
}

/** Input of `reserveQuota` and `withQuota`. */
export interface ReserveQuotaInput<Permission extends string = CorePermission>
  extends ReservationInput<Permission> {
  /** By resource: a Kubernetes quantity from 0, as `500m` or `1Gi`. All are reserved, or none. */
  readonly amounts: Readonly<Record<string, string>>;
  /**
   * The lifetime of the reservation in seconds: 1 to 86,400. Afterwards it holds nothing.
   * @default 300
   */
  readonly ttlSeconds?: number | undefined;
}

/** Methods about quotas: limits, reservations, and use. */
export interface QuotaMethods<Permission extends string> {
  /**
   * Sets limits of a workspace by resource; resources that are not named keep theirs. A limit below what is in use
   * is accepted: it refuses every increase and no decrease. For operators.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const report = await workspaces.setQuota({ operator: 'billing' }, { workspaceId, limits: { 'limits.cpu': '16' } });
   * report.resources['limits.cpu']?.limit; // '16'
   * ```
   */
  setQuota(actor: OperatorActor, input: SetQuotaInput): Promise<QuotaReport>;

  /**
   * Returns the limits of a workspace and what it uses and has reserved. Needs `quota:view`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const { resources } = await workspaces.getQuota(ada, { workspaceId });
   * resources['limits.cpu']; // { limit: '4', used: '0', reserved: '0', overLimit: false }
   * ```
   */
  getQuota(actor: Actor, input: WorkspaceInput): Promise<QuotaReport>;

  /**
   * Reserves amounts until they are committed, released or expire: all resources or none. A retry with the same id
   * and amounts returns the same reservation and charges once. Needs the `permission` of the input, by default
   * `resource:create`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `QUOTA_EXCEEDED` (with every resource that is
   * short), `RESERVATION_MISMATCH`, `WORKSPACE_SUSPENDED`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const amounts = { 'limits.cpu': '500m' };
   * const reservation = await workspaces.reserveQuota(ada, { workspaceId, reservationId: 'db-1', amounts, ttlSeconds: 60 });
   * reservation.state; // 'reserved'
   * ```
   */
  reserveQuota(actor: Actor, input: ReserveQuotaInput<Permission>): Promise<Reservation>;

  /**
   * Turns a reservation into use. An expired reservation is admitted again in the same step if it still fits. Needs
   * the `permission` of the input, by default `resource:create`.
   *
   * With `amounts`, it charges what was really taken. Less than reserved always succeeds, also above a lowered limit and
   * in a suspended workspace, and returns the rest in the same step. More is admitted as an increase, all resources or
   * none: on `QUOTA_EXCEEDED` the reservation stays as it was. A retry with the same amounts returns the same reservation;
   * other amounts are `RESERVATION_MISMATCH`. For the reservation of another actor, `amounts` also need the `permission`
   * of the input, by default `resource:delete`.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `RESERVATION_NOT_FOUND`,
   * `RESERVATION_EXPIRED`, `RESERVATION_MISMATCH`, `QUOTA_EXCEEDED`, `WORKSPACE_SUSPENDED`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const reservationId = 'db-1';
   * await workspaces.reserveQuota(ada, { workspaceId, reservationId, amounts: { 'limits.cpu': '500m' } });
   *
   * const taken = { 'limits.cpu': '300m' };
   * const { state } = await workspaces.commitQuota(ada, { workspaceId, reservationId, amounts: taken });
   * state; // 'committed'
   * (await workspaces.getQuota(ada, { workspaceId })).resources['limits.cpu']?.used; // '300m'
   * ```
   */
  commitQuota(actor: Actor, input: CommitQuotaInput<Permission>): Promise<Reservation>;

  /**
   * Changes the amounts of a committed reservation, in one step: at no instant are both totals charged, or neither. Give
   * the new total, not the difference. Increases are admitted if all of them fit; on `QUOTA_EXCEEDED` nothing changes. A
   * decrease always succeeds, also above a lowered limit and in a suspended workspace. A retry changes nothing; of two
   * callers, the last one counts. A reservation that is not committed is `RESERVATION_NOT_FOUND`: give `commitQuota` the
   * `amounts`. Needs the `permission` of the input, by default `resource:create`, and for the charge of another actor
   * `resource:delete`, too.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `RESERVATION_NOT_FOUND`, `QUOTA_EXCEEDED`,
   * `WORKSPACE_SUSPENDED`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { storage: '100Gi' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const named = { workspaceId, reservationId: 'db-1' };
   * await workspaces.withQuota(ada, { ...named, amounts: { storage: '10Gi' } }, () => 'created');
   *
   * await workspaces.resizeQuota(ada, { ...named, amounts: { storage: '25Gi' } });
   * (await workspaces.getQuota(ada, { workspaceId })).resources['storage']?.used; // '25Gi'
   * ```
   */
  resizeQuota(actor: Actor, input: ResizeQuotaInput<Permission>): Promise<Reservation>;

  /**
   * Returns what a reservation holds or uses. Releasing an unknown reservation changes nothing. Needs
   * the `permission` of the input, by default `resource:delete`, or to have made the reservation.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const reservationId = 'db-1';
   * await workspaces.reserveQuota(ada, { workspaceId, reservationId, amounts: { 'limits.cpu': '500m' } });
   *
   * await workspaces.releaseQuota(ada, { workspaceId, reservationId });
   * (await workspaces.getQuota(ada, { workspaceId })).resources['limits.cpu']?.reserved; // '0'
   * ```
   */
  releaseQuota(actor: Actor, input: ReservationInput<Permission>): Promise<void>;

  /**
   * Reserves, runs `create`, and commits. If `create` throws, the reservation is released and the error is rethrown.
   * If the process dies, the reservation expires. Needs the `permission` of the input, by default `resource:create`,
   * when it reserves and when it commits.
   *
   * `create` receives the charge, and may state with `charge.settle(amounts)` what was really taken. It is a call and not a
   * return value, so that `create` returns any value, and can settle before a step that may still fail. If more
   * than reserved does not fit, the call ends with `QUOTA_EXCEEDED` and the reservation is kept until it expires.
   *
   * A reservation that expires while `create` runs is admitted again if it fits. Otherwise the call ends with
   * `RESERVATION_EXPIRED`, or with `PERMISSION_DENIED` or `WORKSPACE_NOT_FOUND` if the actor lost the right
   * meanwhile: the resource then exists without being charged, and the caller must delete it. A retry with the same
   * id runs `create` again and charges once, so let `create` look for an existing resource first.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `QUOTA_EXCEEDED`, `RESERVATION_MISMATCH`,
   * `RESERVATION_NOT_FOUND`, `RESERVATION_EXPIRED`, `WORKSPACE_SUSPENDED`; and what `create` throws
   *
   * @example
   * ```ts
   * import { memoryQuota } from 'tenantry/memory';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const quota = memoryQuota({ defaults: { 'limits.cpu': '4' } });
   * const { workspaces } = createTestWorkspaces({ quota });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const charge = { workspaceId, reservationId: 'db-1', amounts: { 'limits.cpu': '500m' } };
   * const database = await workspaces.withQuota(ada, charge, async () => ({ name: 'db-1' })); // create yours here
   * database.name; // 'db-1'
   * (await workspaces.getQuota(ada, { workspaceId })).resources['limits.cpu']?.used; // '500m'
   *
   * const most = { workspaceId, reservationId: 'job-1', amounts: { 'limits.cpu': '2' } };
   * await workspaces.withQuota(ada, most, async (charge) => {
   *   charge.settle({ 'limits.cpu': '750m' }); // what the job really took
   * });
   * ```
   */
  withQuota<Created>(
    actor: Actor,
    input: ReserveQuotaInput<Permission>,
    create: (charge: PendingCharge) => Created | Promise<Created>,
  ): Promise<Created>;
}

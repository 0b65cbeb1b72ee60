// The quota methods: authorize, call the adapter once, emit the event. An unavailable adapter admits nothing.
import { actorRef, eventActor, type Actor, type OperatorActor } from '../core/actor.js';
import { amountsOf, limitsOfTexts } from '../commands/quotas/amounts.js';
import type { NewQuotaEvent, QuotaEvent } from '../core/events.js';
import type { WorkspaceId } from '../core/ids.js';
import type { CorePermission } from '../core/permissions.js';
import { sameCharges, type Amounts, type Charge, type Shortfall } from '../core/quota.js';
import { required } from '../core/values.js';
import type { WorkspaceRecord } from '../core/workspace.js';
import { WorkspaceError } from '../errors.js';
import type {
  CommitChargeResult,
  CommitRequest,
  QuotaSubject,
  ReleaseRequest,
  ReportResult,
  Unlisted,
} from '../ports/quota.js';
import { holding, holds, permitted, readAccess, type Access } from './access.js';
import { hasResources, isChargeOf, quotaAnswerOf } from './answers.js';
import type { ServiceContext } from './context.js';
import { outage, wrapOutage } from './outages.js';
import { invalid } from './parse.js';
import { within } from './timeouts.js';
import {
  limitText,
  quotaView,
  reservationView,
  textsOf,
  type QuotaReport,
  type Reservation,
} from './quota-views.js';

export interface ReserveCommand {
  readonly workspaceId: WorkspaceId;
  readonly reservationId: string;
  readonly amounts: Readonly<Record<string, string>>;
  readonly ttlSeconds: number;
  readonly permission?: string | undefined;
}

type Named = Pick<ReserveCommand, 'workspaceId' | 'reservationId' | 'permission'>;

export interface CommitCommand extends Named {
  readonly amounts?: Readonly<Record<string, string>> | undefined;
}

export interface ResizeCommand extends Named {
  readonly amounts: Readonly<Record<string, string>>;
}

/** What reserving and committing need unless the call names another permission. */
const CREATE: CorePermission = 'resource:create';
/** What releasing or settling the reservation of another actor needs, likewise. */
const DELETE: CorePermission = 'resource:delete';

export async function reportQuota(
  context: ServiceContext,
  actor: Actor,
  workspaceId: WorkspaceId,
): Promise<QuotaReport> {
  const { workspace, access } = await readAccess(context, actor, workspaceId);
  permitted(context.matrix, access, { actor, workspaceId, permission: 'quota:view' });
  const subject = subjectOf(workspace);
  return reportView(
    workspaceId,
    quotaAnswerOf(
      await callQuota(context, () => context.quota.report(subject, context.clock.now())),
      ['gone'],
      hasResources,
    ),
  );
}

export async function setQuota(
  context: ServiceContext,
  actor: OperatorActor,
  {
    workspaceId,
    limits,
  }: { readonly workspaceId: WorkspaceId; readonly limits: Readonly<Record<string, string>> },
): Promise<QuotaReport> {
  const subject = subjectOf((await readAccess(context, actor, workspaceId)).workspace);
  const named = limitsOfTexts(limits);
  const result = quotaAnswerOf(
    await callQuota(context, () => context.quota.setLimits(subject, named, context.clock.now())),
    ['unlisted', 'gone'],
    hasResources,
  );
  const report = reportView(workspaceId, result);
  if (result.ok && result.changed) {
    const data = { limits: textsOf(named, limitText) };
    emit(context, actor, { type: 'quota.limits-set', workspaceId, data });
  }
  return report;
}

export async function reserveQuota(
  context: ServiceContext,
  actor: Actor,
  command: ReserveCommand,
): Promise<Reservation> {
  return (await reserve(context, actor, command)).reservation;
}

/** `isNew`: this call made the reservation, not an earlier one with the same id. */
export async function reserve(
  context: ServiceContext,
  actor: Actor,
  command: ReserveCommand,
): Promise<{ readonly reservation: Reservation; readonly isNew: boolean }> {
  const { workspaceId, reservationId, ttlSeconds, permission = CREATE } = command;
  const { workspace, access } = await readAccess(context, actor, workspaceId);
  permitted(context.matrix, access, { actor, workspaceId, permission });
  const { suspendedFor: reason } = workspace;
  // With any permission: a call may name one that is good in a suspended workspace.
  if (reason !== null) throw new WorkspaceError('WORKSPACE_SUSPENDED', { workspaceId, reason });
  const subject = subjectOf(workspace);
  const now = context.clock.now();
  const amounts = amountsOf(command.amounts);
  const expiresAt = now + ttlSeconds * 1000;
  const request = { reservationId, amounts, expiresAt, by: actorRef(actor), now };
  const result = quotaAnswerOf(
    await callQuota(context, () => context.quota.reserve(subject, request)),
    ['exceeded', 'mismatch', 'unlisted', 'gone'],
    ({ charge }) => isChargeOf(charge, reservationId),
  );
  if (result.ok) {
    const reservation = reservationView(workspaceId, result.charge);
    const { amounts: held, expiresAt: until } = reservation;
    if (result.changed && until !== null) {
      const data = { reservationId, amounts: held, expiresAt: until.toISOString() };
      emit(context, actor, { type: 'quota.reserved', workspaceId, data });
    }
    return { reservation, isNew: result.changed };
  }
  if (result.reason === 'unlisted') throw unlisted(result, 'amounts');
  if (result.reason !== 'exceeded') throw refused(result.reason, command);
  throw denied(context, actor, { ...command, shortfalls: result.shortfalls });
}

export async function commitQuota(
  context: ServiceContext,
  actor: Actor,
  command: CommitCommand,
): Promise<Reservation> {
  return changeCharge(context, actor, {
    command,
    event: 'quota.committed',
    reasons: ['expired', 'mismatch'],
    call: (subject, request) => context.quota.commit(subject, request),
  });
}

export async function resizeQuota(
  context: ServiceContext,
  actor: Actor,
  command: ResizeCommand,
): Promise<Reservation> {
  const amounts = amountsOf(command.amounts);
  return changeCharge(context, actor, {
    command,
    event: 'quota.resized',
    reasons: [],
    call: (subject, request) => context.quota.resize(subject, { ...request, amounts }),
  });
}

interface ChargeChange {
  readonly command: CommitCommand;
  readonly event: 'quota.committed' | 'quota.resized';
  /** Why the adapter may refuse, besides what both calls have in common. */
  readonly reasons: readonly ('expired' | 'mismatch')[];
  readonly call: (subject: QuotaSubject, request: CommitRequest) => Promise<CommitChargeResult>;
}

async function changeCharge(
  context: ServiceContext,
  actor: Actor,
  { command, event, reasons, call }: ChargeChange,
): Promise<Reservation> {
  const { workspaceId, reservationId, permission = CREATE } = command;
  const { workspace, access } = await readAccess(context, actor, workspaceId);
  // Also of a suspended workspace: what was reserved is charged already, and what is in use may shrink.
  holding(context.matrix, access, { actor, workspaceId, permission });
  const subject = subjectOf(workspace);
  const amounts = command.amounts && amountsOf(command.amounts);
  const request = {
    reservationId,
    now: context.clock.now(),
    ...(amounts && { amounts, ...restrictionsOf(context, actor, { access, named: command }) }),
  };
  const result = quotaAnswerOf(
    await callQuota(context, () => call(subject, request)),
    [
      ...(['not-found', 'not-yours', 'exceeded', 'unlisted', 'gone'] as const),
      ...reasons,
      ...('onlyDecrease' in request ? (['increase'] as const) : []),
    ],
    ({ charge }) => isCommittedAs(charge, reservationId, amounts),
  );
  if (!result.ok) throw refusedSettlement(context, actor, { result, named: command, access });
  const view = reservationView(workspaceId, result.charge);
  const data = { reservationId, amounts: view.amounts };
  if (result.changed) emit(context, actor, { type: event, workspaceId, data });
  return view;
}

export async function releaseQuota(
  context: ServiceContext,
  actor: Actor,
  named: Named,
  which: Pick<ReleaseRequest, 'onlyReserved'> = {},
): Promise<void> {
  const { workspaceId, reservationId, permission = DELETE } = named;
  const { workspace, access } = await readAccess(context, actor, workspaceId);
  const subject = subjectOf(workspace);
  const mayDelete = holds(context.matrix, access, { actor, permission });
  const request = {
    reservationId,
    now: context.clock.now(),
    ...(mayDelete ? {} : { onlyBy: actorRef(actor) }),
    ...which,
  };
  const result = quotaAnswerOf(
    await callQuota(context, () => context.quota.release(subject, request)),
    ['not-yours', 'gone'],
    ({ released }) => released === null || isChargeOf(released, reservationId),
  );
  if (!result.ok) {
    if (result.reason === 'gone') throw refused(result.reason, named);
    throw notYours(permission, access);
  }
  if (result.released === null) return;
  const { amounts } = reservationView(workspaceId, result.released);
  emit(context, actor, { type: 'quota.released', workspaceId, data: { reservationId, amounts } });
}

export async function forgetQuota(context: ServiceContext, workspaceId: WorkspaceId): Promise<void> {
  await callQuota(context, () => context.quota.forget(workspaceId));
}

function subjectOf({ id: workspaceId, kind, ownerId }: WorkspaceRecord): QuotaSubject {
  return { workspaceId, kind, ownerId };
}

/** The adapter's result; `UNAVAILABLE` if it throws or times out, or `CONFLICT`. Never an admission. */
async function callQuota<Answer>(
  { quota, quotaTimeout }: ServiceContext,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  // No timeout inside a transaction of the app: an abandoned call would keep writing between the app's own statements.
  if (quotaTimeout === null) return wrapOutage('quota', ask);
  try {
    return await within(quotaTimeout, ask);
  } catch (cause) {
    if (quota.isConflict?.(cause) === true) throw new WorkspaceError('CONFLICT', { attempts: 1 }, { cause });
    throw outage('quota', cause);
  }
}

function emit({ hub, ids, clock }: ServiceContext, actor: Actor, event: NewQuotaEvent): void {
  const at = new Date(clock.now()).toISOString();
  const complete: QuotaEvent<string> = { id: ids.eventId(), ...event, at, ...eventActor(actor) };
  hub.publish([complete]);
}

/** What a change of amounts is limited to, by the actor and by a suspension. */
function restrictionsOf(
  { matrix }: ServiceContext,
  actor: Actor,
  { access, named }: { readonly access: Access; readonly named: Named },
): Pick<CommitRequest, 'onlyBy' | 'onlyDecrease'> {
  // A decrease gives back what it no longer takes, as a release does.
  const mayDelete = holds(matrix, access, { actor, permission: named.permission ?? DELETE });
  return {
    ...(!mayDelete && { onlyBy: actorRef(actor) }),
    ...(access.workspace.suspendedFor !== null && { onlyDecrease: true }),
  };
}

function isCommittedAs(charge: Charge, reservationId: string, amounts: Amounts | undefined): boolean {
  if (!isChargeOf(charge, reservationId) || charge.state !== 'committed') return false;
  return amounts === undefined || sameCharges(charge.amounts, amounts);
}

/** Why amounts are refused. Emits a denial. */
function refusedSettlement(
  context: ServiceContext,
  actor: Actor,
  { result, named, access }: RefusedSettlement,
): WorkspaceError {
  switch (result.reason) {
    case 'exceeded':
      return denied(context, actor, { ...named, shortfalls: result.shortfalls });
    case 'unlisted':
      return unlisted(result, 'amounts');
    case 'not-yours':
      return notYours(named.permission ?? DELETE, access);
    case 'increase': {
      const { id: workspaceId, suspendedFor } = access.workspace;
      return new WorkspaceError('WORKSPACE_SUSPENDED', { workspaceId, reason: required(suspendedFor) });
    }
    default:
      return refused(result.reason, named);
  }
}

interface RefusedSettlement {
  readonly result: Extract<CommitChargeResult, { readonly ok: false }>;
  readonly named: Named;
  readonly access: Access;
}

function notYours(permission: string, { member }: Access): WorkspaceError {
  return new WorkspaceError('PERMISSION_DENIED', { permission, role: member?.role ?? null });
}

function denied(
  context: ServiceContext,
  actor: Actor,
  { workspaceId, reservationId, shortfalls }: Named & { readonly shortfalls: readonly Shortfall[] },
): WorkspaceError {
  emit(context, actor, { type: 'quota.denied', workspaceId, data: { reservationId, shortfalls } });
  return new WorkspaceError('QUOTA_EXCEEDED', { shortfalls });
}

const CODES = {
  mismatch: 'RESERVATION_MISMATCH',
  expired: 'RESERVATION_EXPIRED',
  'not-found': 'RESERVATION_NOT_FOUND',
} as const;

function refused(reason: keyof typeof CODES | 'gone', { workspaceId, reservationId }: Named): WorkspaceError {
  return reason === 'gone'
    ? new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId })
    : new WorkspaceError(CODES[reason], { reservationId });
}

function unlisted({ resources }: Unlisted, field: string): WorkspaceError {
  return invalid(
    resources.map((resource) => ({
      path: `input.${field}.${resource}`,
      message: 'is not a resource of this quota',
    })),
  );
}

function reportView(workspaceId: WorkspaceId, result: ReportResult | Unlisted): QuotaReport {
  if (result.ok) return quotaView(workspaceId, result.resources);
  if (result.reason === 'unlisted') throw unlisted(result, 'limits');
  throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
}

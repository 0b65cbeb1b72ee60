// The quota methods: who may, then one call of the adapter, then the event. An adapter that is down admits nothing.
import { actorRef, isOperator, type Actor, type OperatorActor } from '../domain/actor.js';
import { amountsOf, limitsOfTexts } from '../domain/commands/quota.js';
import { selfOf } from '../domain/decision.js';
import type { QuotaEvent, QuotaHappening } from '../domain/events.js';
import { deepFreeze } from '../domain/frozen.js';
import type { WorkspaceId } from '../domain/ids.js';
import type { CorePermission } from '../domain/permissions.js';
import { formatQuantity } from '../domain/quantity.js';
import { isOverLimit, type Charge, type QuotaLimit, type ResourceUse } from '../domain/quota.js';
import { WorkspaceError } from '../errors.js';
import type { QuotaAdapter, QuotaSubject, ReleaseRequest, ReportResult, Unlisted } from '../ports/quota.js';
import { invalid } from './parse.js';
import { answered, outage, type Shell } from './run-command.js';
import type { QuotaReport, Reservation, ResourceReport } from './quota-views.js';

/** The part of the shell that quotas need. */
export interface QuotaShell extends Shell {
  readonly quota: QuotaAdapter;
  /** After so many milliseconds an adapter that has not answered counts as down; `null`: whatever it takes. */
  readonly quotaTimeout: number | null;
}

interface ReserveCommand {
  readonly workspaceId: WorkspaceId;
  readonly reservationId: string;
  readonly amounts: Readonly<Record<string, string>>;
  readonly ttlSeconds: number;
}

type Named = Pick<ReserveCommand, 'workspaceId' | 'reservationId'>;

export async function reportQuota(
  shell: QuotaShell,
  actor: Actor,
  workspaceId: WorkspaceId,
): Promise<QuotaReport> {
  const subject = await subjectFor(shell, actor, workspaceId, 'quota:view');
  return reportView(workspaceId, await asked(shell, () => shell.quota.report(subject, shell.clock.now())));
}

export async function setQuota(
  shell: QuotaShell,
  actor: OperatorActor,
  {
    workspaceId,
    limits,
  }: { readonly workspaceId: WorkspaceId; readonly limits: Readonly<Record<string, string>> },
): Promise<QuotaReport> {
  const { subject } = await admission(shell, actor, workspaceId);
  const named = limitsOfTexts(limits);
  const result = await asked(shell, () => shell.quota.setLimits(subject, named, shell.clock.now()));
  const report = reportView(workspaceId, result);
  if (result.ok && result.changed) {
    const data = { limits: textsOf(named, limitText) };
    tell(shell, actor, { type: 'quota.limits-set', workspaceId, data });
  }
  return report;
}

export async function reserveQuota(
  shell: QuotaShell,
  actor: Actor,
  command: ReserveCommand,
): Promise<Reservation> {
  return (await reserve(shell, actor, command)).reservation;
}

/** `isNew`: it was this call that reserved, and no earlier one of the same id. */
async function reserve(
  shell: QuotaShell,
  actor: Actor,
  command: ReserveCommand,
): Promise<{ readonly reservation: Reservation; readonly isNew: boolean }> {
  const { workspaceId, reservationId, ttlSeconds } = command;
  const subject = await subjectFor(shell, actor, workspaceId, 'resource:create');
  const now = shell.clock.now();
  const amounts = amountsOf(command.amounts);
  const expiresAt = now + ttlSeconds * 1000;
  const request = { reservationId, amounts, expiresAt, by: actorRef(actor), now };
  const result = await asked(shell, () => shell.quota.reserve(subject, request));
  if (result.ok) {
    const reservation = reservationView(workspaceId, result.charge);
    const { amounts: held, expiresAt: until } = reservation;
    if (result.changed && until !== null) {
      const data = { reservationId, amounts: held, expiresAt: until.toISOString() };
      tell(shell, actor, { type: 'quota.reserved', workspaceId, data });
    }
    return { reservation, isNew: result.changed };
  }
  switch (result.reason) {
    case 'exceeded': {
      const { shortfalls } = result;
      tell(shell, actor, { type: 'quota.denied', workspaceId, data: { reservationId, shortfalls } });
      throw new WorkspaceError('QUOTA_EXCEEDED', { shortfalls });
    }
    case 'mismatch':
      throw new WorkspaceError('RESERVATION_MISMATCH', { reservationId });
    case 'unlisted':
      throw unlisted(result, 'amounts');
    case 'gone':
      throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
    default:
      return result satisfies never;
  }
}

export async function commitQuota(shell: QuotaShell, actor: Actor, named: Named): Promise<Reservation> {
  const { workspaceId, reservationId } = named;
  const subject = await subjectFor(shell, actor, workspaceId, 'resource:create');
  const now = shell.clock.now();
  const result = await asked(shell, () => shell.quota.commit(subject, { reservationId, now }));
  if (!result.ok) {
    if (result.reason === 'gone') throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
    throw new WorkspaceError(result.reason === 'expired' ? 'RESERVATION_EXPIRED' : 'RESERVATION_NOT_FOUND', {
      reservationId,
    });
  }
  const view = reservationView(workspaceId, result.charge);
  const data = { reservationId, amounts: view.amounts };
  if (result.changed) tell(shell, actor, { type: 'quota.committed', workspaceId, data });
  return view;
}

export async function releaseQuota(
  shell: QuotaShell,
  actor: Actor,
  named: Named,
  which: Pick<ReleaseRequest, 'onlyReserved'> = {},
): Promise<void> {
  const { workspaceId, reservationId } = named;
  const { subject, role } = await admission(shell, actor, workspaceId);
  const mayDelete = role === null || shell.matrix.can(role, 'resource:delete');
  const request = {
    reservationId,
    now: shell.clock.now(),
    ...(mayDelete ? {} : { onlyBy: actorRef(actor) }),
    ...which,
  };
  const result = await asked(shell, () => shell.quota.release(subject, request));
  if (!result.ok) {
    if (result.reason === 'gone') throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
    throw new WorkspaceError('PERMISSION_DENIED', { permission: 'resource:delete', role });
  }
  if (result.released === null) return;
  const { amounts } = reservationView(workspaceId, result.released);
  tell(shell, actor, { type: 'quota.released', workspaceId, data: { reservationId, amounts } });
}

/**
 * Reserves, creates, commits. What `create` throws releases the reservation; if even that fails, or the process dies, the
 * reservation expires by itself.
 */
export async function withQuota<Created>(
  shell: QuotaShell,
  actor: Actor,
  command: ReserveCommand,
  create: () => Created | Promise<Created>,
): Promise<Created> {
  const { isNew } = await reserve(shell, actor, command);
  let created: Created;
  try {
    created = await create();
  } catch (error) {
    // Only its own, and only if it is not committed: by another call of the same id it may be paid for a resource.
    if (isNew) await releaseQuota(shell, actor, command, { onlyReserved: true }).catch(() => undefined);
    throw error;
  }
  await commitQuota(shell, actor, command);
  return created;
}

export async function forgetQuota(shell: QuotaShell, workspaceId: WorkspaceId): Promise<void> {
  await asked(shell, () => shell.quota.forget(workspaceId));
}

interface Admission {
  readonly subject: QuotaSubject;
  /** `null` for an operator. */
  readonly role: string | null;
}

async function subjectFor(
  shell: QuotaShell,
  actor: Actor,
  workspaceId: WorkspaceId,
  permission: CorePermission,
): Promise<QuotaSubject> {
  const { subject, role } = await admission(shell, actor, workspaceId);
  if (role !== null && !shell.matrix.can(role, permission)) {
    throw new WorkspaceError('PERMISSION_DENIED', { permission, role });
  }
  return subject;
}

/** Members and operators; to anyone else the workspace does not exist. One load, so role and workspace stood together. */
async function admission(
  { storage }: QuotaShell,
  actor: Actor,
  workspaceId: WorkspaceId,
): Promise<Admission> {
  const members = selfOf(actor);
  const snapshot = await answered('storage', () => storage.load({ workspaceId, members }));
  const { workspace } = snapshot;
  const role = isOperator(actor) ? null : snapshot.members.get(actor.userId)?.role;
  if (workspace === null || role === undefined)
    throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
  const { kind, ownerId } = workspace;
  return { subject: { workspaceId, kind, ownerId }, role };
}

/** The adapter's answer, or `UNAVAILABLE` when it throws or takes too long, or `CONFLICT`: never admission. */
async function asked<Answer>({ quotaTimeout }: QuotaShell, ask: () => Promise<Answer>): Promise<Answer> {
  // Inside a transaction of the host's a call that was given up would write on between the host's own statements.
  if (quotaTimeout === null) return answered('quota', ask);
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Not by the clock that is injected: its sleep cannot be called off, and one would be left behind by every call.
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${quotaTimeout} ms`));
    }, quotaTimeout);
  });
  try {
    return await Promise.race([ask(), late]);
  } catch (cause) {
    throw outage('quota', cause);
  } finally {
    clearTimeout(timer);
  }
}

function tell({ hub, ids, clock }: QuotaShell, actor: Actor, happening: QuotaHappening): void {
  const at = new Date(clock.now()).toISOString();
  const event: QuotaEvent = { id: ids.eventId(), ...happening, at, actor: actorRef(actor) };
  hub.publish([deepFreeze(event)]);
}

function unlisted({ resources }: Unlisted, field: string): WorkspaceError {
  return invalid(
    resources.map((resource) => ({
      path: `input.${field}.${resource}`,
      message: 'is not a resource of this quota',
    })),
  );
}

function reservationView(workspaceId: WorkspaceId, charge: Charge): Reservation {
  const { reservationId, state, expiresAt } = charge;
  const amounts = textsOf(charge.amounts, formatQuantity);
  return deepFreeze({
    workspaceId,
    reservationId,
    state,
    amounts,
    expiresAt: state === 'committed' ? null : new Date(expiresAt),
  });
}

function reportView(workspaceId: WorkspaceId, result: ReportResult | Unlisted): QuotaReport {
  if (result.ok) return deepFreeze({ workspaceId, resources: textsOf(result.resources, useView) });
  if (result.reason === 'unlisted') throw unlisted(result, 'limits');
  throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
}

function useView(use: ResourceUse): ResourceReport {
  return {
    limit: limitText(use.limit),
    used: formatQuantity(use.used),
    reserved: formatQuantity(use.reserved),
    overLimit: isOverLimit(use),
  };
}

function limitText(limit: QuotaLimit): string {
  return limit === 'unlimited' ? limit : formatQuantity(limit);
}

/** By resource, sorted by name. */
function textsOf<Value, View>(
  values: ReadonlyMap<string, Value>,
  view: (value: Value) => View,
): Readonly<Record<string, View>> {
  const sorted = [...values].sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(sorted.map(([resource, value]) => [resource, view(value)]));
}

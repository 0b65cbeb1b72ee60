// What adapters, clocks and sources of ids answer: checked before it is used. An unknown answer is an outage, never an
// admission.
import { invitationIdSchema, workspaceIdSchema, type UserId, type WorkspaceId } from '../core/ids.js';
import type { Charge, ResourceUse } from '../core/quota.js';
import type { ReadSet, Snapshot } from '../core/read-set.js';
import { isObject } from '../core/values.js';
import type { Clock, Ids } from '../ports/runtime.js';
import type { CommitResult, StorageAdapter } from '../ports/storage.js';
import { outage, type Source } from './outages.js';

/** @throws WorkspaceError `UNAVAILABLE` unless the answer is one that the port describes */
function known<Answer>(source: Source, answer: Answer, isKnown: boolean): Answer {
  if (isKnown) return answer;
  throw outage(source, new TypeError(`the ${source} adapter returned an unknown result`));
}

type MembershipRow = Awaited<ReturnType<StorageAdapter['findMembership']>>;

/** The membership that was asked for, or none. A deleted workspace has none. */
export function membershipOf(found: MembershipRow, workspaceId: WorkspaceId, userId: UserId): MembershipRow {
  const isAsked =
    found?.member.workspaceId === workspaceId &&
    found.member.userId === userId &&
    found.workspace.id === workspaceId;
  known('storage', found, found === null || isAsked);
  return found?.workspace.deletion === null ? found : null;
}

/** The records of a read set: of its workspace, and under their own keys. */
export function snapshotOf(
  snapshot: Snapshot,
  { workspaceId, personalWorkspaceOf, invitationId, departuresOf = [] }: ReadSet,
): Snapshot {
  let isKnown = false;
  try {
    isKnown = isSnapshot();
  } catch {
    // Not even the form of a snapshot.
  }
  return known('storage', snapshot, isKnown);

  function isSnapshot(): boolean {
    const { workspace, accounts, members, invitation, openInvitations, departures } = snapshot;
    const id = workspace?.id ?? workspaceId;
    if (workspace !== null && workspaceId !== undefined && workspace.id !== workspaceId) return false;
    if (
      personalWorkspaceOf !== undefined &&
      (workspace?.ownerId ?? personalWorkspaceOf) !== personalWorkspaceOf
    )
      return false;
    if (invitation !== null && (invitation.id !== invitationId || invitation.workspaceId !== id))
      return false;
    for (const [userId, departure] of departures) {
      if (departure.userId !== userId || departure.workspaceId !== id || !departuresOf.includes(userId))
        return false;
    }
    for (const [userId, account] of accounts) if (account.userId !== userId) return false;
    for (const [userId, member] of members) {
      if (member.userId !== userId || member.workspaceId !== id) return false;
    }
    return openInvitations.every((open) => open.workspaceId === id);
  }
}

/** The rows of a list: of the workspace or the user whose list it is. */
export function rowsOf<Row>(rows: readonly Row[], isAsked: (row: Row) => boolean): readonly Row[] {
  return known('storage', rows, Array.isArray(rows) && rows.every(isAsked));
}

export function commitOf(result: CommitResult): CommitResult {
  const { ok, reason }: Told = isObject(result) ? result : {};
  return known(
    'storage',
    result,
    ok === true || (ok === false && (reason === 'conflict' || reason === 'duplicate')),
  );
}

/** What an adapter may return at run time. */
interface Told {
  readonly ok?: unknown;
  readonly reason?: unknown;
}

type Success<Answer> = Extract<Answer, { readonly ok: true }>;
type ReasonOf<Answer> = Extract<Answer, { readonly ok: false; readonly reason: string }>['reason'];

/** An answer of the quota adapter: a success with what belongs to it, or one of the reasons. */
export function quotaAnswerOf<Answer extends Told>(
  answer: Answer,
  reasons: readonly ReasonOf<Answer>[],
  isComplete: (success: Success<Answer>) => boolean,
): Answer {
  if (!isObject(answer)) return known('quota', answer, false);
  if (isSuccess(answer)) return known('quota', answer, isComplete(answer));
  const { ok, reason } = answer;
  return known('quota', answer, ok === false && reasons.some((one) => one === reason));
}

function isSuccess<Answer extends Told>(answer: Answer): answer is Success<Answer> {
  return answer.ok === true;
}

/** Whether an adapter returned resources by name. */
export function hasResources({
  resources,
}: {
  readonly resources: ReadonlyMap<string, ResourceUse>;
}): boolean {
  return isObject(resources) && typeof resources.get === 'function';
}

/** Whether an adapter returned the reservation that was asked for. */
export function isChargeOf(charge: Charge, reservationId: string): boolean {
  if (!isObject(charge)) return false;
  const { amounts, expiresAt } = charge;
  const state: string = charge.state;
  return (
    charge.reservationId === reservationId &&
    isObject(amounts) &&
    typeof amounts.get === 'function' &&
    (state === 'committed' || (state === 'reserved' && Number.isSafeInteger(expiresAt)))
  );
}

/** A clock of the app. An instant that is no whole number would neither be stored nor expire. */
export function checkedClock(clock: Clock): Clock {
  return {
    now() {
      const now = clock.now();
      if (Number.isSafeInteger(now)) return now;
      throw new TypeError(
        `WorkspaceService: clock.now() returned ${String(now)}, and must return whole milliseconds`,
      );
    },
    sleep: (milliseconds) => clock.sleep(milliseconds),
  };
}

/** 128 bits, base64url. */
const MIN_SECRET_LENGTH = 22;

/** What the storages hold. */
const MAX_EVENT_ID_LENGTH = 256;

/** Ids of the app, checked before anything is stored under them. The message does not repeat a secret. */
export function checkedIds(ids: Ids): Ids {
  const checked =
    (name: keyof Ids, isValid: (value: string) => boolean): (() => string) =>
    () => {
      const value: unknown = ids[name]();
      if (typeof value === 'string' && isValid(value)) return value;
      throw new TypeError(`WorkspaceService: ids.${name}() returned an invalid value: see Ids for its form`);
    };
  return {
    workspaceId: checked('workspaceId', (id) => workspaceIdSchema.safeParse(id).success),
    invitationId: checked('invitationId', (id) => invitationIdSchema.safeParse(id).success),
    eventId: checked('eventId', (id) => id !== '' && id.length <= MAX_EVENT_ID_LENGTH),
    secret: checked('secret', (secret) => secret.length >= MIN_SECRET_LENGTH),
  };
}

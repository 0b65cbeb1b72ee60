// The steps about quotas: limits and reservations, printed as tables.
import type { Actor, QuotaReport, Reservation, Shortfall, WorkspaceService } from 'tenantry';
import type { Outcome } from './stage.js';
import type { StepOf } from './story.js';
import { countText, minute } from './words.js';

/** A step that reads or changes a quota. */
export type QuotaStep = StepOf<'quota' | 'setQuota' | 'reserve' | 'commit' | 'release'>;

/** Plays one step about the quota of a workspace. */
export async function actOnQuota(
  step: QuotaStep,
  workspaces: WorkspaceService,
  { actor, workspaceId }: { readonly actor: Actor; readonly workspaceId: string },
): Promise<Outcome> {
  switch (step.do) {
    case 'quota':
      return reported(await workspaces.getQuota(actor, { workspaceId }));
    case 'setQuota':
      return reported(await workspaces.setQuota({ operator: step.by }, { workspaceId, limits: step.limits }));
    case 'reserve': {
      const { reservation: reservationId, amounts, minutes } = step;
      const ttlSeconds = minutes === undefined ? undefined : minutes * 60;
      const input = { workspaceId, reservationId, amounts, ttlSeconds };
      return { result: reservationLine(await workspaces.reserveQuota(actor, input)) };
    }
    case 'commit': {
      const input = { workspaceId, reservationId: step.reservation };
      return { result: reservationLine(await workspaces.commitQuota(actor, input)) };
    }
    case 'release':
      await workspaces.releaseQuota(actor, { workspaceId, reservationId: step.reservation });
      return { result: 'done' };
    default:
      return step satisfies never;
  }
}

/** The shortfalls of a denied reservation as a table. */
export function shortfallLines(shortfalls: readonly Shortfall[]): string[] {
  return table([
    ['resource', 'requested', 'used', 'reserved', 'limit', 'exceeded by'],
    ...shortfalls.map(({ resource, requested, used, reserved, limit, exceededBy }) => [
      resource,
      requested,
      used,
      reserved,
      limit,
      exceededBy,
    ]),
  ]);
}

function reservationLine({ state, amounts, expiresAt }: Reservation): string {
  const until = expiresAt === null ? '' : ` until ${minute(expiresAt)}`;
  const list = Object.entries(amounts).map(([resource, amount]) => `${resource} ${amount}`);
  return `${state}${until}: ${list.join(', ')}`;
}

function reported({ resources }: QuotaReport): Outcome {
  const rows = Object.entries(resources).map(([resource, { limit, used, reserved, overLimit }]) => [
    resource,
    limit,
    used,
    reserved,
    overLimit ? 'over limit' : '',
  ]);
  return {
    result: countText(rows.length, 'resource'),
    below: table([['resource', 'limit', 'used', 'reserved', ''], ...rows]),
  };
}

/** Pads each column to its widest cell: the first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widthOf(column)) : cell.padStart(widthOf(column))))
      .join('  ')
      .trimEnd(),
  );
}

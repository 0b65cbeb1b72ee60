// Used and reserved quota as bars. They use SVG attributes, because the content security policy forbids inline styles.
import { parseQuantity, type QuotaReport, type ResourceReport } from 'tenantry';
import { resourceTitle } from '../sentences.js';

export function QuotaBars({ quota: { resources } }: { quota: QuotaReport }) {
  return (
    <dl class="bars">
      {Object.entries(resources).map(([resource, report]) => (
        <div data-key={resource}>
          <dt>{resourceTitle(resource)}</dt>
          <dd>
            <Bar report={report} />
            <span>{reportText(report)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Decorative: the text next to it has the exact values. */
function Bar({ report: { used, reserved, limit } }: { report: ResourceReport }) {
  const usedShare = shareOf(used, limit);
  const reservedShare = Math.min(shareOf(reserved, limit), 100 - usedShare);
  return (
    <svg class="bar-svg" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="whole" x="0" y="0" width="100" height="6" />
      <rect class="used" x="0" y="0" width={usedShare} height="6" />
      <rect class="reserved" x={usedShare} y="0" width={reservedShare} height="6" />
    </svg>
  );
}

function reportText({ used, reserved, limit, overLimit }: ResourceReport): string {
  const of = limit === 'unlimited' ? 'no limit' : `limit ${limit}`;
  return `${used} used, ${reserved} reserved, ${of}${overLimit ? ': over the limit' : ''}`;
}

/** Percent, rounded to tenths for drawing. */
function shareOf(amount: string, limit: string): number {
  if (limit === 'unlimited') return 0;
  const [part, whole] = [parseQuantity(amount).nano, parseQuantity(limit).nano];
  if (whole === 0n) return part === 0n ? 0 : 100;
  return Math.min(100, Number((part * 1000n) / whole) / 10);
}

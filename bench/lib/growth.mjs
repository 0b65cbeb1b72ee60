// Cost against size: the rows of the largest against the smallest, and the points of all sizes for the plots.
import { median, ratioOf, shown, time } from './rows.mjs';

/**
 * `sizes` from the smallest; `samples` by size, in nanoseconds. `line` is the name in the plot; `scale` is `workspaces` or
 * `members`; `panel` is `read` or `command`, or `null` for what is measured for comparison alone.
 */
export function grown(work, { storage, scale, panel, line }, { sizes, samples, budget }) {
  const [smallest, largest] = [sizes[0], sizes.at(-1)];
  const ratio = ratioOf(samples[largest], samples[smallest]);
  const isBudgeted = panel !== null;
  return {
    row: {
      work,
      ours: time(median(samples[largest])),
      other: smallest.toLocaleString('en'),
      theirs: time(median(samples[smallest])),
      ratio: `${shown(ratio)}x`,
      budget: isBudgeted ? `at most ${budget}x` : null,
      met: isBudgeted ? ratio <= budget : null,
    },
    points: isBudgeted
      ? sizes.map((x) => ({ plot: scale, storage, panel, line, x, y: Math.round(median(samples[x])) }))
      : [],
  };
}

// The rows of the report: one comparison each, ours against a limit or a peer, with its budget.

/** Ours against what cannot be beaten: `ratio` is ours / limit, and must be at most `budget`. */
export function againstLimit(work, { ours, limit, name, budget = null, format = time }) {
  const ratio = ratioOf(ours, limit);
  return {
    work,
    ours: format(median(ours)),
    other: `limit: ${name}`,
    theirs: format(median(limit)),
    ratio: `${shown(ratio)}x`,
    budget: budget === null ? null : `at most ${budget}x`,
    met: budget === null ? null : ratio <= budget,
  };
}

/** Ours against another library: `ratio` is peer / ours, and must be at least `budget`. */
export function againstPeer(work, { ours, peer, name, budget = null, format = time }) {
  const ratio = ratioOf(peer, ours);
  return {
    work,
    ours: format(median(ours)),
    other: `peer: ${name}`,
    theirs: format(median(peer)),
    ratio: `${shown(ratio)}x faster`,
    budget: budget === null ? null : `at least ${budget}x`,
    met: budget === null ? null : ratio >= budget,
  };
}

/** A figure that stands for itself. */
export function figure(work, { ours, budget = null, met = null }) {
  return { work, ours, other: null, theirs: null, ratio: null, budget, met };
}

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of the ratios of the rounds: a slow round is slow for both. */
export function ratioOf(these, those) {
  return median(these.map((value, round) => value / those[round]));
}

export function time(nanoseconds) {
  if (nanoseconds < 1e3) return `${shown(nanoseconds)} ns`;
  if (nanoseconds < 1e6) return `${shown(nanoseconds / 1e3)} µs`;
  return `${shown(nanoseconds / 1e6)} ms`;
}

export function perSecond(nanoseconds) {
  return `${Math.round(1e9 / nanoseconds).toLocaleString('en')}/s`;
}

export function bytes(count) {
  return count < 1e4 ? `${Math.round(count)} B` : `${(count / 1e3).toFixed(1)} kB`;
}

/** Three digits, without a false fourth. */
export function shown(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

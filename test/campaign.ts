// Test campaigns have a short form in `npm test` and a long form in `npm run test:long`. `npm run test:quick`, and
// `npm run mutants`, which repeats them thousands of times, use a tenth of the short form.

/** The number of rounds: the short form or the long form. */
export function rounds(short: number, long: number): number {
  const { MODE } = import.meta.env;
  if (MODE === 'mutation' || MODE === 'quick') return Math.ceil(short / 10);
  return MODE === 'long' ? long : short;
}

/**
 * The cases of the storage suite to run: all of them, but in the short form only every eighth interleaving, because
 * each takes hundreds of runs. Suites with different offsets take different interleavings; the memory storage takes
 * all.
 */
export function shareOfInterleavings(offset: number): (title: string) => boolean {
  const every = rounds(8, 1);
  let number = 0;
  return (title) => !title.startsWith('S-10') || number++ % every === offset % every;
}

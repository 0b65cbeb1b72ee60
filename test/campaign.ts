// Campaigns have a short form in `npm test` and a long form in `npm run test:long`. Where mutants are run, thousands of
// times, they are a tenth of the short form.

/** So many rounds in the short form, so many in the long one. */
export function rounds(short: number, long: number): number {
  const { MODE } = import.meta.env;
  if (MODE === 'mutation') return Math.ceil(short / 10);
  return MODE === 'long' ? long : short;
}

/**
 * Which cases of the storage suite to run: all, but of the interleavings, each of which takes hundreds of runs, every
 * eighth in the short form. Of two that take different places, each takes others; the memory storage takes all.
 */
export function shareOfInterleavings(place: number): (title: string) => boolean {
  const every = rounds(8, 1);
  let number = 0;
  return (title) => !title.startsWith('S-10') || number++ % every === place % every;
}

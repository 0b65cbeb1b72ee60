// Campaigns have a short form in `npm test` and a long form in `npm run test:long`.

/** So many rounds in the short form, so many in the long one. */
export function rounds(short: number, long: number): number {
  return import.meta.env.MODE === 'long' ? long : short;
}

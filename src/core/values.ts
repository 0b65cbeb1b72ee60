// Checks of values: of unknown type, or that must exist.

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Whether the value is a whole number from `least` to `most`. */
export function isWholeNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

/** Whether the value is an error with this brand, and this code if one is given. */
export function isBranded(error: unknown, brand: symbol, code: string | undefined): boolean {
  return isObject(error) && brand in error && (code === undefined || error['code'] === code);
}

/** A URL, or `null`. Not `URL.canParse`: Node 20 answers wrongly for letters such as ü, after a few thousand calls. */
export function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** The value of something that must exist: without it, the caller has a defect. */
export function required<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new Error('a record that must exist is missing');
  return value;
}

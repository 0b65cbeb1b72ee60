// Plain data, frozen at every level.

/** The type of deeply frozen plain data. */
export type DeepReadonly<Value> = Value extends object
  ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
  : Value;

/** Freezes plain, acyclic data in place. */
export function deepFreeze<Value extends object>(value: Value): Value {
  // Not over Object.values, which allocates an array for every event and record.
  for (const key in value) {
    const inner: unknown = value[key];
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}

// Plain data, frozen all the way down.

/** Freezes plain, acyclic data in place. */
export function deepFreeze<Value extends object>(value: Value): Value {
  // Not over Object.values, which makes an array of every event and record on the way.
  for (const key in value) {
    const inner: unknown = value[key];
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}

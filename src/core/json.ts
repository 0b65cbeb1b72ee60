// JSON values of the app: copied, compared and measured.
import { isObject } from './values.js';

/** A JSON value. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Arrays and objects within each other: more than any form or document of a few kilobytes that is meant so. */
export const MAX_JSON_DEPTH = 32;

/** A frozen copy, or `undefined` for what JSON cannot hold: a class instance, `undefined`, `NaN`, a cycle. */
export function jsonOf(value: unknown, depth = 0): JsonValue | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (!isObject(value) || depth === MAX_JSON_DEPTH) return undefined;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const copy: JsonValue[] = [];
    for (const item of items) {
      const inner = jsonOf(item, depth + 1);
      if (inner === undefined) return undefined;
      copy.push(inner);
    }
    return Object.freeze(copy);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return undefined;
  const entries: (readonly [string, JsonValue])[] = [];
  for (const [key, item] of Object.entries(value)) {
    const inner = jsonOf(item, depth + 1);
    // As an own key it would be dropped, or become the prototype, wherever the object is copied.
    if (inner === undefined || key === '__proto__') return undefined;
    entries.push([key, inner]);
  }
  return Object.freeze(Object.fromEntries(entries));
}

/** Whether two values are the same JSON, whatever the order of the keys. */
export function isSameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => isSameJson(value, right.get(key)));
}

/** The size as JSON in UTF-8. */
export function jsonBytes(value: JsonValue): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

// Attributes: what an app keeps with a workspace or a member, apart from its rules.
import { isSameJson, jsonBytes, type JsonObject, type JsonValue } from './json.js';

/** Who sees an attribute: the members of the workspace, or operators alone. */
export type AttributeAudience = 'members' | 'operators';

/** The attributes of a workspace or a member, by who sees them. */
export type Attributes = Readonly<Record<AttributeAudience, JsonObject>>;

/** The most that the attributes for one audience take, as JSON in UTF-8. */
export const MAX_ATTRIBUTE_BYTES = 4096;

/** Changes by key. `null` removes a key. */
export type AttributePatch = Readonly<Record<string, JsonValue>>;

const NONE: JsonObject = Object.freeze({});

/** The attributes that an audience sees, without those of the other. */
export function attributesFor(attributes: Attributes | null, audience: AttributeAudience): JsonObject {
  return attributes?.[audience] ?? NONE;
}

/** The attributes for one audience after a change, and what changed. */
export interface Patched {
  readonly value: JsonObject;
  /** Sorted. */
  readonly changedKeys: readonly string[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export function patched(before: JsonObject, patch: AttributePatch): Patched {
  const merged = new Map(Object.entries(before));
  const changedKeys: string[] = [];
  for (const [key, value] of Object.entries(patch)) {
    if (isSameJson(merged.get(key) ?? null, value)) continue;
    changedKeys.push(key);
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  const value = Object.freeze(Object.fromEntries(merged));
  return {
    value,
    changedKeys: changedKeys.sort(),
    bytesBefore: jsonBytes(before),
    bytesAfter: jsonBytes(value),
  };
}

/** `null` when nothing is left, as before the first attribute was set. */
export function attributesOf(members: JsonObject, operators: JsonObject): Attributes | null {
  const isEmpty = Object.keys(members).length === 0 && Object.keys(operators).length === 0;
  return isEmpty ? null : Object.freeze({ members, operators });
}

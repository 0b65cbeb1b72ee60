// Amounts and limits as callers write them: Kubernetes quantities, by resource.
import * as z from 'zod/mini';
import { quote } from '../../core/quantity/error.js';
import { parseQuantity, readQuantity, type Quantity } from '../../core/quantity/index.js';
import type { QuotaLimit } from '../../core/quota.js';

/** A plan has a handful of resources: more than this in one call is a mistake, or an attack. */
const MAX_RESOURCES = 64;

/** As a Kubernetes qualified name: letters, digits and inner `-`, `_`, `.` and `/`, as `requests.storage`. */
const resourceName = z
  .string()
  .check(
    z.maxLength(253, { abort: true }),
    z.regex(/^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$/, 'is not a resource name'),
  );

const quantityText = z.string().check(textCheck(problemOf));

/** Not a union, which would not report the position of a wrong character. */
const limitText = z.string().check(textCheck((text) => (text === 'unlimited' ? null : problemOf(text))));

const resourceCount = [
  z.refine<object>((record) => Object.keys(record).length > 0, 'must name at least one resource'),
  z.refine<object>(
    (record) => Object.keys(record).length <= MAX_RESOURCES,
    `must name at most ${MAX_RESOURCES} resources`,
  ),
];

/** A reservation of nothing would be stored, and no limit would ever refuse one. */
export const amountsSchema = z.record(resourceName, quantityText).check(
  ...resourceCount,
  z.refine<Readonly<Record<string, string>>>(
    (amounts) => Object.values(amounts).some(isNotZero) || Object.keys(amounts).length === 0,
    'must reserve more than 0 of at least one resource',
  ),
);

/** What was taken, which may be nothing. */
export const takenSchema = z.record(resourceName, quantityText).check(...resourceCount);

export const limitsSchema = z.record(resourceName, limitText).check(...resourceCount);

/** The amounts of checked strings. */
export function amountsOf(texts: Readonly<Record<string, string>>): Map<string, Quantity> {
  return new Map(Object.entries(texts).map(([resource, text]) => [resource, parseQuantity(text)]));
}

/** The limits of checked strings. */
export function limitsOfTexts(texts: Readonly<Record<string, string>>): Map<string, QuotaLimit> {
  return new Map(
    Object.entries(texts).map(([resource, text]): [string, QuotaLimit] => [
      resource,
      text === 'unlimited' ? text : parseQuantity(text),
    ]),
  );
}

function textCheck(problem: (text: string) => string | null): ReturnType<typeof z.check<string>> {
  return z.check<string>((payload) => {
    const message = problem(payload.value);
    if (message !== null) payload.issues.push({ code: 'custom', input: payload.value, message });
  });
}

/** Strings that are no quantities have a problem of their own. */
function isNotZero(text: string): boolean {
  const reading = readQuantity(text);
  return !reading.ok || reading.quantity.nano !== 0n;
}

function problemOf(text: string): string | null {
  const reading = readQuantity(text);
  if (!reading.ok)
    return `${quote(text)} is not a quantity: ${reading.reason} at position ${reading.position}`;
  return reading.quantity.nano < 0n ? `${quote(text)} is negative` : null;
}

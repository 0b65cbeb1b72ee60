// The input schemas of the quota methods. Admission is decided by the quota adapter, in one step with the charge.
import * as z from 'zod/mini';
import { opaqueIdSchema, workspaceIdSchema } from '../ids.js';
import { parseQuantity, readQuantity, type Quantity } from '../quantity.js';
import type { QuotaLimit } from '../quota.js';

/** A host's plan has a handful of resources; more than this at once is a mistake, or an attack. */
const MAX_RESOURCES = 64;
const MAX_TTL_SECONDS = 24 * 60 * 60;
const DEFAULT_TTL_SECONDS = 300;

/** As a Kubernetes qualified name: letters, digits and inner `-`, `_`, `.` and `/`, as `requests.storage`. */
const resourceName = z
  .string()
  .check(
    z.maxLength(253, { abort: true }),
    z.regex(/^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$/, 'is not the name of a resource'),
  );

const quantityText = z.string().check(textCheck(problemOf));

/** Not a union: that would not say which character is wrong. */
const limitText = z.string().check(textCheck((text) => (text === 'unlimited' ? null : problemOf(text))));

const someResources = [
  z.refine<object>((record) => Object.keys(record).length > 0, 'must name at least one resource'),
  z.refine<object>(
    (record) => Object.keys(record).length <= MAX_RESOURCES,
    `must name at most ${MAX_RESOURCES} resources`,
  ),
];

const amounts = z.record(resourceName, quantityText).check(...someResources);

const limits = z.record(resourceName, limitText).check(...someResources);

export const setQuotaInput = z.strictObject({ workspaceId: workspaceIdSchema, limits });

export const reservationInput = z.strictObject({
  workspaceId: workspaceIdSchema,
  reservationId: opaqueIdSchema,
});

export const reserveQuotaInput = z.strictObject({
  workspaceId: workspaceIdSchema,
  reservationId: opaqueIdSchema,
  amounts,
  ttlSeconds: z._default(z.int().check(z.gte(1), z.lte(MAX_TTL_SECONDS)), DEFAULT_TTL_SECONDS),
});

/** The amounts that checked texts stand for. */
export function amountsOf(texts: Readonly<Record<string, string>>): Map<string, Quantity> {
  return new Map(Object.entries(texts).map(([resource, text]) => [resource, parseQuantity(text)]));
}

/** The limits that checked texts stand for. */
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

function problemOf(text: string): string | null {
  const reading = readQuantity(text);
  if (!reading.ok)
    return `${shown(text)} is not a quantity: ${reading.problem} at position ${reading.position}`;
  return reading.quantity.nano < 0n ? `${shown(text)} is negative` : null;
}

/** What a person typed, short and in visible ASCII. */
function shown(text: string): string {
  const start = text.slice(0, 32).replace(/[^ -~]/gu, '?');
  return `'${start}${text.length > 32 ? '...' : ''}'`;
}

// The memory quota and the naive quota return equal results for random histories.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import { formatQuantity, parseQuantity } from '../../src/core/quantity/index.js';
import type { QuotaAdapter, QuotaSubject } from '../../src/ports/quota.js';
import { rounds } from '../campaign.js';
import { naiveQuota, type Fault } from './naive-quota.js';

const DEFAULTS = { cpu: '1', memory: '4Ki', pods: '10', storage: 'unlimited', gpu: '0' };
const START = Date.UTC(2026, 0, 1);
/** The naive quota deletes after exactly a day, as the port allows, so a history is shorter. */
const LONGEST_STEP = 400_000;

/** One call, the same for every quota. */
interface Call {
  readonly title: string;
  readonly ask: (quota: QuotaAdapter, now: number) => Promise<unknown>;
}

interface Step extends Call {
  /** Milliseconds after the step before; negative for a clock that is behind. */
  readonly passes: number;
  readonly [fc.toStringMethod]: () => string;
}

const subject = fc
  .constantFrom('one', 'two')
  .map((workspaceId): QuotaSubject => ({ workspaceId, kind: 'team', ownerId: 'olga' }));
const by = fc.constantFrom({ userId: 'olga' }, { userId: 'mark' }, { operator: 'olga' });
const reservationId = fc.constantFrom('a', 'b', 'c', 'd', 'constructor');
const amount = fc.constantFrom(
  '0',
  '1n',
  '0.1',
  '500m',
  '1',
  '3',
  '5',
  '1Ki',
  '0.5Ki',
  '4e3',
  '9223372036854775807',
);
const resource = fc.constantFrom('cpu', 'memory', 'pods', 'storage', 'gpu', 'zinc', '__proto__');
const amounts = fc
  .array(fc.tuple(resource, amount), { minLength: 1, maxLength: 3 })
  .map((pairs) => new Map(pairs.map(([name, text]) => [name, parseQuantity(text)] as const)));
const limits = fc
  .array(fc.tuple(resource, fc.oneof(amount, fc.constant('unlimited' as const))), {
    minLength: 1,
    maxLength: 2,
  })
  .map((pairs) => {
    return new Map(
      pairs.map(([name, text]) => [name, text === 'unlimited' ? text : parseQuantity(text)] as const),
    );
  });
const ttl = fc.constantFrom(1000, 5000, 30_000, 60_000);

const reserve = fc
  .tuple(subject, reservationId, amounts, ttl, by)
  .map(([who, id, wanted, held, actor]) =>
    call(`reserve ${id} in ${who.workspaceId} for ${held} ms: ${text(wanted)}`, (quota, now) =>
      quota.reserve(who, { reservationId: id, amounts: wanted, expiresAt: now + held, by: actor, now }),
    ),
  );
const commit = fc
  .tuple(subject, reservationId)
  .map(([who, id]) =>
    call(`commit ${id} in ${who.workspaceId}`, (quota, now) => quota.commit(who, { reservationId: id, now })),
  );
const settle = fc
  .tuple(subject, reservationId, amounts, fc.option(by), fc.boolean())
  .map(([who, id, taken, actor, onlyDecrease]) =>
    call(
      `settle ${id} in ${who.workspaceId}, ${onlyDecrease ? 'only less, ' : ''}by ${JSON.stringify(actor)}: ${text(taken)}`,
      (quota, now) =>
        quota.commit(who, {
          reservationId: id,
          amounts: taken,
          now,
          ...(actor === null ? {} : { onlyBy: actor }),
          ...(onlyDecrease ? { onlyDecrease: true as const } : {}),
        }),
    ),
  );
const resize = fc
  .tuple(subject, reservationId, amounts, fc.option(by), fc.boolean())
  .map(([who, id, taken, actor, onlyDecrease]) =>
    call(
      `resize ${id} in ${who.workspaceId}, ${onlyDecrease ? 'only less, ' : ''}by ${JSON.stringify(actor)}: ${text(taken)}`,
      (quota, now) =>
        quota.resize(who, {
          reservationId: id,
          amounts: taken,
          now,
          ...(actor === null ? {} : { onlyBy: actor }),
          ...(onlyDecrease ? { onlyDecrease: true as const } : {}),
        }),
    ),
  );
const release = fc
  .tuple(subject, reservationId, fc.option(by), fc.boolean())
  .map(([who, id, actor, onlyReserved]) =>
    call(
      `release ${id} in ${who.workspaceId}, ${onlyReserved ? 'only if reserved, ' : ''}by ${JSON.stringify(actor)}`,
      (quota, now) =>
        quota.release(who, {
          reservationId: id,
          now,
          ...(actor === null ? {} : { onlyBy: actor }),
          ...(onlyReserved ? { onlyReserved: true as const } : {}),
        }),
    ),
  );
const setLimits = fc
  .tuple(subject, limits)
  .map(([who, wanted]) =>
    call(`set limits in ${who.workspaceId}: ${text(wanted)}`, (quota, now) =>
      quota.setLimits(who, wanted, now),
    ),
  );
const report = subject.map((who) =>
  call(`report ${who.workspaceId}`, (quota, now) => quota.report(who, now)),
);
/** Rare: nothing happens in a workspace after it is forgotten. */
const forget = subject.map(({ workspaceId }) =>
  call(`forget ${workspaceId}`, (quota) => quota.forget(workspaceId)),
);

/** Coarse, so that calls often happen at the exact instant of an expiry; some clocks are behind. */
const passes = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 999, 1000, 4000, 5000) },
  { weight: 2, arbitrary: fc.constantFrom(25_000, 30_000, 60_000, LONGEST_STEP) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -1000, -30_000) },
);
const life = fc.array(
  fc
    .tuple(
      fc.oneof(
        { weight: 24, arbitrary: reserve },
        { weight: 10, arbitrary: commit },
        { weight: 10, arbitrary: settle },
        { weight: 8, arbitrary: resize },
        { weight: 12, arbitrary: release },
        { weight: 8, arbitrary: setLimits },
        { weight: 4, arbitrary: report },
        { weight: 1, arbitrary: forget },
      ),
      passes,
    )
    .map(
      ([one, milliseconds]): Step => ({
        ...one,
        passes: milliseconds,
        [fc.toStringMethod]: () => `+${milliseconds} ms: ${one.title}`,
      }),
    ),
  { maxLength: 60, size: 'max' },
);

test('Q-06 Q-08 Q-09 Q-10 Q-11 Q-12 Q-16 Q-21 Q-22 random histories: every result equals that of the naive quota', {
  timeout: 1_200_000,
}, async () => {
  await fc.assert(sameAnswers(), { numRuns: rounds(500, 20_000) });
});

for (const fault of [
  'refuses equality',
  'holds by the clock of the caller',
  'expires a moment late',
  'commits whatever has expired',
  'refuses commits over the limit',
  'forgets forgetting',
  'keeps the rest',
  'settles above the limit',
  'settles again with other amounts',
  'resizes above the limit',
] satisfies Fault[]) {
  test(`Q-06 random histories alone detect a faulty quota: ${fault}`, async () => {
    // A fixed seed: detecting a rare fault must not depend on chance.
    const found = await fc.check(sameAnswers(fault), { seed: 1, numRuns: 3000, endOnFailure: true });
    expect(found.failed).toBe(true);
  });
}

function sameAnswers(fault?: Fault) {
  return fc.asyncProperty(life, async (steps) => {
    const real = memoryQuota({ defaults: DEFAULTS });
    const naive = naiveQuota(DEFAULTS, fault);
    let now = START;
    for (const { title, passes: milliseconds, ask } of steps) {
      now += milliseconds;
      assert.deepEqual(await ask(real, now), await ask(naive, now), title);
    }
  });
}

function call(title: string, ask: Call['ask']): Call {
  return { title, ask };
}

function text(quantities: ReadonlyMap<string, ReturnType<typeof parseQuantity> | 'unlimited'>): string {
  return [...quantities]
    .map(([name, value]) => `${name} ${value === 'unlimited' ? value : formatQuantity(value)}`)
    .join(', ');
}

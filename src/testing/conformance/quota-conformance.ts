// The conformance suite for quota adapters, under the test runner of the adapter's author.
import { admissionCases } from './quota-admission.js';
import { limitCases } from './quota-limits.js';
import { quotaRaceCases } from './quota-races.js';
import { reservationCases } from './quota-reservations.js';
import { resizeCases } from './quota-resizes.js';
import { settlementCases } from './quota-settlement.js';
import { DEFAULTS, type QuotaConformanceOptions, type RegisterQuotaCase } from './quota-suite.js';

/**
 * Registers the test cases that every quota adapter must pass. Each title begins with the number of the rule that it
 * proves:
 *
 * - default limits apply from the first call;
 * - a limit can be reached and is never exceeded, by any number of parallel calls;
 * - Q-08 committing a reservation keeps the total, releasing it or its expiry lowers the total;
 * - Q-09 every call can be repeated;
 * - Q-10 a late commit is admitted only if it still fits;
 * - Q-11 limits can be lowered below the current use;
 * - Q-12 a denial lists every resource that falls short;
 * - Q-16 a forgotten workspace stays forgotten;
 * - Q-17 what is used is reported after a plan stopped naming its resource, if `changeDefaults` is given;
 * - Q-21 settling returns what was not taken, and admits what exceeds the reservation only if it fits;
 * - Q-22 resizing charges the difference to the current amounts, in one step.
 *
 * Time is passed in, so no case waits.
 *
 * @example
 * ```ts
 * import test from 'node:test';
 * import { memoryQuota } from 'tenantry/memory';
 * import { quotaConformance } from 'tenantry/testing';
 *
 * quotaConformance({
 *   test: (title, run) => void test(title, run),
 *   createQuota: (defaults) => Promise.resolve({ quota: memoryQuota({ defaults }) }),
 * });
 * ```
 */
export function quotaConformance({ test, createQuota }: QuotaConformanceOptions): void {
  const register: RegisterQuotaCase = (title, run) => {
    test(title, async () => {
      const { quota, connect, changeDefaults, close } = await createQuota(DEFAULTS);
      const adapters = async (count: number) => {
        const connected = connect === undefined ? [] : await Promise.all([connect(), connect(), connect()]);
        const all = [quota, ...connected];
        return Array.from({ length: count }, (_, number) => all[number % all.length] ?? quota);
      };
      try {
        await run({ quota, adapters, changeDefaults });
      } finally {
        await close?.();
      }
    });
  };

  admissionCases(register);
  quotaRaceCases(register);
  reservationCases(register);
  settlementCases(register);
  resizeCases(register);
  limitCases(register);
}

// The conformance suite of quota adapters: the same cases for every adapter, under the runner of its author.
import { admissionCases } from './quota-admission.js';
import { limitCases } from './quota-limits.js';
import { quotaRaceCases } from './quota-races.js';
import { reservationCases } from './quota-reservations.js';
import { DEFAULTS, type QuotaConformanceOptions, type RegisterQuotaCase } from './quota-suite.js';

/**
 * Registers the cases that every quota adapter must pass, each named by the rule that it proves: the limit is met and
 * never passed, by any number of parallel calls, the total stands still when a reservation is committed and
 * falls back when it is released or expires, calls may be sent again, late commits are admitted anew or not
 * at all, limits may be lowered below use, denials are complete, defaults hold from the first
 * instant, and a forgotten workspace is gone for ever. Time is passed in: no case waits.
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
      const { quota, connect, close } = await createQuota(DEFAULTS);
      const adapters = async (count: number) => {
        const connected = connect === undefined ? [] : await Promise.all([connect(), connect(), connect()]);
        const all = [quota, ...connected];
        return Array.from({ length: count }, (_, number) => all[number % all.length] ?? quota);
      };
      try {
        await run({ quota, adapters });
      } finally {
        await close?.();
      }
    });
  };

  admissionCases(register);
  quotaRaceCases(register);
  reservationCases(register);
  limitCases(register);
}

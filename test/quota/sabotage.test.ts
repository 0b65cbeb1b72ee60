// The quota suite can fail: an adapter with any one fault fails it, and the same adapter without faults passes.
import { expect, test } from 'vitest';
import { quotaConformance } from '../../src/testing/index.js';
import { naiveQuota, type Fault } from './naive-quota.js';

/** The cases that must fail. */
const faults: Readonly<Record<Fault, RegExp>> = {
  'reads, then writes': /^Q-07 1,000/,
  'refuses equality': /^Q-06/,
  'charges again': /^Q-09/,
  'ignores other amounts': /^Q-09/,
  'admits in part': /^Q-06/,
  'expires by a sweep': /^Q-08/,
  'expires a moment late': /^Q-08/,
  'holds by the clock of the caller': /^Q-06/,
  'releases below zero': /^Q-09/,
  'releases for anybody': /^Q-09/,
  'releases what is committed': /^Q-09/,
  'takes operators for users': /^Q-09/,
  'commits in two steps': /^Q-08.*every instant/,
  'commits whatever has expired': /^Q-10/,
  'forgets what has expired': /^Q-10/,
  'refuses commits over the limit': /^Q-11/,
  'refuses lower limits': /^Q-11/,
  'calls the same limits changed': /^Q-11/,
  'counts what is asked for at zero': /^Q-11/,
  'keeps what was released too late': /^Q-09/,
  'forgets forgetting': /^Q-16/,
  'is brought back by a call under way': /^Q-16.*in parallel/,
  'forgets only what it has seen': /^Q-16.*before its first call/,
  'shares workspaces': /^Q-06/,
  'starts without limits': /^Q-14/,
  'lets unlisted resources in': /^Q-05/,
  'names one shortfall': /^Q-12/,
  'leaves shortfalls unsorted': /^Q-12/,
  'prints amounts as they came': /^Q-12/,
  'counts in floats': /^Q-06/,
  'never says that is too much': /^Q-06/,
  'forgets what no plan names': /^Q-17/,
  'keeps the rest': /^Q-21/,
  'settles above the limit': /^Q-21/,
  'settles in part': /^Q-21/,
  'refuses less above the limit': /^Q-21/,
  'settles again with other amounts': /^Q-21/,
  'settles late as reserved': /^Q-21/,
  'forgets what was reserved': /^Q-21/,
  'settles for anybody': /^Q-21/,
  'settles more while suspended': /^Q-21/,
  'resizes from the reserved amounts': /^Q-22/,
  'resizes above the limit': /^Q-22/,
  'resizes in part': /^Q-22/,
  'refuses smaller above the limit': /^Q-22/,
  'resizes in two steps': /^Q-22.*every instant/,
  'resizes what is only reserved': /^Q-22/,
  'resizes for anybody': /^Q-22/,
  'calls the same size changed': /^Q-22/,
};

test('Q-06 a quota without faults passes the suite', async () => {
  expect(await failedCases(undefined, /./)).toEqual([]);
});

for (const fault of Object.keys(faults).filter(isFault)) {
  const [rule] = /Q-\d\d/.exec(faults[fault].source) ?? [];
  test(`${rule} a sabotaged quota fails the suite: ${fault}`, async () => {
    expect(await failedCases(fault, faults[fault])).not.toEqual([]);
  });
}

async function failedCases(fault: Fault | undefined, cases: RegExp): Promise<string[]> {
  const registered: [string, () => Promise<void>][] = [];
  quotaConformance({
    test: (title, run) => registered.push([title, run]),
    createQuota: (defaults) => {
      const quota = naiveQuota(defaults, fault);
      const changeDefaults = (changed: Readonly<Record<string, string>>) => {
        quota.changeDefaults(changed);
        return Promise.resolve(quota);
      };
      return Promise.resolve({ quota, changeDefaults });
    },
  });
  const failed: string[] = [];
  for (const [title, run] of registered.filter(([title]) => cases.test(title))) {
    await run().catch(() => failed.push(title));
  }
  return failed;
}

function isFault(name: string): name is Fault {
  return name in faults;
}

// The conformance suite can fail: each storage with one fault does not pass it, and the same storage without one does.
import { expect, test } from 'vitest';
import { storageConformance } from '../../src/testing/index.js';
import { naiveStorage, type Fault } from './naive-storage.js';

/** Which cases must notice. */
const faults: Readonly<Record<Fault, RegExp>> = {
  'no version check': /^S-02/,
  'no unique keys': /^S-05/,
  'no transaction': /^S-01/,
  'events outside the transaction': /^S-01/,
  'aliased records': /^S-03/,
  'ignores the workspace': /^T-02/,
  'keeps rows of deleted workspaces': /^W-06/,
  'gives ids out again': /^W-06/,
  'skips items of equal times': /^T-13/,
  'ignores the order': /^T-13.*newest first/,
  'turns a page of the oldest around': /^T-13.*newest first/,
  'sorts newest first and seeks as oldest first': /^T-13.*newest first/,
  'seconds instead of milliseconds': /^S-04/,
  'folds the case of ids': /^S-04/,
};

test('S-02 a storage without faults passes the suite', async () => {
  expect(await failedCases(undefined, /./)).toEqual([]);
});

for (const fault of Object.keys(faults).filter(isFault)) {
  test(`S-02 a sabotaged storage fails the suite: ${fault}`, async () => {
    expect(await failedCases(fault, faults[fault])).not.toEqual([]);
  });
}

test('S-10 the interleavings alone find a storage that does not compare versions', async () => {
  expect(
    await failedCases('no version check', /^S-10.*(Mark leaves|Olga hands the team to Mark)/),
  ).not.toEqual([]);
});

async function failedCases(fault: Fault | undefined, cases: RegExp): Promise<string[]> {
  const registered: [string, () => Promise<void>][] = [];
  storageConformance({
    test: (title, run) => registered.push([title, run]),
    createStorage: () => Promise.resolve({ storage: naiveStorage(fault) }),
    capabilities: { sharedData: false, exclusive: false },
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

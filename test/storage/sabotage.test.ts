// The conformance suite can fail: a storage with any one fault fails it, and the same storage without faults passes.
import { expect, test } from 'vitest';
import { storageConformance } from '../../src/testing/index.js';
import { staleFields, type Fault, type StaleField } from './faults.js';
import { naiveStorage } from './naive-storage.js';

/** The cases that must fail. */
const faults: Readonly<Record<Exclude<Fault, StaleField>, RegExp>> = {
  'no version check': /^S-02/,
  'erases no event': /^A-10/,
  'erases events by their version alone': /^A-10/,
  'lists events that name others': /^A-10/,
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
  'updates members by their user alone': /^T-02.*: member\.update/,
  'deletes members by their user alone': /^T-02.*: member\.delete/,
  'updates invitations by their id alone': /^T-02.*: invitation\.update/,
  'empties all workspaces with the one that is deleted': /^T-02.*: workspace\.delete/,
  'does not delete members': /^S-01 a deleted member/,
  'forgets by which invitation a member came': /^S-04 milliseconds/,
  'forgets addresses': /^S-04 a read set/,
  'forgets open links': /^S-04 a read set/,
  'forgets departures': /^S-04 a read set/,
  'lets updates take a key': /^S-05 a taken/,
  'calls a key that an update takes a conflict': /^S-05 a taken/,
  'calls a key that an update takes an id': /^S-05 of 20/,
  'looks for a name under the former owner': /^S-05.*transferred/,
  'lists members with an account of anybody': /^T-13/,
  'lists workspaces with one of anybody': /^T-13/,
  'lists what has ended as open': /^T-13/,
  'lists what has expired as open': /^T-13/,
  'lists members of every role': /^T-13.*role/,
  'lists members of every directory': /^T-13.*directory/,
  'forgets by which directory a member is managed': /^S-04/,
  'reads the first of a list': /^S-04 a read set/,
  'drops a recipient': /^T-13.*received/,
  'lists what has ended for a recipient': /^T-13.*received/,
  'lists what has expired for a recipient': /^T-13.*received/,
  'lists what is for others': /^T-13.*received/,
  'lists invitations with a workspace of anybody': /^T-13.*received/,
  'lists invitations with an issuer of anybody': /^T-13.*received/,
  'ignores a prefix': /^T-13 accounts/,
  'finds accounts of any status': /^T-13 accounts/,
  'finds what others own': /^T-13 workspaces/,
  'finds either kind': /^T-13 workspaces/,
  'finds what is suspended as active': /^T-13 workspaces/,
  'lists what is deleted': /^T-13 a user/,
  'never lists what is deleted': /^T-13 a user/,
  'lists invitations to what is deleted': /^T-13.*received/,
  'purges before the grace period is over': /^T-13 deleted/,
};

// Its arrays grow with every interleaving, so it takes a minute on a busy machine.
test('S-02 a storage without faults passes the suite', { timeout: 240_000 }, async () => {
  expect(await failedCases(undefined, /./)).toEqual([]);
});

for (const fault of Object.keys(faults).filter(isFault)) {
  test(`S-02 a sabotaged storage fails the suite: ${fault}`, async () => {
    expect(await failedCases(fault, faults[fault])).not.toEqual([]);
  });
}

test.each(staleFields)('S-02 a sabotaged storage fails the suite: %s', async (fault) => {
  expect(await failedCases(fault, /^S-01 every read returns /)).not.toEqual([]);
});

test('S-10 the interleavings alone detect a storage that does not compare versions', async () => {
  expect(
    await failedCases('no version check', /^S-10.*(Mia leaves|Ada transfers the team to Mia)/),
  ).not.toEqual([]);
});

test.each([
  'member.update keeps role',
  'workspace.update keeps ownerId',
  'invitation.update keeps uses',
] as const)('S-10 the commands alone find a storage whose %s, in whatever order they come', async (fault) => {
  expect(
    await failedCases(fault, /^S-10.*Ada transfers the team to Mia \| Sam accepts the unlimited/),
  ).not.toEqual([]);
  expect(
    await failedCases(fault, /^S-08.*(Ada transfers the team to Mia|accepts the unlimited)/),
  ).not.toEqual([]);
});

async function failedCases(fault: Fault | undefined, cases: RegExp): Promise<string[]> {
  const registered: [string, () => Promise<void>][] = [];
  storageConformance({
    test: (title, run) => registered.push([title, run]),
    createStorage: () => Promise.resolve({ storage: naiveStorage(fault) }),
    capabilities: { sharedData: false, locks: false },
  });
  const failed: string[] = [];
  for (const [title, run] of registered.filter(([title]) => cases.test(title))) {
    await run().catch(() => failed.push(title));
  }
  return failed;
}

function isFault(name: string): name is keyof typeof faults {
  return name in faults;
}

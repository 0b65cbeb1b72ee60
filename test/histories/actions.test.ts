// The list of commands that the conformance suite interleaves: which methods they call, and that each meets each.
import { expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { commandSchemas, type CommandName, type MethodName, type WorkspaceService } from '../../src/index.js';
import { actions, triples, type Action } from '../../src/testing/actions.js';
import { storageConformance } from '../../src/testing/index.js';
import { processService, putScenario } from '../../src/testing/scenario.js';

/** It leaves nothing behind by which one order of steps could differ from another. */
const READS = 'reads';
/** It writes no record: what is charged is with the quota, whose own suite has its races. */
const CHARGES = 'charges';

/** By how many actions a method is called, or why by none. A method without a line here does not compile. */
const calls: {
  readonly [Name in MethodName]: Name extends `${string}Quota`
    ? typeof CHARGES
    : Name extends CommandName
      ? number
      : typeof READS;
} = {
  openAccount: 1,
  renameAccount: 1,
  createWorkspace: 3,
  renameWorkspace: 1,
  deleteWorkspace: 1,
  transferOwnership: 2,
  inviteMember: 2,
  reissueInvitation: 1,
  revokeInvitation: 1,
  previewInvitation: READS,
  acceptInvitation: 4,
  declineInvitation: 1,
  changeRole: 2,
  removeMember: 2,
  leaveWorkspace: 1,
  switchWorkspace: 1,
  verifySession: READS,
  getWorkspace: READS,
  getMembership: READS,
  listWorkspaces: READS,
  listMembers: READS,
  listInvitations: READS,
  listEvents: READS,
  listAccountEvents: READS,
  can: READS,
  authorize: READS,
  explain: READS,
  setQuota: CHARGES,
  getQuota: CHARGES,
  reserveQuota: CHARGES,
  commitQuota: CHARGES,
  releaseQuota: CHARGES,
  withQuota: CHARGES,
};

test('S-08 S-10 there is an action for every command that writes records, and none is lost', async () => {
  const called: string[] = [];
  for (const action of actions) called.push(await methodOf(action));
  const expected = Object.entries(calls).flatMap(([method, times]) =>
    Array.from({ length: typeof times === 'number' ? times : 0 }, () => method),
  );
  expect(Object.keys(calls).sort()).toEqual(Object.keys(commandSchemas).sort());
  expect(called.sort()).toEqual(expected.sort());
});

test('S-10 the suite has every two actions, an action and itself too, and the triples', () => {
  const titles = registered().map((title) => title.split(': ').at(-1) ?? '');
  const together = titles.filter((title) => title.includes(' | ')).map((title) => title.split(' | ').sort());
  const twos = actions.flatMap((one, place) =>
    actions.slice(place).map((other) => [one.title, other.title].sort()),
  );
  expect(together.filter(({ length }) => length === 2).sort()).toEqual(twos.sort());
  expect(together.filter(({ length }) => length > 2)).toHaveLength(triples.length);
  expect(triples).toHaveLength(6);
});

test('S-08 the suite loses the answer of every action', () => {
  const lost = registered().filter((title) => title.startsWith('S-08'));
  expect(lost.map((title) => title.split(': ').at(-1))).toEqual(actions.map(({ title }) => title));
});

/** The one method that an action calls, on a scenario in which it has something to do. */
async function methodOf(action: Action): Promise<string> {
  const storage = memoryStorage();
  const scenario = await putScenario(storage, 'r00000');
  const called: string[] = [];
  const workspaces = recorded(processService(storage, scenario.prefix, 0), (name) => called.push(name));
  await action.run(workspaces, scenario);
  expect(called, action.title).toHaveLength(1);
  return called[0] ?? '';
}

function recorded(workspaces: WorkspaceService, tell: (name: string) => void): WorkspaceService {
  return new Proxy(workspaces, {
    get(service, name) {
      const member: unknown = Reflect.get(service, name);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): unknown => {
        tell(String(name));
        return Reflect.apply(member, service, args);
      };
    },
  });
}

function registered(): string[] {
  const titles: string[] = [];
  storageConformance({
    test: (title) => titles.push(title),
    createStorage: () => Promise.resolve({ storage: memoryStorage() }),
    capabilities: { sharedData: false, exclusive: false },
  });
  return titles;
}

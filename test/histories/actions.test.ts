// The actions that the conformance suite interleaves: every command of the registry has one, and each meets each.
import { expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { commands } from '../../src/commands/index.js';
import type { WorkspaceService } from '../../src/index.js';
import { actionByAda, actions, triples, type Action } from '../../src/testing/actions.js';
import { storageConformance } from '../../src/testing/index.js';
import { processService, putScenario } from '../../src/testing/scenario.js';

test.each(Object.keys(commands))('S-08 S-10 there is an action for the command %s', (command) => {
  expect(actions.map((action) => action.command)).toContain(command);
});

test.each(actions.map((action) => [action.title, action] as const))(
  'S-08 S-10 the action "%s" calls its command once, and nothing else',
  async (_, action) => {
    expect(await methodsOf(action)).toEqual([action.command]);
  },
);

test.each(['renameWorkspace', 'changeRole', 'removeMember', 'revokeInvitation', 'createWorkspace'] as const)(
  'S-08 S-10 a command that is not listed is called with the records of the scenario: %s',
  async (name) => {
    const action = { command: name, ...actionByAda(commands[name]) };
    expect(await methodsOf(action)).toEqual([name]);
  },
);

test('S-10 the suite interleaves every two actions, each action with itself, and the triples, but no two long ones', () => {
  const titles = registered().map((title) => title.split(': ').at(-1) ?? '');
  const together = titles.filter((title) => title.includes(' | ')).map((title) => title.split(' | ').sort());
  const twos = actions.flatMap((a, index) =>
    actions
      .slice(index)
      .filter((b) => !(a.isLong && b.isLong))
      .map((b) => [a.title, b.title].sort()),
  );
  expect(together.filter(({ length }) => length === 2).sort()).toEqual(twos.sort());
  expect(together.filter(({ length }) => length > 2)).toHaveLength(triples.length);
  expect(triples).toHaveLength(8);
});

test('S-08 the suite loses the acknowledgement of every action', () => {
  const lost = registered().filter((title) => title.startsWith('S-08'));
  expect(lost.map((title) => title.split(': ').at(-1))).toEqual(actions.map(({ title }) => title));
});

/** The methods that an action calls, on a scenario in which it can succeed. */
async function methodsOf(action: Action): Promise<string[]> {
  const storage = memoryStorage();
  const scenario = await putScenario(storage, 'r00000');
  const called: string[] = [];
  const workspaces = recorded(
    processService(storage, { ...scenario, process: 0, options: action.options }),
    (name) => called.push(name),
  );
  await action.run(workspaces, scenario);
  return called;
}

function recorded(workspaces: WorkspaceService, record: (name: string) => void): WorkspaceService {
  return new Proxy(workspaces, {
    get(service, name) {
      const member: unknown = Reflect.get(service, name);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): unknown => {
        record(String(name));
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
    capabilities: { sharedData: false, locks: false },
  });
  return titles;
}

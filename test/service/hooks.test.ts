// The effects of each command besides records: its events, listeners and before-hooks.
import { describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { isWorkspaceError, type HookContext, type TenantryEvent, type CommandName } from '../../src/index.js';
import { acts, commandNames, createScene } from '../acts.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { failingStorage, interruptedStorage } from './interleaved-storage.js';
import {
  ada,
  createTeam,
  dev,
  everyItem,
  mia,
  openAccounts,
  outcome,
  refusal,
  root,
  sam,
  serviceOn,
  type Team,
} from './team.js';

/** Every event that operators can read, of every workspace and account that ever existed. */
async function trail({
  workspaces,
  storage,
}: Pick<Team, 'workspaces' | 'storage'>): Promise<TenantryEvent[]> {
  const { accounts, workspaces: rooms, tombstones } = storage.dump();
  const events: TenantryEvent[] = [];
  for (const workspaceId of [...rooms.map(({ id }) => id), ...tombstones]) {
    events.push(...(await everyItem((cursor) => workspaces.listEvents(root, { workspaceId, cursor }))));
  }
  for (const { userId } of accounts) {
    events.push(...(await everyItem((cursor) => workspaces.listAccountEvents(root, { userId, cursor }))));
  }
  return events;
}

function without(events: readonly TenantryEvent[], earlier: readonly TenantryEvent[]): TenantryEvent[] {
  const ids = new Set(earlier.map(({ id }) => id));
  return events.filter(({ id }) => !ids.has(id));
}

function subjectOf(event: TenantryEvent): string {
  return 'workspaceId' in event ? event.workspaceId : event.userId;
}

/** The rules that the entry of a command proves, and its name. */
const titled = commandNames.map(
  (name) => [(acts[name].rules ?? []).map((rule) => `${rule} `).join(''), name] as const,
);

describe('T-09 the events of each command', () => {
  test.each(titled)('%sT-09 %s emits events with actor, place, change and time', async (_, name) => {
    const scene = await createScene();
    const before = await trail(scene);
    const heard: TenantryEvent[] = [];
    scene.workspaces.on('*', (event) => heard.push(event));
    await acts[name].run(scene);
    // Quota changes are emitted, and stored only by an app that listens.
    const left = [...without(await trail(scene), before), ...heard.filter((event) => !('version' in event))];
    expect(left.map(({ type }) => type).sort()).toEqual([...acts[name].events].sort());
    for (const event of left) {
      expect(event.actor).toEqual(acts[name].actor);
      expect(event.at).toEqual(new Date(scene.clock.now()));
      expect(subjectOf(event)).not.toBe('');
      // Plain data: it can be sent to a worker or a queue.
      expect(structuredClone(event)).toEqual(event);
    }
    // A storage keeps plain JSON, with instants as strings.
    const { events: stored } = scene.storage.dump();
    expect(JSON.parse(JSON.stringify(stored))).toEqual(stored);
    const ids = [...before, ...left].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(commandNames.filter((name) => acts[name].idle !== undefined))(
    'T-09 %s without a change emits no event',
    async (name) => {
      const scene = await createScene();
      await acts[name].run(scene);
      const before = await scene.kept();
      const heard: string[] = [];
      scene.workspaces.on('*', ({ type }) => heard.push(type));
      scene.clock.advance(1_000);
      await acts[name].idle?.(scene);
      expect(await scene.kept()).toEqual(before);
      expect(heard).toEqual([]);
    },
  );

  test.each(commandNames)('T-09 a refused %s changes nothing in storage', async (name) => {
    const scene = await createScene();
    const heard: string[] = [];
    scene.workspaces.on('*', ({ type }) => heard.push(type));
    const before = await scene.kept();
    expect(await outcome(acts[name].refused(scene))).not.toBe('ok');
    expect(await scene.kept()).toEqual(before);
    expect(heard).toEqual([]);
  });

  test('T-09 per workspace (version, index) has no gaps, ascends, and ends at the version of the workspace', async () => {
    const scene = await createScene();
    const { workspaces, workspaceId, storage } = scene;
    // They end what the others need.
    const last: readonly CommandName[] = ['transferOwnership', 'suspendWorkspace', 'deleteWorkspace'];
    for (const name of commandNames) {
      if (!last.includes(name)) await outcome(acts[name].run(scene));
    }
    await acts.transferOwnership.run(scene);
    await acts.suspendWorkspace.run(scene);
    for (const { id, version: last } of storage.dump().workspaces) {
      const events = await everyItem((cursor) => workspaces.listEvents(root, { workspaceId: id, cursor }));
      let [version, index] = [0, 0];
      for (const event of events) {
        const next = event.version === version ? [version, index + 1] : [version + 1, 0];
        expect([event.version, event.index]).toEqual(next);
        [version, index] = [event.version, event.index];
      }
      expect(version).toBe(last);
    }
    await workspaces.deleteWorkspace(mia, { workspaceId });
    const events = await everyItem((cursor) => workspaces.listEvents(root, { workspaceId, cursor }));
    expect(events.at(-1)).toMatchObject({
      type: 'workspace.deleted',
      index: 0,
      version: (events.at(-2)?.version ?? 0) + 1,
    });
  });

  test("T-09 events of an operator's calls contain the operator's name", async () => {
    const scene = await createScene();
    const before = await trail(scene);
    await scene.workspaces.removeMember(root, { workspaceId: scene.workspaceId, userId: 'dev' });
    expect(without(await trail(scene), before)).toMatchObject([{ type: 'member.removed', actor: root }]);
  });

  test("T-09 no event contains the actor's e-mail address", async () => {
    const scene = await createScene();
    const actor = { userId: 'mia', email: 'mia@example.org', emailVerified: true };
    await scene.workspaces.removeMember(actor, { workspaceId: scene.workspaceId, userId: 'dev' });
    expect(JSON.stringify(await trail(scene))).not.toContain('example.org');
  });
});

describe('T-10 before-hooks', () => {
  test.each(commandNames)(
    'T-10 a hook before %s vetoes by throwing or rejecting, and nothing changes',
    async (name) => {
      const scene = await createScene();
      const before = await scene.kept();
      const cause = new Error('not today');
      const hooks = [
        (): void => {
          throw cause;
        },
        (): Promise<void> => Promise.reject(cause),
      ];
      for (const hook of hooks) {
        const undo = scene.workspaces.before(name, hook);
        const vetoed = await refusal(acts[name].run(scene));
        expect([vetoed.code, vetoed.details, vetoed.cause]).toEqual(['VETOED', { command: name }, cause]);
        expect(vetoed.retryable).toBe(false);
        expect(await scene.kept()).toEqual(before);
        undo();
      }
      expect(await outcome(acts[name].run(scene))).toBe('ok');
    },
  );

  test.each(commandNames)(
    'T-10 a hook before %s receives the command, the actor and the input, and cannot change them',
    async (name) => {
      const [plain, hooked] = [await createScene(), await createScene()];
      const told: HookContext[] = [];
      const altered: string[] = [];
      hooked.workspaces.before(name, (context) => {
        told.push(context);
        for (const part of [context, context.actor, context.input, ...objectsIn(context.input)]) {
          for (const key of [...Object.keys(part), 'role', 'extra']) {
            const own = Object.hasOwn(part, key);
            if (Reflect.set(part, key, 'owner') || (own && Reflect.deleteProperty(part, key)))
              altered.push(key);
          }
        }
      });
      await acts[name].run(plain);
      await acts[name].run(hooked);
      expect(told).toMatchObject([{ command: name, actor: acts[name].actor }]);
      expect(altered).toEqual([]);
      expect(await hooked.kept()).toEqual(await plain.kept());
    },
  );

  test.each(['acceptInvitation', 'declineInvitation'] as const)(
    'T-10 a hook before %s receives the id of the invitation that the token names',
    async (name) => {
      const scene = await createScene();
      const told: HookContext[] = [];
      scene.workspaces.before(name, (context) => void told.push(context));
      await acts[name].run(scene);
      const { workspaceId, id: invitationId } = scene.forSam.invitation;
      expect(told).toEqual([{ command: name, actor: sam, input: { workspaceId, invitationId } }]);
    },
  );

  test.each(commandNames)(
    'T-10 a hook before %s never receives a token, a secret or its hash',
    async (name) => {
      const scene = await createScene();
      const told: string[] = [];
      for (const command of commandNames) {
        scene.workspaces.before(command, (context) => void told.push(JSON.stringify(context)));
      }
      const answer = await acts[name].run(scene);
      expect(told).toHaveLength(1);
      const secrets = [scene.forSam.token, scene.link.token, 'secret', 'eyJ'];
      if (typeof answer === 'object' && answer !== null && 'token' in answer)
        secrets.push(String(answer.token));
      for (const { secretHash } of scene.storage.dump().invitations) secrets.push(secretHash);
      for (const secret of secrets) expect(told.join()).not.toContain(secret);
    },
  );

  test('T-10 hooks run in order until the first veto, and each is removed separately', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const asked: string[] = [];
    const hook = (): void => void asked.push('same');
    const undo = [
      workspaces.before('renameWorkspace', async () => {
        await Promise.resolve();
        asked.push('first');
      }),
      workspaces.before('renameWorkspace', hook),
      workspaces.before('renameWorkspace', hook),
      workspaces.before('deleteWorkspace', () => void asked.push('other command')),
    ];
    const rename = (name: string) => outcome(workspaces.renameWorkspace(ada, { workspaceId, name }));
    await rename('One');
    expect(asked).toEqual(['first', 'same', 'same']);
    undo[1]?.();
    undo[1]?.();
    workspaces.before('renameWorkspace', () => {
      asked.push('veto');
      throw new Error('no');
    });
    workspaces.before('renameWorkspace', () => void asked.push('never'));
    asked.length = 0;
    expect(await rename('Two')).toBe('VETOED');
    expect(asked).toEqual(['first', 'same', 'veto']);
  });

  test('T-10 hooks run once and with validated input only, even if the command is retried after a lost race', async () => {
    const { workspaces, storage, workspaceId } = await createTeam();
    const rival = () => workspaces.renameWorkspace(ada, { workspaceId, name: 'Rival' });
    const late = serviceOn(interruptedStorage(storage, rival));
    const told: unknown[] = [];
    late.before('renameWorkspace', ({ input }) => void told.push(input));
    expect(await outcome(late.renameWorkspace(ada, { workspaceId, name: '' }))).toBe('INVALID_INPUT');
    expect(told).toEqual([]);
    await late.renameWorkspace(ada, { workspaceId, name: ' Mine ' });
    expect(told).toEqual([{ workspaceId, name: 'Mine' }]);
  });

  test('T-10 a hook that never settles blocks no other caller, and may call the service itself', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const undo = workspaces.before('renameWorkspace', () => new Promise<void>(() => undefined));
    void workspaces.renameWorkspace(ada, { workspaceId, name: 'Never' });
    await workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' });
    undo();
    workspaces.before('renameWorkspace', async ({ actor }) => {
      await workspaces.authorize(actor, { workspaceId, permission: 'workspace:rename' });
      await workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'developer' });
    });
    const renamed = await workspaces.renameWorkspace(ada, { workspaceId, name: 'Renamed' });
    expect(renamed.name).toBe('Renamed');
    expect(await workspaces.can(dev, { workspaceId, permission: 'resource:create' })).toBe(false);
  });

  test('T-10 removing oneself runs the hooks of removeMember and of leaveWorkspace once each, and either may veto', async () => {
    const { workspaces, storage, workspaceId } = await createTeam();
    const self = { workspaceId, userId: 'dev' };
    const asked: HookContext[] = [];
    workspaces.before('removeMember', (context) => void asked.push(context));
    workspaces.before('leaveWorkspace', (context) => void asked.push(context));
    const before = storage.dump();
    for (const command of ['removeMember', 'leaveWorkspace'] as const) {
      const undo = workspaces.before(command, () => {
        throw new Error('stay');
      });
      const { code, details } = await refusal(workspaces.removeMember(dev, self));
      expect([code, details]).toEqual(['VETOED', { command }]);
      undo();
    }
    expect(storage.dump()).toEqual(before);
    asked.length = 0;
    await workspaces.removeMember(dev, self);
    expect(asked).toEqual([
      { command: 'removeMember', actor: dev, input: self },
      { command: 'leaveWorkspace', actor: dev, input: { workspaceId } },
    ]);
  });

  test('T-10 removing another member runs no leaveWorkspace hook, for a member or an operator', async () => {
    const { workspaces, workspaceId } = await createTeam();
    workspaces.before('leaveWorkspace', () => {
      throw new Error('stay');
    });
    await workspaces.removeMember(mia, { workspaceId, userId: 'dev' });
    await workspaces.removeMember({ operator: 'mia' }, { workspaceId, userId: 'mia' });
    expect((await workspaces.getWorkspace(ada, { workspaceId })).memberCount).toBe(1);
  });

  test('T-10 the cause of a veto is the thrown value, whatever it is', async () => {
    const { workspaces, workspaceId } = await createTeam();
    for (const cause of [undefined, null, 'no', 0, { code: 'PERMISSION_DENIED' }]) {
      const undo = workspaces.before('leaveWorkspace', () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- an app may throw anything
        throw cause;
      });
      const vetoed = await refusal(workspaces.leaveWorkspace(dev, { workspaceId }));
      expect([vetoed.code, vetoed.cause]).toEqual(['VETOED', cause]);
      undo();
    }
  });
});

describe('T-10 listeners', () => {
  test('T-10 listeners run after the commit: the change is already visible', async () => {
    const { workspaces, storage } = createTestWorkspaces();
    const stored: boolean[] = [];
    workspaces.on('*', (event) => {
      stored.push(storage.dump().events.some(({ id }) => id === event.id));
    });
    await openAccounts(workspaces, 'ada');
    await workspaces.createWorkspace(ada, { name: 'Core' });
    expect(stored).toEqual([true, true, true]);
  });

  test.each(['before', 'after'] as const)(
    'T-10 listeners receive nothing from a commit that failed %s it was applied',
    async (when) => {
      const workspaces = serviceOn(failingStorage(memoryStorage(), { call: 1, when }));
      const heard: string[] = [];
      workspaces.on('*', ({ type }) => heard.push(type));
      const opened = await refusal(workspaces.openAccount({ userId: 'ada', username: 'ada' }));
      expect(isWorkspaceError(opened, 'UNAVAILABLE')).toBe(true);
      expect(heard).toEqual([]);
    },
  );

  const broken: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error("a listener's fault");
      },
    ],
    ['rejects', () => Promise.reject(new Error("a listener's fault"))],
    ['never settles', () => new Promise(() => undefined)],
    [
      'returns a thenable that throws',
      () => ({
        then: () => {
          throw new Error("a listener's fault");
        },
      }),
    ],
  ];

  test.each(broken)(
    'T-10 a listener that %s changes neither the result nor the other listeners',
    async (name, listener) => {
      const faults: [unknown, TenantryEvent][] = [];
      const onListenerError = (error: unknown, event: TenantryEvent): never => {
        faults.push([error, event]);
        throw new Error('the handler fails as well');
      };
      const { workspaces } = createTestWorkspaces({ onListenerError });
      const heard: string[] = [];
      workspaces.on('account.opened', listener);
      workspaces.on('*', listener);
      workspaces.on('*', ({ type }) => heard.push(type));
      workspaces.on('account.opened', ({ type }) => heard.push(`${type} alone`));
      const { account } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
      expect(account.username).toBe('ada');
      expect([...heard].sort()).toEqual(['account.opened', 'account.opened alone', 'workspace.created']);
      await new Promise((resolve) => setImmediate(resolve));
      expect(faults.map(([, { type }]) => type).sort()).toEqual(
        name === 'never settles' ? [] : ['account.opened', 'account.opened', 'workspace.created'],
      );
      expect(faults.every(([error]) => error instanceof Error && error.message.includes('fault'))).toBe(true);
    },
  );

  test.each(broken.slice(0, 2))('T-10 an async error handler that %s stops nothing else', async (_, fail) => {
    const faults: string[] = [];
    const stray: unknown[] = [];
    const onStray = (reason: unknown): void => void stray.push(reason);
    process.on('unhandledRejection', onStray);
    try {
      const onListenerError = async (_error: unknown, { type }: TenantryEvent): Promise<void> => {
        faults.push(type);
        await fail();
      };
      const { workspaces } = createTestWorkspaces({ onListenerError });
      workspaces.on('account.opened', fail);
      expect(await outcome(workspaces.openAccount({ userId: 'ada', username: 'ada' }))).toBe('ok');
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('unhandledRejection', onStray);
    }
    expect(faults).toEqual(['account.opened']);
    expect(stray).toEqual([]);
  });

  test('T-10 listeners receive events in order, only those of their type, until they are removed', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const heard: string[] = [];
    const undo = [
      workspaces.on('workspace.renamed', ({ data }) => heard.push(`${data.from} to ${data.to}`)),
      workspaces.on('*', (event) => {
        if ('version' in event) heard.push(`${event.type} ${event.version}`);
      }),
    ];
    await workspaces.renameWorkspace(ada, { workspaceId, name: 'One' });
    await workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' });
    const { version } = await workspaces.getWorkspace(ada, { workspaceId });
    expect(heard).toEqual([
      'Core to One',
      `workspace.renamed ${version - 1}`,
      `member.role-changed ${version}`,
    ]);
    undo.forEach((stop) => stop());
    undo.forEach((stop) => stop());
    await workspaces.renameWorkspace(ada, { workspaceId, name: 'Two' });
    expect(heard).toHaveLength(3);
  });

  test('T-10 a listener cannot change an event for other listeners or in the audit log', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const altered: boolean[] = [];
    const seen: TenantryEvent[] = [];
    workspaces.on('*', (event) => {
      altered.push(
        Reflect.set(event, 'type', 'x'),
        Reflect.set(event.data, 'to', 'x'),
        Reflect.set(event.actor, 'userId', 'x'),
      );
    });
    workspaces.on('*', (event) => seen.push(event));
    await workspaces.renameWorkspace(ada, { workspaceId, name: 'Other' });
    expect(altered).toEqual([false, false, false]);
    expect(seen).toMatchObject([{ type: 'workspace.renamed', data: { to: 'Other' }, actor: ada }]);
    const { items } = await workspaces.listEvents(ada, { workspaceId, limit: 200 });
    expect(items.at(-1)).toEqual(seen[0]);
  });

  test('T-10 listeners may call the service, even in the middle of its commands', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const done = new Promise<string>((resolve) => {
      workspaces.on('workspace.renamed', async ({ data }) => {
        if (data.to === 'Again') return;
        resolve((await workspaces.renameWorkspace(ada, { workspaceId, name: 'Again' })).name);
      });
    });
    expect((await workspaces.renameWorkspace(ada, { workspaceId, name: 'Once' })).name).toBe('Once');
    expect(await done).toBe('Again');
  });
});

function objectsIn(value: object): object[] {
  return Object.values(value).filter((inner): inner is object => typeof inner === 'object' && inner !== null);
}

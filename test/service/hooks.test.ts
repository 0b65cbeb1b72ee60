// What is left of each command: its events, what listeners hear of it, and what hooks may say before it.
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import {
  isWorkspaceError,
  type Actor,
  type CommandName,
  type EventType,
  type HookContext,
  type TenantryEvent,
} from '../../src/index.js';
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

/** A team with an open invitation for sam, one that anyone may use, their tokens, and a reservation of mia's. */
async function createScene() {
  const team = await createTeam({ quota: memoryQuota({ defaults: { cpu: '4' } }) });
  const { workspaces, storage, workspaceId } = team;
  const role = 'developer';
  const forSam = await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam });
  const link = await workspaces.inviteMember(ada, { workspaceId, role, maxUses: 5 });
  await workspaces.reserveQuota(mia, { workspaceId, reservationId: 'held', amounts: { cpu: '1' } });
  team.clock.advance(1_000);
  /** Everything that is kept: the records, and what is counted. */
  const kept = async () => {
    const quota = await workspaces.getQuota(root, { workspaceId }).catch(() => null);
    return { ...storage.dump(), quota };
  };
  return { ...team, forSam, link, kept };
}
type Scene = Omit<Awaited<ReturnType<typeof createScene>>, 'storage' | 'kept'>;

interface Act {
  readonly actor: Actor;
  /** Of a workspace, or of an account: the types of the events that it leaves. */
  readonly events: readonly EventType[];
  readonly run: (scene: Scene) => Promise<unknown>;
  /** What changes nothing once `run` has been. */
  readonly idle?: (scene: Scene) => Promise<unknown>;
  readonly refused: (scene: Scene) => Promise<unknown>;
}

/** Every command: one that changes something, one that then changes nothing, one that is refused. */
const acts: { readonly [Name in CommandName]: Act } = {
  openAccount: {
    actor: { userId: 'new' },
    events: ['account.opened', 'workspace.created'],
    run: ({ workspaces }) => workspaces.openAccount({ userId: 'new', username: 'new' }),
    idle: ({ workspaces }) => workspaces.openAccount({ userId: 'new', username: 'NEW', displayName: 'N' }),
    refused: ({ workspaces }) => workspaces.openAccount({ userId: 'other', username: 'ADA' }),
  },
  renameAccount: {
    actor: dev,
    events: ['account.renamed', 'workspace.renamed'],
    run: ({ workspaces }) => workspaces.renameAccount(dev, { userId: 'dev', username: 'devon' }),
    idle: ({ workspaces }) => workspaces.renameAccount(dev, { userId: 'dev', username: ' devon ' }),
    refused: ({ workspaces }) => workspaces.renameAccount(mia, { userId: 'dev', username: 'x' }),
  },
  createWorkspace: {
    actor: ada,
    events: ['workspace.created'],
    run: ({ workspaces }) => workspaces.createWorkspace(ada, { workspaceId: 'mine', name: 'Mine' }),
    idle: ({ workspaces }) => workspaces.createWorkspace(ada, { workspaceId: 'mine', name: 'Mine' }),
    refused: ({ workspaces }) => workspaces.createWorkspace(ada, { name: 'Core' }),
  },
  renameWorkspace: {
    actor: ada,
    events: ['workspace.renamed'],
    run: ({ workspaces, workspaceId }) => workspaces.renameWorkspace(ada, { workspaceId, name: 'Other' }),
    idle: ({ workspaces, workspaceId }) => workspaces.renameWorkspace(ada, { workspaceId, name: 'Other' }),
    refused: ({ workspaces, workspaceId }) => workspaces.renameWorkspace(mia, { workspaceId, name: 'Other' }),
  },
  deleteWorkspace: {
    actor: ada,
    events: ['workspace.deleted'],
    run: ({ workspaces, workspaceId }) => workspaces.deleteWorkspace(ada, { workspaceId }),
    refused: ({ workspaces, workspaceId }) => workspaces.deleteWorkspace(mia, { workspaceId }),
  },
  transferOwnership: {
    actor: ada,
    events: ['workspace.transferred'],
    run: ({ workspaces, workspaceId }) => workspaces.transferOwnership(ada, { workspaceId, userId: 'mia' }),
    idle: ({ workspaces, workspaceId }) => workspaces.transferOwnership(mia, { workspaceId, userId: 'mia' }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.transferOwnership(ada, { workspaceId, userId: 'sam' }),
  },
  inviteMember: {
    actor: mia,
    events: ['invitation.created'],
    run: ({ workspaces, workspaceId }) => workspaces.inviteMember(mia, { workspaceId, role: 'developer' }),
    refused: ({ workspaces, workspaceId }) => workspaces.inviteMember(mia, { workspaceId, role: 'manager' }),
  },
  reissueInvitation: {
    actor: mia,
    events: ['invitation.reissued'],
    run: ({ workspaces, workspaceId, link }) =>
      workspaces.reissueInvitation(mia, { workspaceId, invitationId: link.invitation.id }),
    refused: ({ workspaces, workspaceId, link }) =>
      workspaces.reissueInvitation(dev, { workspaceId, invitationId: link.invitation.id }),
  },
  revokeInvitation: {
    actor: mia,
    events: ['invitation.revoked'],
    run: ({ workspaces, workspaceId, link }) =>
      workspaces.revokeInvitation(mia, { workspaceId, invitationId: link.invitation.id }),
    idle: ({ workspaces, workspaceId, link }) =>
      workspaces.revokeInvitation(ada, { workspaceId, invitationId: link.invitation.id }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.revokeInvitation(ada, { workspaceId, invitationId: 'inv-nothing' }),
  },
  acceptInvitation: {
    actor: sam,
    events: ['invitation.accepted', 'member.joined'],
    run: ({ workspaces, forSam }) => workspaces.acceptInvitation(sam, { token: forSam.token }),
    idle: ({ workspaces, forSam }) => workspaces.acceptInvitation(sam, { token: forSam.token }),
    refused: ({ workspaces, forSam }) => workspaces.acceptInvitation(dev, { token: forSam.token }),
  },
  declineInvitation: {
    actor: sam,
    events: ['invitation.declined'],
    run: ({ workspaces, forSam }) => workspaces.declineInvitation(sam, { token: forSam.token }),
    idle: async ({ workspaces, forSam, link }) => {
      await workspaces.declineInvitation(sam, { token: forSam.token });
      await workspaces.declineInvitation(sam, { token: link.token });
    },
    refused: ({ workspaces, link }) => workspaces.declineInvitation(dev, { token: link.token }),
  },
  changeRole: {
    actor: ada,
    events: ['member.role-changed'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.changeRole(mia, { workspaceId, userId: 'dev', role: 'developer' }),
  },
  removeMember: {
    actor: mia,
    events: ['member.removed'],
    run: ({ workspaces, workspaceId }) => workspaces.removeMember(mia, { workspaceId, userId: 'dev' }),
    refused: ({ workspaces, workspaceId }) => workspaces.removeMember(dev, { workspaceId, userId: 'mia' }),
  },
  leaveWorkspace: {
    actor: dev,
    events: ['member.left'],
    run: ({ workspaces, workspaceId }) => workspaces.leaveWorkspace(dev, { workspaceId }),
    refused: ({ workspaces, workspaceId }) => workspaces.leaveWorkspace(ada, { workspaceId }),
  },
  switchWorkspace: {
    actor: dev,
    events: ['account.switched'],
    run: ({ workspaces, workspaceId }) => workspaces.switchWorkspace(dev, { workspaceId }),
    idle: ({ workspaces, workspaceId }) => workspaces.switchWorkspace(dev, { workspaceId }),
    refused: ({ workspaces, workspaceId }) => workspaces.switchWorkspace(sam, { workspaceId }),
  },
  setQuota: {
    actor: root,
    events: ['quota.limits-set'],
    run: ({ workspaces, workspaceId }) => workspaces.setQuota(root, { workspaceId, limits: { cpu: '8' } }),
    refused: ({ workspaces }) =>
      workspaces.setQuota(root, { workspaceId: 'ws-nowhere', limits: { cpu: '8' } }),
  },
  reserveQuota: {
    actor: mia,
    events: ['quota.reserved'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.reserveQuota(mia, { workspaceId, reservationId: 'new', amounts: { cpu: '500m' } }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.reserveQuota(ada, { workspaceId, reservationId: 'new', amounts: { cpu: '0.5' } }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.reserveQuota(dev, { workspaceId, reservationId: 'new', amounts: { cpu: '1' } }),
  },
  commitQuota: {
    actor: mia,
    events: ['quota.committed'],
    run: ({ workspaces, workspaceId }) => workspaces.commitQuota(mia, { workspaceId, reservationId: 'held' }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.commitQuota(ada, { workspaceId, reservationId: 'held' }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.commitQuota(mia, { workspaceId, reservationId: 'nothing' }),
  },
  releaseQuota: {
    actor: mia,
    events: ['quota.released'],
    run: ({ workspaces, workspaceId }) =>
      workspaces.releaseQuota(mia, { workspaceId, reservationId: 'held' }),
    idle: ({ workspaces, workspaceId }) =>
      workspaces.releaseQuota(dev, { workspaceId, reservationId: 'held' }),
    refused: ({ workspaces, workspaceId }) =>
      workspaces.releaseQuota(dev, { workspaceId, reservationId: 'held' }),
  },
};

const commands = Object.keys(acts).filter((name): name is CommandName => Object.hasOwn(acts, name));

/** Every event that operators can read, of everything that was ever there. */
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

describe('T-09 what each command leaves', () => {
  test.each(commands)('T-09 %s leaves events with who, what, where and when', async (name) => {
    const scene = await createScene();
    const before = await trail(scene);
    const heard: TenantryEvent[] = [];
    scene.workspaces.on('*', (event) => heard.push(event));
    await acts[name].run(scene);
    // What happens to a quota is told, and kept by whoever counts.
    const left = [...without(await trail(scene), before), ...heard.filter((event) => !('version' in event))];
    expect(left.map(({ type }) => type).sort()).toEqual([...acts[name].events].sort());
    for (const event of left) {
      expect(event.actor).toEqual(acts[name].actor);
      expect(event.at).toBe(new Date(scene.clock.now()).toISOString());
      expect(subjectOf(event)).not.toBe('');
      // Plain JSON: it survives the way to a file or a queue.
      expect(JSON.parse(JSON.stringify(event))).toEqual(event);
    }
    const ids = [...before, ...left].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(commands.filter((name) => acts[name].idle !== undefined))(
    'T-09 %s that changes nothing leaves none',
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

  test.each(commands)('T-09 %s that is refused leaves no trace in storage', async (name) => {
    const scene = await createScene();
    const heard: string[] = [];
    scene.workspaces.on('*', ({ type }) => heard.push(type));
    const before = await scene.kept();
    expect(await outcome(acts[name].refused(scene))).not.toBe('ok');
    expect(await scene.kept()).toEqual(before);
    expect(heard).toEqual([]);
  });

  test('T-09 per workspace (version, index) is gapless, ordered, and ends at the version of the workspace', async () => {
    const scene = await createScene();
    const { workspaces, workspaceId, storage } = scene;
    for (const name of commands) {
      if (name !== 'deleteWorkspace' && name !== 'transferOwnership') await outcome(acts[name].run(scene));
    }
    await acts.transferOwnership.run(scene);
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

  test('T-09 what an operator does bears the name of the operator', async () => {
    const scene = await createScene();
    const before = await trail(scene);
    await scene.workspaces.removeMember(root, { workspaceId: scene.workspaceId, userId: 'dev' });
    expect(without(await trail(scene), before)).toMatchObject([{ type: 'member.removed', actor: root }]);
  });

  test("T-09 an actor's e-mail address stands in no event", async () => {
    const scene = await createScene();
    const actor = { userId: 'mia', email: 'mia@example.org', emailVerified: true };
    await scene.workspaces.removeMember(actor, { workspaceId: scene.workspaceId, userId: 'dev' });
    expect(JSON.stringify(await trail(scene))).not.toContain('example.org');
  });
});

describe('T-10 before-hooks', () => {
  test.each(commands)(
    'T-10 before %s a hook may veto by throwing or rejecting: nothing changes',
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

  test.each(commands)(
    'T-10 before %s a hook is told the command, the actor and the input, and cannot alter them',
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
    'T-10 a hook before %s is told which invitation the token names',
    async (name) => {
      const scene = await createScene();
      const told: HookContext[] = [];
      scene.workspaces.before(name, (context) => void told.push(context));
      await acts[name].run(scene);
      const { workspaceId, id: invitationId } = scene.forSam.invitation;
      expect(told).toEqual([{ command: name, actor: sam, input: { workspaceId, invitationId } }]);
    },
  );

  test.each(commands)('T-10 a hook before %s never sees a token, a secret or its hash', async (name) => {
    const scene = await createScene();
    const told: string[] = [];
    for (const command of commands) {
      scene.workspaces.before(command, (context) => void told.push(JSON.stringify(context)));
    }
    const answer = await acts[name].run(scene);
    expect(told).toHaveLength(1);
    const secrets = [scene.forSam.token, scene.link.token, 'secret', 'eyJ'];
    if (typeof answer === 'object' && answer !== null && 'token' in answer)
      secrets.push(String(answer.token));
    for (const { secretHash } of scene.storage.dump().invitations) secrets.push(secretHash);
    for (const secret of secrets) expect(told.join()).not.toContain(secret);
  });

  test('T-10 hooks are asked in order, the first veto ends it, and each undo is its own', async () => {
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

  test('T-10 hooks are asked once, with checked input only, also when others were faster', async () => {
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

  test('T-10 a hook that never settles holds up nobody else, and may call the service itself', async () => {
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

  test('T-10 before removing oneself the hooks of both names are asked, once each, and either may veto', async () => {
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

  test('T-10 before somebody else is removed, by a member or an operator, no hook of leaving is asked', async () => {
    const { workspaces, workspaceId } = await createTeam();
    workspaces.before('leaveWorkspace', () => {
      throw new Error('stay');
    });
    await workspaces.removeMember(mia, { workspaceId, userId: 'dev' });
    await workspaces.removeMember({ operator: 'mia' }, { workspaceId, userId: 'mia' });
    expect((await workspaces.getWorkspace(ada, { workspaceId })).memberCount).toBe(1);
  });

  test("T-10 a hook's own refusal is its cause, whatever it throws", async () => {
    const { workspaces, workspaceId } = await createTeam();
    for (const cause of [undefined, null, 'no', 0, { code: 'PERMISSION_DENIED' }]) {
      const undo = workspaces.before('leaveWorkspace', () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- a host may throw anything
        throw cause;
      });
      const vetoed = await refusal(workspaces.leaveWorkspace(dev, { workspaceId }));
      expect([vetoed.code, vetoed.cause]).toEqual(['VETOED', cause]);
      undo();
    }
  });
});

describe('T-10 listeners', () => {
  test('T-10 run after the commit: what they hear of is there', async () => {
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
    'T-10 hear nothing of a commit that failed %s it was applied',
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
        // biome-ignore lint/suspicious/noThenProperty: whatever a listener returns may have one
        then: () => {
          throw new Error("a listener's fault");
        },
      }),
    ],
  ];

  test.each(broken)(
    'T-10 one that %s changes neither the result nor the other listeners',
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

  test.each(broken.slice(0, 2))('T-10 an async error handler that %s ends nothing else', async (_, fail) => {
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

  test('T-10 hear in the order of what happened, and each type only its own, until they are undone', async () => {
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

  test('T-10 cannot alter an event for the others or for the trail', async () => {
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

  test('T-10 may call the service themselves, in the middle of its own commands', async () => {
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

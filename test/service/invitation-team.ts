// A team with an owner, a manager and a developer, users outside it, and services that share its storage and clock.
import { memoryStorage, type MemoryStorage } from '../../src/adapters/memory/index.js';
import {
  WorkspaceService,
  defaultMatrix,
  type CorePermission,
  type DefaultRole,
  type UserActor,
  type WorkspaceEvent,
  type WorkspaceId,
  type WorkspaceServiceOptions,
} from '../../src/index.js';
import {
  chaosStorage,
  countingIds,
  fixedClock,
  testTokens,
  type FixedClock,
} from '../../src/testing/index.js';
import type { StartingLine } from './around-storage.js';
import { ada, dev, mia, outcome, root, sam } from './team.js';

export { outcome as outcomeOf, refusal as refusalOf } from './team.js';

export { ada, dev, mia, root, sam };

/** A second user outside the team. */
export const eve: UserActor = { userId: 'eve' };

export const unlimited = {
  membersPerWorkspace: 'unlimited',
  openInvitationsPerWorkspace: 'unlimited',
  workspacesPerOwner: 'unlimited',
} as const;

export type ServiceOptions = Partial<WorkspaceServiceOptions<DefaultRole, CorePermission>>;

export interface Team {
  readonly storage: MemoryStorage;
  readonly clock: FixedClock;
  /** Ada owns it, Mia manages, Dev develops; Sam and Eve have accounts only. */
  readonly workspaceId: WorkspaceId;
  readonly workspaces: WorkspaceService;
  /** Another service on the same storage and clock. */
  service(options?: ServiceOptions): WorkspaceService;
}

export async function createTeam(options: ServiceOptions = {}): Promise<Team> {
  const storage = memoryStorage();
  const clock = fixedClock();
  let services = 0;
  const service = (more: ServiceOptions = {}): WorkspaceService =>
    new WorkspaceService({
      permissions: defaultMatrix,
      storage,
      clock,
      ids: countingIds(`p${String(++services)}x`),
      tokens: testTokens,
      ...options,
      ...more,
    });
  const setup = service({ limits: unlimited, permissions: defaultMatrix });
  for (const { userId } of [ada, mia, dev, sam, eve]) await setup.openAccount({ userId, username: userId });
  const { id: workspaceId } = await setup.createWorkspace(ada, { name: 'hello' });
  for (const [actor, role] of [
    [mia, 'manager'],
    [dev, 'developer'],
  ] as const) {
    const { token } = await setup.inviteMember(ada, { workspaceId, role });
    await setup.acceptInvitation(actor, { token });
  }
  return { storage, clock, workspaceId, workspaces: service(), service };
}

/** Opens the given number of additional accounts. */
export async function crowd({ workspaces }: Pick<Team, 'workspaces'>, size: number): Promise<UserActor[]> {
  const actors = Array.from({ length: size }, (_, place) => ({ userId: `user-${String(place)}` }));
  for (const { userId } of actors) await workspaces.openAccount({ userId, username: userId });
  return actors;
}

/**
 * Services that share only the storage and the time, each behind a connection whose answers take a random time. Pauses
 * yield, too, and do not advance the clock.
 */
export function processes(
  team: Team,
  seed: number,
  {
    count = 8,
    line,
    ...options
  }: ServiceOptions & { readonly count?: number; readonly line?: StartingLine } = {},
): (place: number) => WorkspaceService {
  const storage = options.storage ?? team.storage;
  const sleep = () => new Promise<void>((resolve) => setImmediate(resolve));
  const clock = { ...(options.clock ?? team.clock), sleep };
  const services = Array.from({ length: count }, (_, place) => {
    const connection = chaosStorage(storage, { seed: seed * count + place });
    return team.service({ ...options, clock, storage: line?.at(connection) ?? connection });
  });
  return (place) => {
    const service = services[place % count];
    if (service === undefined) throw new Error('no such process');
    return service;
  };
}

/** Calls a method with arguments that its types would reject. */
export async function callUntyped(
  workspaces: WorkspaceService,
  method: keyof WorkspaceService,
  args: readonly unknown[],
): Promise<unknown> {
  const run: unknown = Reflect.get(workspaces, method);
  if (typeof run !== 'function') throw new Error(`there is no ${method}`);
  const answer: unknown = Reflect.apply(run, workspaces, args);
  return answer;
}

/** The number of calls per outcome. */
export async function tallyOf(answers: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const tally: Record<string, number> = {};
  for (const ended of await Promise.all(answers.map(outcome))) tally[ended] = (tally[ended] ?? 0) + 1;
  return tally;
}

/** The events of the team's workspace, oldest first. */
export function trailOf({ storage, workspaceId }: Team): WorkspaceEvent<string>[] {
  return storage
    .dump()
    .events.filter((event) => 'workspaceId' in event)
    .filter((event) => event.workspaceId === workspaceId);
}

/** The ids of the team's members. */
export function membersOf({ storage, workspaceId }: Team): string[] {
  return storage
    .dump()
    .members.filter((member) => member.workspaceId === workspaceId)
    .map(({ userId }) => userId);
}

// A team with an owner, a manager and a developer, people outside it, and services that share its storage and clock.
import { memoryStorage, type MemoryStorage } from '../../src/adapters/memory/index.js';
import {
  WorkspaceService,
  isWorkspaceError,
  sealosMatrix,
  type CorePermission,
  type SealosRole,
  type UserActor,
  type WorkspaceError,
  type WorkspaceErrorCode,
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

export const olga: UserActor = { userId: 'olga' };
export const mark: UserActor = { userId: 'mark' };
export const dana: UserActor = { userId: 'dana' };
export const xena: UserActor = { userId: 'xena' };
export const yuri: UserActor = { userId: 'yuri' };
export const operator = { operator: 'ops' };

export const unlimited = {
  membersPerWorkspace: 'unlimited',
  openInvitationsPerWorkspace: 'unlimited',
  workspacesPerOwner: 'unlimited',
} as const;

export type ServiceOptions = Partial<WorkspaceServiceOptions<SealosRole, CorePermission>>;

export interface Team {
  readonly storage: MemoryStorage;
  readonly clock: FixedClock;
  /** Olga owns it, Mark manages, Dana develops; Xena and Yuri have accounts only. */
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
      storage,
      clock,
      ids: countingIds(`p${String(++services)}x`),
      tokens: testTokens,
      ...options,
      ...more,
    });
  const setup = service({ limits: unlimited, permissions: sealosMatrix });
  for (const { userId } of [olga, mark, dana, xena, yuri])
    await setup.openAccount({ userId, username: userId });
  const { id: workspaceId } = await setup.createWorkspace(olga, { name: 'hello' });
  for (const [actor, role] of [
    [mark, 'manager'],
    [dana, 'developer'],
  ] as const) {
    const { token } = await setup.inviteMember(olga, { workspaceId, role });
    await setup.acceptInvitation(actor, { token });
  }
  return { storage, clock, workspaceId, workspaces: service(), service };
}

/** So many more people with accounts. */
export async function crowd({ workspaces }: Pick<Team, 'workspaces'>, size: number): Promise<UserActor[]> {
  const actors = Array.from({ length: size }, (_, place) => ({ userId: `user-${String(place)}` }));
  for (const { userId } of actors) await workspaces.openAccount({ userId, username: userId });
  return actors;
}

/**
 * Services that share nothing but the storage and the time, each behind a connection of its own whose answers take a random time.
 * Pauses yield, too, and move no clock.
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

/** The error that a call is refused with. Success, and any other error, fail the test. */
export async function refusalOf(answer: Promise<unknown>): Promise<WorkspaceError> {
  try {
    await answer;
  } catch (error) {
    if (isWorkspaceError(error)) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}

/** Calls a method with arguments that its types would not let through. */
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

/** `ok`, or the code of the refusal. Any other error fails the test. */
export async function outcomeOf(answer: Promise<unknown>): Promise<'ok' | WorkspaceErrorCode> {
  try {
    await answer;
    return 'ok';
  } catch (error) {
    if (!isWorkspaceError(error)) throw error;
    return error.code;
  }
}

/** How often each outcome came about. */
export async function tallyOf(answers: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const tally: Record<string, number> = {};
  for (const outcome of await Promise.all(answers.map(outcomeOf))) tally[outcome] = (tally[outcome] ?? 0) + 1;
  return tally;
}

/** The events of the team's workspace, oldest first. */
export function trailOf({ storage, workspaceId }: Team): WorkspaceEvent[] {
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

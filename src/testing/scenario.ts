// One small world in which every command has something to do, and something to collide with.
import { memoryStorage } from '../adapters/memory/memory-storage.js';
import type { UserActor } from '../domain/actor.js';
import type { InvitationId, UserId, WorkspaceId } from '../domain/ids.js';
import type { World } from '../domain/invariants.js';
import type { MaxUses } from '../domain/invitation.js';
import type { Limits } from '../domain/limits.js';
import { isWorkspaceError } from '../errors.js';
import type { Clock } from '../ports/runtime.js';
import type { StorageAdapter } from '../ports/storage.js';
import { WorkspaceService } from '../service/workspace-service.js';
import { createTokens } from '../tokens/tokens.js';
import { countingIds } from './runtime.js';
import { testTokens } from './test-workspaces.js';
import { canonicalWorld, putWorld, readWorld, sortedKeys } from './worlds.js';

/** Tight on purpose: one seat, one open invitation and one workspace each are left. */
const scenarioLimits: Limits = {
  membersPerWorkspace: 6,
  openInvitationsPerWorkspace: 4,
  workspacesPerOwner: 2,
};

const USERS = ['olga', 'mark', 'dana', 'xena', 'yuri', 'zoe'] as const;
type Name = (typeof USERS)[number];

/** The place of every id in the world's text; each run of a scenario has letters of its own there. */
const PLACE = 'q0q';

/** Time does not pass: so equal states are equal to the millisecond. */
export const stillClock: Clock = {
  now: () => Date.UTC(2026, 0, 1),
  sleep: () => Promise.resolve(),
};

/** What the actions of one run name. */
export interface Scenario {
  /** Stands in every id of this run. */
  readonly prefix: string;
  readonly userIds: readonly UserId[];
  /** Those that there are, and those that the actions may make. */
  readonly workspaceIds: readonly WorkspaceId[];
  /** Olga owns it, Mark manages, Dana develops; Xena and Yuri are not in it, Zoe has no account. */
  readonly team: WorkspaceId;
  /** A link for one developer, issued by Mark. */
  readonly single: ScenarioInvitation;
  /** For Yuri as manager, issued by Olga. */
  readonly bound: ScenarioInvitation;
  /** A link for any number of developers, issued by Olga. */
  readonly unlimited: ScenarioInvitation;
  readonly actor: (name: Name) => UserActor;
  /** An id that `createWorkspace` may be given. */
  readonly newId: (name: 'one' | 'two') => WorkspaceId;
}

export interface ScenarioInvitation {
  readonly invitationId: InvitationId;
  readonly token: () => Promise<string>;
}

/** How an action ended: what it returned, or the code and details of its refusal. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly details: unknown };

/** The service of one process of a run. Processes share nothing but the storage, and mint different ids. */
export function processService(storage: StorageAdapter, prefix: string, process: number): WorkspaceService {
  // Secrets without the prefix: their hashes must be the same in every run.
  const secrets = countingIds(idPrefix('', process));
  const ids = { ...countingIds(idPrefix(prefix, process)), secret: () => secrets.secret() };
  return new WorkspaceService({
    storage,
    tokens: testTokens,
    clock: stillClock,
    ids,
    limits: scenarioLimits,
  });
}

/** Turns what a command threw into an outcome. Anything but a `WorkspaceError` is thrown on. */
export async function outcomeOf(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    if (!isWorkspaceError(error)) throw error;
    return { ok: false, code: error.code, details: error.details };
  }
}

/** Writes the scenario's world into a storage, under a prefix of its own. */
export async function putScenario(storage: StorageAdapter, prefix: string): Promise<Scenario> {
  const template = await theTemplate();
  const text = (value: string): string => value.replaceAll(PLACE, prefix);
  // The same text with other letters in its ids: still a world.
  const world = JSON.parse(text(JSON.stringify(template.world))) as World;
  await putWorld(storage, world);

  const actor = (name: Name): UserActor => ({ userId: `${prefix}-${name}` });
  const newId = (name: string): WorkspaceId => `${prefix}-${name}`;
  const invitation = (role: string, maxUses: MaxUses): ScenarioInvitation => {
    const found = world.invitations.find(
      (one) => one.role === role && one.maxUses === maxUses && one.state === 'open',
    );
    if (found === undefined) throw new Error('the scenario has no such invitation');
    const { id: invitationId, workspaceId, issuedAt, expiresAt } = found;
    const grant = { workspaceId, invitationId, secret: SECRET, issuedAt, expiresAt };
    return { invitationId, token: () => signing.issueInvitation(grant) };
  };
  return {
    prefix,
    userIds: USERS.map((name) => actor(name).userId),
    workspaceIds: [
      ...world.workspaces.map(({ id }) => id),
      newId('one'),
      newId('two'),
      ...[0, 1, 2].map((process) => countingIds(idPrefix(prefix, process)).workspaceId()),
    ],
    team: text(template.team),
    single: invitation('developer', 1),
    bound: invitation('manager', 1),
    unlimited: invitation('developer', 'unlimited'),
    actor,
    newId,
  };
}

/** What is left of a run, in words that are the same for every prefix. */
export async function endOf(
  storage: StorageAdapter,
  scenario: Scenario,
  outcomes: readonly Outcome[],
): Promise<string> {
  const { userIds: users, workspaceIds: workspaces } = scenario;
  const world = await readWorld(storage, { users, workspaces });
  return `${outcomes.map((outcome) => answerOf(scenario, outcome)).join('\n')}\n${anywhere(scenario, canonicalWorld(world))}`;
}

/** How an action ended, in words that are the same for every prefix. */
export function answerOf(scenario: Scenario, outcome: Outcome): string {
  return anywhere(scenario, JSON.stringify(outcome, withoutTokens));
}

function anywhere({ prefix }: Scenario, text: string): string {
  return text.replaceAll(prefix, PLACE);
}

/** A token holds the ids of its run in an encoded form. */
function withoutTokens(key: string, value: unknown): unknown {
  return key === 'token' || key === 'url' ? undefined : sortedKeys(key, value);
}

const SECRET = 'scenario-secret-000001';
const signing = createTokens(testTokens);

function idPrefix(prefix: string, process: number): string {
  return `${prefix}${String.fromCharCode('a'.charCodeAt(0) + process)}`;
}

interface Template {
  readonly world: World;
  readonly team: WorkspaceId;
}

let template: Promise<Template> | undefined;

/** The same for all runs, so it is played once. */
function theTemplate(): Promise<Template> {
  template ??= playTemplate();
  return template;
}

async function playTemplate(): Promise<Template> {
  const storage = memoryStorage();
  const workspaces = new WorkspaceService({
    storage,
    tokens: testTokens,
    clock: stillClock,
    ids: { ...countingIds(PLACE), secret: () => SECRET },
    limits: scenarioLimits,
  });
  const actor = (name: Name): UserActor => ({ userId: `${PLACE}-${name}` });
  for (const name of USERS) {
    if (name !== 'zoe') await workspaces.openAccount({ ...actor(name), username: `${PLACE}${name}` });
  }
  const { id: team } = await workspaces.createWorkspace(actor('olga'), { name: 'hello' });
  for (const [name, role] of [
    ['mark', 'manager'],
    ['dana', 'developer'],
  ] as const) {
    const { token } = await workspaces.inviteMember(actor('olga'), { workspaceId: team, role });
    await workspaces.acceptInvitation(actor(name), { token });
  }
  await workspaces.createWorkspace(actor('mark'), { name: 'aside' });
  await workspaces.inviteMember(actor('mark'), { workspaceId: team, role: 'developer' });
  await workspaces.inviteMember(actor('olga'), {
    workspaceId: team,
    role: 'manager',
    recipient: actor('yuri'),
  });
  await workspaces.inviteMember(actor('olga'), {
    workspaceId: team,
    role: 'developer',
    maxUses: 'unlimited',
  });
  return { world: storage.dump(), team };
}

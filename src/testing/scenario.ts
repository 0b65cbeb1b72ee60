// A small world in which every command can succeed, and can collide with others.
import { memoryStorage } from '../adapters/memory/memory-storage.js';
import type { UserActor } from '../core/actor.js';
import type { InvitationId, UserId, WorkspaceId } from '../core/ids.js';
import type { World } from '../core/invariants/index.js';
import type { MaxUses } from '../core/invitation.js';
import type { Limits } from '../core/limits.js';
import { defaultMatrix, type DefaultRole } from '../core/permission-matrix.js';
import type { CorePermission } from '../core/permissions.js';
import { isWorkspaceError } from '../errors.js';
import type { Clock } from '../ports/runtime.js';
import type { StorageAdapter } from '../ports/storage.js';
import type { WorkspaceServiceOptions } from '../service/options.js';
import { WorkspaceService } from '../service/workspace-service.js';
import { createTokens } from '../tokens/tokens.js';
import { countingIds } from './runtime.js';
import { testTokens } from './test-workspaces.js';
import { canonicalWorld, putWorld, readWorld, sortedKeys } from './worlds.js';

/** Low, so that commands compete: one seat, one open invitation and one workspace per user are free. */
const scenarioLimits: Limits = {
  membersPerWorkspace: 6,
  openInvitationsPerWorkspace: 4,
  workspacesPerOwner: 2,
};

const USERS = ['ada', 'mia', 'dev', 'sam', 'eve', 'zed'] as const;
type Name = (typeof USERS)[number];

/** A placeholder in every id of the template. Each run replaces it with its own prefix. */
const PLACEHOLDER = 'q0q';

/** A clock that never moves, so that equal states have equal times. */
export const stillClock: Clock = {
  now: () => Date.UTC(2026, 0, 1),
  sleep: () => Promise.resolve(),
};

/** The ids and links that the actions of one run use. */
export interface Scenario {
  /** Part of every id of this run. */
  readonly prefix: string;
  readonly userIds: readonly UserId[];
  /** The existing workspaces, and those that the actions may create. */
  readonly workspaceIds: readonly WorkspaceId[];
  /** Ada is its owner, Mia a manager and Dev a developer. Sam and Eve are not members, Zed has no account. */
  readonly team: WorkspaceId;
  /** A team of Mia's that an operator suspended. */
  readonly suspended: WorkspaceId;
  /** Another team of Ada's, who offers it to Mia, a developer there. A directory manages Sam, another developer. */
  readonly offered: WorkspaceId;
  /** A team of Sam's, who has deleted it, with Mia as a manager. Its grace period is over. */
  readonly deleted: WorkspaceId;
  /** An invitation for one developer, issued by Mia. */
  readonly single: ScenarioInvitation;
  /** An invitation for Eve as a manager, issued by Ada. */
  readonly bound: ScenarioInvitation;
  /** An invitation for any number of developers, issued by Ada. */
  readonly unlimited: ScenarioInvitation;
  readonly actor: (name: Name) => UserActor;
  /** An id to pass to `createWorkspace`. */
  readonly newId: (name: 'one' | 'two') => WorkspaceId;
}

export interface ScenarioInvitation {
  readonly invitationId: InvitationId;
  readonly token: () => Promise<string>;
}

/** Options of the service that a call needs. */
export type ActionOptions = Pick<
  WorkspaceServiceOptions<DefaultRole, CorePermission>,
  'deletion' | 'attributes'
>;

/** How a call ended: its result, or the code and details of its error. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly details: unknown };

/** The service of one process of a run. Processes share only the storage, and generate different ids. */
export function processService(
  storage: StorageAdapter,
  {
    prefix,
    process,
    options,
  }: { readonly prefix: string; readonly process: number; readonly options?: ActionOptions | undefined },
): WorkspaceService {
  // Secrets without the prefix, so that their hashes are the same in every run.
  const secrets = countingIds(idPrefix('', process));
  const ids = { ...countingIds(idPrefix(prefix, process)), secret: () => secrets.secret() };
  return new WorkspaceService({
    storage,
    tokens: testTokens,
    permissions: defaultMatrix,
    clock: stillClock,
    ids,
    limits: scenarioLimits,
    ...options,
  });
}

/** Runs a call and returns its outcome. Rethrows anything but a `WorkspaceError`. */
export async function outcomeOf(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    if (!isWorkspaceError(error)) throw error;
    return { ok: false, code: error.code, details: error.details };
  }
}

/** Writes the world of the scenario into a storage, with its own prefix in every id. */
export async function putScenario(storage: StorageAdapter, prefix: string): Promise<Scenario> {
  const template = await templateOnce();
  const text = (value: string): string => value.replaceAll(PLACEHOLDER, prefix);
  // Replacing the placeholder keeps the JSON a valid world.
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
    suspended: text(template.suspended),
    offered: text(template.offered),
    deleted: text(template.deleted),
    single: invitation('developer', 1),
    bound: invitation('manager', 1),
    unlimited: invitation('developer', 'unlimited'),
    actor,
    newId,
  };
}

/** The end of a run as a string that does not depend on the prefix. */
export async function endOf(
  storage: StorageAdapter,
  scenario: Scenario,
  outcomes: readonly Outcome[],
): Promise<string> {
  const { userIds: users, workspaceIds: workspaces } = scenario;
  const world = await readWorld(storage, { users, workspaces });
  return `${outcomes.map((outcome) => answerOf(scenario, outcome)).join('\n')}\n${withoutPrefix(scenario, canonicalWorld(world))}`;
}

/** An outcome as a string that does not depend on the prefix. */
export function answerOf(scenario: Scenario, outcome: Outcome): string {
  return withoutPrefix(scenario, JSON.stringify(outcome, withoutTokens));
}

function withoutPrefix({ prefix }: Scenario, text: string): string {
  return text.replaceAll(prefix, PLACEHOLDER);
}

/** Leaves out tokens, which contain the ids of the run in encoded form. */
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
  readonly deleted: WorkspaceId;
  readonly offered: WorkspaceId;
  readonly suspended: WorkspaceId;
  readonly team: WorkspaceId;
}

let template: Promise<Template> | undefined;

/** The same for all runs, so it is created once. */
function templateOnce(): Promise<Template> {
  template ??= createTemplate();
  return template;
}

async function createTemplate(): Promise<Template> {
  const storage = memoryStorage();
  const options = {
    storage,
    tokens: testTokens,
    permissions: defaultMatrix,
    clock: stillClock,
    ids: { ...countingIds(PLACEHOLDER), secret: () => SECRET },
    limits: scenarioLimits,
  };
  const workspaces = new WorkspaceService(options);
  const actor = (name: Name): UserActor => ({ userId: `${PLACEHOLDER}-${name}` });
  for (const name of USERS) {
    if (name !== 'zed') await workspaces.openAccount({ ...actor(name), username: `${PLACEHOLDER}${name}` });
  }
  const { id: team } = await workspaces.createWorkspace(actor('ada'), { name: 'hello' });
  for (const [name, role] of [
    ['mia', 'manager'],
    ['dev', 'developer'],
  ] as const) {
    const { token } = await workspaces.inviteMember(actor('ada'), { workspaceId: team, role });
    await workspaces.acceptInvitation(actor(name), { token });
  }
  const { id: offered } = await workspaces.createWorkspace(actor('ada'), { name: 'offered' });
  const { token } = await workspaces.inviteMember(actor('ada'), { workspaceId: offered, role: 'developer' });
  await workspaces.acceptInvitation(actor('mia'), { token });
  await workspaces.offerOwnership(actor('ada'), { workspaceId: offered, ...actor('mia') });
  await workspaces.reconcileMembers(
    { operator: 'directory' },
    { workspaceId: offered, managedBy: 'directory', members: [{ ...actor('sam'), role: 'developer' }] },
  );
  const { id: suspended } = await workspaces.createWorkspace(actor('mia'), { name: 'aside' });
  await workspaces.suspendWorkspace({ operator: 'billing' }, { workspaceId: suspended, reason: 'unpaid' });
  await workspaces.inviteMember(actor('mia'), { workspaceId: team, role: 'developer' });
  await workspaces.inviteMember(actor('ada'), {
    workspaceId: team,
    role: 'manager',
    recipient: actor('eve'),
  });
  await workspaces.inviteMember(actor('ada'), {
    workspaceId: team,
    role: 'developer',
    maxUses: 'unlimited',
  });
  const { id: deleted } = await workspaces.createWorkspace(actor('sam'), { name: 'gone' });
  const { token: forMia } = await workspaces.inviteMember(actor('sam'), {
    workspaceId: deleted,
    role: 'manager',
  });
  await workspaces.acceptInvitation(actor('mia'), { token: forMia });
  const earlier = { ...stillClock, now: () => stillClock.now() - 1000 };
  const keeping = new WorkspaceService({ ...options, clock: earlier, deletion: { graceSeconds: 1 } });
  await keeping.deleteWorkspace(actor('sam'), { workspaceId: deleted });
  return { world: storage.dump(), team, suspended, offered, deleted };
}

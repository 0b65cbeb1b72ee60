// A team with an open invitation, at which tokens are tried: each by every method that takes one.
import type { UserActor, WorkspaceError, WorkspaceService } from '../../src/index.js';
import { recordingStorage, type StorageCall } from '../service/around-storage.js';
import {
  createTeam,
  olga,
  refusalOf,
  xena,
  type ServiceOptions,
  type Team,
} from '../service/invitation-team.js';
import { claimsOf } from './forge.js';

export interface Bench {
  readonly team: Team;
  readonly workspaces: WorkspaceService;
  /** The token of an open invitation. */
  readonly token: string;
  readonly claims: Record<string, unknown>;
  readonly invitationId: string;
  /** What was asked of the storage. */
  readonly calls: StorageCall[];
}

export async function createBench(options: ServiceOptions = {}): Promise<Bench> {
  const team = await createTeam(options);
  const { storage, calls } = recordingStorage(options.storage ?? team.storage);
  const workspaces = team.service({ ...options, storage });
  const { token, invitation } = await workspaces.inviteMember(olga, {
    workspaceId: team.workspaceId,
    role: 'developer',
  });
  calls.length = 0;
  return { team, workspaces, token, claims: claimsOf(token), invitationId: invitation.id, calls };
}

/** All that a caller can see of an error. */
export function seenOf(error: WorkspaceError): string {
  const { name, code, message, details } = error;
  return JSON.stringify({
    name,
    code,
    message,
    details,
    cause: 'cause' in error,
    keys: Object.keys(error),
  });
}

/** What each of the methods that take an invitation token answers to this one: an error, or the test fails. */
export async function refusalsOf(
  { workspaces }: Pick<Bench, 'workspaces'>,
  token: string,
  actor: UserActor = xena,
): Promise<WorkspaceError[]> {
  return Promise.all([
    refusalOf(workspaces.previewInvitation({ token })),
    refusalOf(workspaces.acceptInvitation(actor, { token })),
    refusalOf(workspaces.declineInvitation(actor, { token })),
  ]);
}

/** The codes of {@link refusalsOf}, each once. */
export async function codesOf(
  bench: Pick<Bench, 'workspaces'>,
  token: string,
  actor?: UserActor,
): Promise<string[]> {
  const refusals = await refusalsOf(bench, token, actor);
  return [...new Set(refusals.map(({ code }) => code))];
}

// A team with an open invitation, and helpers that pass a token to every method that takes one.
import type { UserActor, WorkspaceError, WorkspaceService } from '../../src/index.js';
import { recordingStorage, type StorageCall } from '../service/around-storage.js';
import {
  createTeam,
  ada,
  refusalOf,
  sam,
  type ServiceOptions,
  type Team,
} from '../service/invitation-team.js';
import { claimsOf } from './forge.js';

export interface Fixture {
  readonly team: Team;
  readonly workspaces: WorkspaceService;
  /** The token of an open invitation. */
  readonly token: string;
  readonly claims: Record<string, unknown>;
  readonly invitationId: string;
  /** The calls of the storage. */
  readonly calls: StorageCall[];
}

export async function createFixture(options: ServiceOptions = {}): Promise<Fixture> {
  const team = await createTeam(options);
  const { storage, calls } = recordingStorage(options.storage ?? team.storage);
  const workspaces = team.service({ ...options, storage });
  const { token, invitation } = await workspaces.inviteMember(ada, {
    workspaceId: team.workspaceId,
    role: 'developer',
  });
  calls.length = 0;
  return { team, workspaces, token, claims: claimsOf(token), invitationId: invitation.id, calls };
}

/** Everything a caller can see of an error. */
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

/** The errors of all methods that take an invitation token; the test fails if a method succeeds. */
export async function refusalsOf(
  { workspaces }: Pick<Fixture, 'workspaces'>,
  token: string,
  actor: UserActor = sam,
): Promise<WorkspaceError[]> {
  return Promise.all([
    refusalOf(workspaces.previewInvitation({ token })),
    refusalOf(workspaces.acceptInvitation(actor, { token })),
    refusalOf(workspaces.declineInvitation(actor, { token })),
  ]);
}

/** The distinct codes of {@link refusalsOf}. */
export async function codesOf(
  fixture: Pick<Fixture, 'workspaces'>,
  token: string,
  actor?: UserActor,
): Promise<string[]> {
  const refusals = await refusalsOf(fixture, token, actor);
  return [...new Set(refusals.map(({ code }) => code))];
}

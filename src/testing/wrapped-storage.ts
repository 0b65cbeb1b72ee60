// Chaos, gates and recorders are wrappers around the port: here is the part that they share.
import type { StorageAdapter } from '../ports/storage.js';

/** A storage each call of which goes through `around`. */
export function wrapStorage(
  storage: StorageAdapter,
  around: <Answer>(call: () => Promise<Answer>) => Promise<Answer>,
): StorageAdapter {
  return {
    load: (slice) => around(() => storage.load(slice)),
    commit: (commit) => around(() => storage.commit(commit)),
    findMember: (workspaceId, userId) => around(() => storage.findMember(workspaceId, userId)),
    listWorkspaces: (userId, page) => around(() => storage.listWorkspaces(userId, page)),
    listMembers: (workspaceId, page) => around(() => storage.listMembers(workspaceId, page)),
    listInvitations: (workspaceId, page) => around(() => storage.listInvitations(workspaceId, page)),
    listEvents: (workspaceId, page) => around(() => storage.listEvents(workspaceId, page)),
    listAccountEvents: (userId, page) => around(() => storage.listAccountEvents(userId, page)),
    isConflict: (error) => storage.isConflict?.(error) === true,
  };
}

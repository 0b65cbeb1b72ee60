// The common part of storage wrappers: chaos, interleaving and lost acknowledgements.
import type { StorageAdapter } from '../ports/storage.js';

/** Wraps a storage so that each call goes through `around`. */
export function wrapStorage(
  storage: StorageAdapter,
  around: <Answer>(call: () => Promise<Answer>) => Promise<Answer>,
): StorageAdapter {
  return {
    load: (readSet) => around(() => storage.load(readSet)),
    commit: (commit) => around(() => storage.commit(commit)),
    findMembership: (workspaceId, userId) => around(() => storage.findMembership(workspaceId, userId)),
    listWorkspaces: (userId, page) => around(() => storage.listWorkspaces(userId, page)),
    listMembers: (workspaceId, page) => around(() => storage.listMembers(workspaceId, page)),
    listInvitations: (workspaceId, page) => around(() => storage.listInvitations(workspaceId, page)),
    listInvitationsFor: (recipients, page) => around(() => storage.listInvitationsFor(recipients, page)),
    listInvitationEvents: (emailKey, page) => around(() => storage.listInvitationEvents(emailKey, page)),
    findAccounts: (query) => around(() => storage.findAccounts(query)),
    findWorkspaces: (query) => around(() => storage.findWorkspaces(query)),
    listPurgeable: (at, page) => around(() => storage.listPurgeable(at, page)),
    listEvents: (workspaceId, page) => around(() => storage.listEvents(workspaceId, page)),
    listAccountEvents: (userId, page) => around(() => storage.listAccountEvents(userId, page)),
    isConflict: (error) => storage.isConflict?.(error) === true,
  };
}

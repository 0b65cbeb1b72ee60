// Wrappers of the storage port: code that runs before, after or instead of any call.
import type { StorageAdapter } from '../../src/index.js';

export interface StorageCall {
  readonly method: keyof StorageAdapter;
  readonly args: readonly unknown[];
}

/** Runs instead of each call, and decides whether and when the call itself runs. */
export type Around = <Answer>(run: () => Promise<Answer>, call: StorageCall) => Promise<Answer>;

export function aroundStorage(storage: StorageAdapter, around: Around): StorageAdapter {
  return {
    load: (...args) => around(() => storage.load(...args), { method: 'load', args }),
    commit: (...args) => around(() => storage.commit(...args), { method: 'commit', args }),
    findMembership: (...args) =>
      around(() => storage.findMembership(...args), { method: 'findMembership', args }),
    listWorkspaces: (...args) =>
      around(() => storage.listWorkspaces(...args), { method: 'listWorkspaces', args }),
    listMembers: (...args) => around(() => storage.listMembers(...args), { method: 'listMembers', args }),
    listInvitations: (...args) =>
      around(() => storage.listInvitations(...args), { method: 'listInvitations', args }),
    listInvitationsFor: (...args) =>
      around(() => storage.listInvitationsFor(...args), { method: 'listInvitationsFor', args }),
    listInvitationEvents: (...args) =>
      around(() => storage.listInvitationEvents(...args), { method: 'listInvitationEvents', args }),
    findAccounts: (...args) => around(() => storage.findAccounts(...args), { method: 'findAccounts', args }),
    findWorkspaces: (...args) =>
      around(() => storage.findWorkspaces(...args), { method: 'findWorkspaces', args }),
    listPurgeable: (...args) =>
      around(() => storage.listPurgeable(...args), { method: 'listPurgeable', args }),
    listEvents: (...args) => around(() => storage.listEvents(...args), { method: 'listEvents', args }),
    listAccountEvents: (...args) =>
      around(() => storage.listAccountEvents(...args), { method: 'listAccountEvents', args }),
  };
}

/** Delays the first call of each connection until all connections have called, so that a race is not decided early. */
export interface StartingLine {
  at(connection: StorageAdapter): StorageAdapter;
}

export function startingLine(connections: number): StartingLine {
  let missing = connections;
  let start: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (start = resolve));
  return {
    at(connection) {
      let isFirst = true;
      return aroundStorage(connection, async (run) => {
        if (isFirst) {
          isFirst = false;
          if (--missing === 0) start();
          await started;
        }
        return run();
      });
    },
  };
}

/** Sabotage: a storage without version checks. A race test must fail on it, otherwise it proves nothing. */
export function withoutVersions(storage: StorageAdapter): StorageAdapter {
  return { ...storage, commit: (commit) => storage.commit({ ...commit, expect: [] }) };
}

/** Records every call, in order. */
export function recordingStorage(storage: StorageAdapter): {
  readonly storage: StorageAdapter;
  readonly calls: StorageCall[];
} {
  const calls: StorageCall[] = [];
  const recording = aroundStorage(storage, (run, call) => {
    calls.push(call);
    return run();
  });
  return { storage: recording, calls };
}

// a storage adapter without all of its methods
import type { StorageAdapter } from 'tenantry';

const storage: StorageAdapter = {
  load: () => Promise.reject(new Error('not yet')),
  commit: () => Promise.resolve({ ok: true }),
};
// Type '{ load: () => Promise<Snapshot>; commit: () => Promise<{ ok: true; }>; }' is missing the following properties from type 'StorageAdapter': findMembership, listWorkspaces, listMembers, listInvitations, and 7 more.

export { storage };

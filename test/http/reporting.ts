// APIs that record their reports, on a storage that works or on one that fails.
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { workspaceApi, type WorkspaceApiOptions } from '../../src/http/index.js';
import type { CorePermission, DefaultRole, StorageAdapter } from '../../src/index.js';
import { chaosStorage, createTestWorkspaces } from '../../src/testing/index.js';
import { ada } from '../service/team.js';
import { as, jsonRequest, ORIGIN } from './calls.js';

type Options = WorkspaceApiOptions<DefaultRole, CorePermission, void>;

/** The reports of the API, and the stored records. Ada has an account, unless the storage fails. */
export async function apiOn(storage: StorageAdapter | null, options: Partial<Options> = {}) {
  const reports: unknown[] = [];
  const memory = memoryStorage();
  const { workspaces } = createTestWorkspaces({ storage: storage ?? memory });
  if (storage === null) await workspaces.openAccount({ ...ada, username: 'ada' });
  const onError = (error: unknown) => reports.push(error);
  const api = workspaceApi({ workspaces, actor: () => ada, onError, ...options });
  return { api, workspaces, reports, memory };
}

export const failing = chaosStorage(memoryStorage(), { seed: 1, latency: 0, failures: 1 });
export const list = () => new Request(`${ORIGIN}/workspaces`, { headers: as(ada) });
export const create = () => jsonRequest('POST', '/workspaces', '{"name":"Core"}', as(ada));

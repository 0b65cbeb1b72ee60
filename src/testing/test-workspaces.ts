// A service for tests: in-memory storage, a fixed clock, counting ids and a test key.
import { memoryStorage, type MemoryStorage } from '../adapters/memory/memory-storage.js';
import { defaultMatrix, type DefaultRole } from '../core/permission-matrix.js';
import type { CorePermission } from '../core/permissions.js';
import type { StorageAdapter } from '../ports/storage.js';
import type { WorkspaceServiceOptions } from '../service/options.js';
import { WorkspaceService } from '../service/workspace-service.js';
import type { TokenOptions } from '../tokens/tokens.js';
import { countingIds, fixedClock, type FixedClock } from './runtime.js';

/** A service with its storage and clock. */
export interface TestWorkspaces<
  Role extends string,
  Permission extends string,
  Storage extends StorageAdapter = MemoryStorage,
> {
  readonly workspaces: WorkspaceService<Role, Permission>;
  readonly storage: Storage;
  readonly clock: FixedClock;
}

/** Options of {@link createTestWorkspaces}: those of the service, all optional. */
export interface TestWorkspacesOptions<Role extends string, Permission extends string>
  extends Partial<Omit<WorkspaceServiceOptions<Role, Permission>, 'clock'>> {
  /**
   * Pass one to share a clock between services.
   * @default fixedClock()
   */
  readonly clock?: FixedClock;
}

/**
 * Token options for tests. The secret is public: never use it in production.
 *
 * @example
 * ```ts
 * import { defaultMatrix, WorkspaceService } from 'tenantry';
 * import { memoryStorage } from 'tenantry/memory';
 * import { testTokens } from 'tenantry/testing';
 *
 * new WorkspaceService({ storage: memoryStorage(), tokens: testTokens, permissions: defaultMatrix });
 * ```
 */
export const testTokens: TokenOptions = Object.freeze({
  keys: [{ kid: 'test', alg: 'HS256', secret: 'tenantry test secret, 32 bytes or more' }],
  issuer: 'https://tenantry.test',
  invitationUrl: 'https://tenantry.test/join',
} as const);

/**
 * Creates a service with in-memory storage, a fixed clock, counting ids and a test key. Options replace these defaults.
 *
 * @example
 * ```ts
 * import { createTestWorkspaces } from 'tenantry/testing';
 *
 * const { workspaces, clock } = createTestWorkspaces();
 * const { workspace } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * clock.advance(60_000);
 * workspace.name; // ada
 * ```
 */
export function createTestWorkspaces<
  Role extends string = DefaultRole,
  Permission extends string = CorePermission,
  Storage extends StorageAdapter = StorageAdapter,
>(
  options: TestWorkspacesOptions<Role, Permission> & { readonly storage: Storage },
): TestWorkspaces<Role, Permission, Storage>;
export function createTestWorkspaces<
  Role extends string = DefaultRole,
  Permission extends string = CorePermission,
>(options?: TestWorkspacesOptions<Role, Permission>): TestWorkspaces<Role, Permission>;
// The overloads say whose roles and permissions these are: those of the matrix that is given.
export function createTestWorkspaces(
  options: TestWorkspacesOptions<DefaultRole, CorePermission> = {},
): TestWorkspaces<DefaultRole, CorePermission, StorageAdapter> {
  const { storage = memoryStorage(), clock = fixedClock() } = options;
  const workspaces = new WorkspaceService({
    ids: countingIds(),
    tokens: testTokens,
    permissions: defaultMatrix,
    ...options,
    storage,
    clock,
  });
  return { workspaces, storage, clock };
}

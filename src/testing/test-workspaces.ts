// A service with everything that a test needs, in one line.
import { memoryStorage, type MemoryStorage } from '../adapters/memory/memory-storage.js';
import type { CorePermission, SealosRole } from '../domain/permissions.js';
import type { StorageAdapter } from '../ports/storage.js';
import type { WorkspaceServiceOptions } from '../service/options.js';
import { WorkspaceService } from '../service/workspace-service.js';
import type { TokenOptions } from '../tokens/tokens.js';
import { countingIds, fixedClock, type FixedClock } from './runtime.js';

/** A service, and what it stands on. */
export interface TestWorkspaces<
  Role extends string,
  Permission extends string,
  Storage extends StorageAdapter = MemoryStorage,
> {
  readonly workspaces: WorkspaceService<Role, Permission>;
  readonly storage: Storage;
  readonly clock: FixedClock;
}

/** Options of {@link createTestWorkspaces}: those of the service, none of which must be given. */
export interface TestWorkspacesOptions<Role extends string, Permission extends string>
  extends Partial<Omit<WorkspaceServiceOptions<Role, Permission>, 'clock'>> {
  /**
   * To share a clock between services.
   * @default fixedClock()
   */
  readonly clock?: FixedClock;
}

/**
 * Keys and links for tests: the secret is public, so sign nothing real with it.
 *
 * @example
 * ```ts
 * import { WorkspaceService } from 'tenantry';
 * import { memoryStorage } from 'tenantry/memory';
 * import { testTokens } from 'tenantry/testing';
 *
 * new WorkspaceService({ storage: memoryStorage(), tokens: testTokens });
 * ```
 */
export const testTokens: TokenOptions = Object.freeze({
  keys: [{ kid: 'test', alg: 'HS256', secret: 'tenantry test secret, 32 bytes or more' }],
  issuer: 'https://tenantry.test',
  invitationUrl: 'https://tenantry.test/join',
} as const);

/**
 * A service on memory with a clock that stands still, ids that count and a key: ready in one line. Any other option of
 * the service may be given instead.
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
  Role extends string = SealosRole,
  Permission extends string = CorePermission,
  Storage extends StorageAdapter = StorageAdapter,
>(
  options: TestWorkspacesOptions<Role, Permission> & { readonly storage: Storage },
): TestWorkspaces<Role, Permission, Storage>;
export function createTestWorkspaces<
  Role extends string = SealosRole,
  Permission extends string = CorePermission,
>(options?: TestWorkspacesOptions<Role, Permission>): TestWorkspaces<Role, Permission>;
// The overloads say whose roles and permissions these are: those of the matrix that is given.
export function createTestWorkspaces(
  options: TestWorkspacesOptions<SealosRole, CorePermission> = {},
): TestWorkspaces<SealosRole, CorePermission, StorageAdapter> {
  const { storage = memoryStorage(), clock = fixedClock() } = options;
  const workspaces = new WorkspaceService({
    ids: countingIds(),
    tokens: testTokens,
    ...options,
    storage,
    clock,
  });
  return { workspaces, storage, clock };
}

// Checks the rules that hold in every reachable state. Property tests run it after every step; apps can run it as an audit.
import { checkAccounts } from './accounts.js';
import { checkEvents } from './events.js';
import { checkInvitations } from './invitations.js';
import { checkWorkspaces } from './workspaces.js';
import type { Check, InvariantOptions, World } from './world.js';

export type { InvariantOptions, World } from './world.js';

/** A broken rule, and the record that breaks it. */
export interface Violation {
  /** The number of the rule in the list of rules. */
  readonly rule: string;
  readonly message: string;
}

/**
 * Returns every rule that the state breaks; an empty array if it is sound. Needs the whole state in memory, so use it in
 * tests and audits.
 *
 * @example
 * ```ts
 * import { defaultMatrix } from 'tenantry';
 * import { memoryStorage } from 'tenantry/memory';
 * import { violations } from 'tenantry/testing';
 *
 * const storage = memoryStorage();
 * violations(storage.dump(), { matrix: defaultMatrix, now: Date.now() }); // []
 * ```
 */
export function violations(world: World, options: InvariantOptions): Violation[] {
  const found: Violation[] = [];
  const check: Check = (rule, holds, message) => {
    if (!holds) found.push({ rule, message });
  };
  checkWorkspaces(world, options, check);
  checkInvitations(world, options, check);
  checkAccounts(world, options, check);
  checkEvents(world, check);
  return found;
}

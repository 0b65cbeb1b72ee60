// The constraints of every permission matrix, checked when it is created: no role can reach more than its granter holds.
import { identifierSchema } from './ids.js';
import type { RoleDefinition } from './matrix-definition.js';
import { OWNER } from './permissions.js';

/** Roles by name, with names that the compiler does not know. */
export type AnyRoles = Readonly<Record<string, RoleDefinition<string, string>>>;

/** @throws TypeError naming the role or permission at fault. */
export function checkConstraints(roles: AnyRoles, permissions: readonly string[]): void {
  const byRole = new Map(Object.entries(roles));
  const known = new Set(permissions);
  if (known.size !== permissions.length) throw invalid('a permission is listed twice');
  // Input schemas accept no other name, so no caller could pass it.
  if (![...byRole.keys(), ...permissions].every((name) => identifierSchema.safeParse(name).success))
    throw invalid('names must have 1 to 64 visible characters');
  const owner = byRole.get(OWNER);
  if (owner === undefined) throw invalid("role 'owner' is missing");
  const missing = permissions.find((permission) => !owner.permissions.includes(permission));
  if (missing !== undefined) throw invalid(`role 'owner' must hold every permission, and lacks '${missing}'`);

  for (const [role, { permissions: held }] of byRole) {
    const unknown = held.find((permission) => !known.has(permission));
    if (unknown !== undefined) throw invalid(`role '${role}' holds the unknown permission '${unknown}'`);
    if (role !== OWNER && held.includes('workspace:transfer'))
      throw invalid(`role '${role}' holds 'workspace:transfer', which only 'owner' may hold`);
  }
  for (const [role, { permissions: held, grants }] of byRole) {
    for (const target of grants) {
      const granted = byRole.get(target);
      if (granted === undefined) throw invalid(`role '${role}' grants the unknown role '${target}'`);
      if (target === OWNER) throw invalid(`role '${role}' grants 'owner', which no role may grant`);
      if (target === role) throw invalid(`role '${role}' grants itself`);
      const excess = granted.permissions.find((permission) => !held.includes(permission));
      if (excess !== undefined)
        throw invalid(`role '${role}' grants '${target}', but lacks its permission '${excess}'`);
    }
  }
}

function invalid(reason: string): TypeError {
  return new TypeError(`permission matrix: ${reason}`);
}

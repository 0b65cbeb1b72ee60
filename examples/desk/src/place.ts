// The context of a page: its workspace, the person's role there, and the workspaces to switch to.
import type { Membership, Workspace } from 'tenantry';
import type { Core } from './desk.js';
import { actorOf, type Person } from './people.js';
import type { Role } from './roles.js';

export interface Place {
  readonly workspace: Workspace;
  readonly role: Role;
  /** The directory that manages the person's membership; `null` if none does. */
  readonly managedBy: string | null;
  /** The entries of the switcher. They include the current workspace. */
  readonly memberships: readonly Membership<Role>[];
  /** Whether the person has more workspaces than the switcher shows. */
  readonly isCut: boolean;
}

const SHOWN = 30;

/** @throws WorkspaceError `WORKSPACE_NOT_FOUND` for a missing workspace and for one of other people alike */
export async function placeAt({ workspaces }: Core, user: Person, workspaceId: string): Promise<Place> {
  const actor = actorOf(user);
  const [membership, page] = await Promise.all([
    workspaces.getMembership(actor, { workspaceId }),
    workspaces.listWorkspaces(actor, { limit: SHOWN }),
  ]);
  return placeOf(membership, page);
}

/** For pages without a workspace: the workspace that the person switched to last. */
export async function activePlace({ workspaces }: Core, user: Person): Promise<Place> {
  const actor = actorOf(user);
  const [active, page] = await Promise.all([
    workspaces.activeWorkspace(actor),
    workspaces.listWorkspaces(actor, { limit: SHOWN }),
  ]);
  return placeOf(active, page);
}

function placeOf(
  { workspace, member }: Membership<Role>,
  { items, nextCursor }: { readonly items: readonly Membership<Role>[]; readonly nextCursor: string | null },
): Place {
  const isListed = items.some((each) => each.workspace.id === workspace.id);
  return {
    workspace,
    role: member.role,
    managedBy: member.managedBy,
    memberships: isListed ? items : [{ workspace, member }, ...items],
    isCut: nextCursor !== null,
  };
}

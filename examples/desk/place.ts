// Where a person is: the workspace of the page, their role in it, and the workspaces that they may switch to.
import type { Membership, Workspace } from 'tenantry';
import type { Core } from './desk.js';
import { actorOf, type Person } from './people.js';
import type { Role } from './roles.js';

export interface Place {
  readonly workspace: Workspace;
  readonly role: Role;
  /** For the switcher, the one of the page among them. */
  readonly memberships: readonly Membership<Role>[];
  /** There are more than the switcher shows. */
  readonly isCut: boolean;
}

const SHOWN = 30;

/** @throws WorkspaceError `WORKSPACE_NOT_FOUND` for what is not there and what is not theirs alike */
export async function placeAt({ workspaces }: Core, user: Person, workspaceId: string): Promise<Place> {
  const actor = actorOf(user);
  const [membership, page] = await Promise.all([
    workspaces.getMembership(actor, { workspaceId }),
    workspaces.listWorkspaces(actor, { limit: SHOWN }),
  ]);
  return placeOf(membership, page);
}

/** Where the person is when the page does not say: in the workspace that they switched to last. */
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
    memberships: isListed ? items : [{ workspace, member }, ...items],
    isCut: nextCursor !== null,
  };
}

// The open invitations for the person who reads the page, to accept or decline without their links.
import type { MyInvitation, Page } from 'tenantry';
import type { Core } from '../desk.js';
import { Time } from '../parts.js';
import { actorOf, type Person } from '../people.js';
import { roles, type Role } from '../roles.js';

/** As many as a page shows above its own content. */
const MOST_SHOWN = 5;

export function myInvitations({ workspaces }: Core, user: Person): Promise<Page<MyInvitation<Role>>> {
  return workspaces.listMyInvitations(actorOf(user), { limit: MOST_SHOWN });
}

/** Nothing, if there are none. After these are answered, the page shows the next. */
export function MyInvitations({ invitations }: { invitations: Page<MyInvitation<Role>> }) {
  const { items, nextCursor } = invitations;
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="mine-title">
      <h2 id="mine-title">Invitations for you</h2>
      <table class="cards" aria-labelledby="mine-title">
        <thead>
          <tr>
            <th scope="col">Workspace</th>
            <th scope="col">Role</th>
            <th scope="col">Invited by</th>
            <th scope="col">Expires</th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((invitation) => (
            <MyInvitationRow invitation={invitation} />
          ))}
        </tbody>
      </table>
      {nextCursor !== null && <p class="hint">There are more. Answer these first.</p>}
    </section>
  );
}

function MyInvitationRow({ invitation }: { invitation: MyInvitation<Role> }) {
  const { workspaceId, invitationId, workspaceName, invitedBy, role, expiresAt } = invitation;
  return (
    <tr data-key={`${workspaceId}/${invitationId}`}>
      <th scope="row">{workspaceName}</th>
      <td data-label="Role">{roles[role].title}</td>
      <td data-label="Invited by">{invitedBy ?? 'The operator'}</td>
      <td data-label="Expires">
        <Time at={expiresAt} />
      </td>
      <td class="actions">
        <div class="tools">
          {answers.map(([path, title]) => (
            <form method="post" action={path}>
              <input type="hidden" name="workspaceId" value={workspaceId} />
              <input type="hidden" name="invitationId" value={invitationId} />
              <button type="submit" aria-label={`${title} the invitation to ${workspaceName}`}>
                {title}
              </button>
            </form>
          ))}
        </div>
      </td>
    </tr>
  );
}

const answers = [
  ['/join/accept', 'Accept'],
  ['/join/decline', 'Decline'],
] as const;

// The list of open invitations, for members who can view it.
import type { Invitation, Page } from 'tenantry';
import { More, Time } from '../parts.js';
import { roles, type Role } from '../roles.js';

interface ListProps {
  readonly invitations: Page<Invitation<Role>>;
  /** Names of people by id. */
  readonly names: ReadonlyMap<string, string>;
  readonly isFirstPage: boolean;
  /** Whether the reader can revoke and reissue invitations for a role. */
  readonly mayAct: (role: Role) => boolean;
  readonly workspaceId: string;
  readonly more: string | null;
}

export function OpenInvitations({ invitations, names, isFirstPage, mayAct, workspaceId, more }: ListProps) {
  const { items } = invitations;
  return (
    <section aria-labelledby="open-title">
      <h2 id="open-title">Open invitations</h2>
      {items.length === 0 ? (
        <p class="hint">{isFirstPage ? 'No open invitations.' : 'No more open invitations.'}</p>
      ) : (
        <table class="cards" aria-labelledby="open-title">
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">Role</th>
              <th scope="col">Used</th>
              <th scope="col">Invited by</th>
              <th scope="col">Expires</th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((invitation) => (
              <InvitationRow
                invitation={invitation}
                names={names}
                mayAct={mayAct(invitation.role)}
                workspaceId={workspaceId}
              />
            ))}
          </tbody>
        </table>
      )}
      <More href={more} what="invitations" />
    </section>
  );
}

interface RowProps {
  readonly invitation: Invitation<Role>;
  readonly names: ReadonlyMap<string, string>;
  readonly mayAct: boolean;
  readonly workspaceId: string;
}

function InvitationRow({ invitation, names, mayAct, workspaceId }: RowProps) {
  const { id, role, uses, maxUses, expiresAt, issuedBy } = invitation;
  const whom = recipientText(invitation, names);
  const which = `the invitation of ${whom} as ${roles[role].title.toLowerCase()}`;
  const issuer = 'userId' in issuedBy ? (names.get(issuedBy.userId) ?? 'Unknown user') : 'The operator';
  return (
    <tr data-key={id}>
      <th scope="row">{whom}</th>
      <td data-label="Role">{roles[role].title}</td>
      <td data-label="Used">{maxUses === 'unlimited' ? `${uses}, no limit` : `${uses} of ${maxUses}`}</td>
      <td data-label="Invited by">{issuer}</td>
      <td data-label="Expires">
        <Time at={expiresAt} />
      </td>
      <td class="actions">
        <div class="tools">
          {mayAct && (
            <>
              <form method="post" action={`/w/${workspaceId}/invitations/reissue`}>
                <input type="hidden" name="invitationId" value={id} />
                <button type="submit" aria-label={`Create a new link for ${which}`}>
                  New link
                </button>
              </form>
              <form method="post" action={`/w/${workspaceId}/invitations/revoke`}>
                <input type="hidden" name="invitationId" value={id} />
                <button type="submit" class="danger" aria-label={`Revoke ${which}`}>
                  Revoke
                </button>
              </form>
            </>
          )}
        </div>
      </td>
    </tr>
  );
}

export function recipientText(
  { recipient, maxUses }: Pick<Invitation, 'recipient' | 'maxUses'>,
  names: ReadonlyMap<string, string>,
): string {
  if (recipient === null) return maxUses === 1 ? 'one person with the link' : 'anyone with the link';
  return 'email' in recipient ? recipient.email : (names.get(recipient.userId) ?? 'one person');
}

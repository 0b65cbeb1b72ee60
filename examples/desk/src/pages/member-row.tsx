// One row in the list of members, with the actions that the reader may take.
import type { ListedMember } from 'tenantry';
import { Fold, Time } from '../parts.js';
import type { Person } from '../people.js';
import type { Place } from '../place.js';
import { roles, type Permissions, type Role } from '../roles.js';

interface RowProps {
  readonly member: ListedMember<Role>;
  readonly user: Person;
  readonly place: Place;
  readonly permissions: Permissions;
}

export function MemberRow({ member, user, place: { workspace, role }, permissions }: RowProps) {
  const { userId, joinedAt, managedBy } = member;
  const name = member.displayName ?? member.username;
  const isSelf = userId === user.id;
  // changes of a managed member are made in the directory
  const mayAct = !isSelf && managedBy === null && permissions.mayGrant(role, member.role);
  return (
    <tr data-key={userId}>
      <th scope="row">
        {name}
        {/* a display name may be that of another person; a username is not */}
        {member.displayName !== null && <small class="mail">{member.username}</small>}
        {isSelf && <span class="tag">You</span>}
        {managedBy !== null && <span class="tag">{`Managed by ${managedBy}`}</span>}
      </th>
      <td data-label="Role">
        {mayAct && permissions.can(role, 'member:change-role') ? (
          <form method="post" action={`/w/${workspace.id}/members/role`} class="inline">
            <input type="hidden" name="userId" value={userId} />
            <select name="role" aria-label={`Role of ${name}`}>
              {permissions.grantsOf(role).map((each) => (
                <option value={each} selected={each === member.role}>
                  {roles[each].title}
                </option>
              ))}
            </select>
            <button type="submit" aria-label={`Change the role of ${name}`}>
              Change
            </button>
          </form>
        ) : (
          roles[member.role].title
        )}
      </td>
      <td data-label="Joined">
        <Time at={joinedAt} />
      </td>
      <td class="actions">
        <div class="tools">
          {mayAct && permissions.can(role, 'member:remove') && (
            <Fold id={`remove-${userId}`} summary="Remove…">
              <form method="post" action={`/w/${workspace.id}/members/remove`} class="row">
                <input type="hidden" name="userId" value={userId} />
                <p class="hint">{`${name} loses access immediately. Open invitations that they created are revoked.`}</p>
                {permissions.can(role, 'invitation:revoke') && (
                  <label class="check">
                    <input type="checkbox" name="closeLinks" value="yes" />
                    Also revoke the open links, by which anyone can join
                  </label>
                )}
                <button type="submit" class="danger">{`Remove ${name}`}</button>
              </form>
            </Fold>
          )}
          {!isSelf && permissions.can(role, 'workspace:transfer') && (
            <Fold id={`transfer-${userId}`} summary="Make owner…">
              <form method="post" action={`/w/${workspace.id}/members/transfer`} class="row">
                <input type="hidden" name="userId" value={userId} />
                <label class="check">
                  <input type="checkbox" name="confirm" value="yes" required />
                  {`${name} becomes the owner of ${workspace.name}, and I become a manager`}
                </label>
                <button type="submit" class="danger">{`Transfer ownership to ${name}`}</button>
              </form>
              <form method="post" action={`/w/${workspace.id}/members/offer`} class="row">
                <input type="hidden" name="userId" value={userId} />
                <p class="hint">{`Or let ${name} decide: nothing changes before ${name} accepts.`}</p>
                <button type="submit">{`Offer ownership to ${name}`}</button>
              </form>
            </Fold>
          )}
        </div>
      </td>
    </tr>
  );
}

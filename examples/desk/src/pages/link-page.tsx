// The page that shows an invitation link once.
import type { IssuedInvitation } from 'tenantry';
import { Crumbs, Field, Time } from '../parts.js';
import { roles, type Role } from '../roles.js';
import { recipientText } from './invitation-list.js';

export function LinkPage({
  invitation,
  url,
  name,
}: Pick<IssuedInvitation<Role>, 'invitation' | 'url'> & { name: string }) {
  const { workspaceId, role, maxUses, expiresAt } = invitation;
  const whom =
    maxUses === 'unlimited'
      ? 'Any number of people'
      : maxUses === 1
        ? 'One person'
        : `${maxUses - invitation.uses} people`;
  return (
    <>
      <Crumbs workspaceId={workspaceId} name={name} />
      <h1>Invitation link</h1>
      <p class="lead">
        This link is shown only once. Copy it and send it yourself. If you lose it, create a new link under
        Members.
      </p>
      <div class="copy">
        <Field id="link" label="Link to send">
          <input id="link" value={url} readonly spellcheck={false} />
        </Field>
        <button type="button" class="primary" data-copy="link" hidden>
          Copy link
        </button>
      </div>
      <p>
        {`${whom} can use it to join ${name} as ${roles[role].title.toLowerCase()}. It expires at `}
        <Time at={expiresAt} />.
        {invitation.recipient !== null && ` It works only for ${recipientText(invitation, new Map())}.`}
      </p>
      <p>{`A ${roles[role].title.toLowerCase()} ${roles[role].can}.`}</p>
      <p class="more">
        <a class="button" href={`/w/${workspaceId}/members`}>
          Back to members
        </a>
      </p>
    </>
  );
}

// The form to create an invitation: role, number of uses, expiry, and an optional recipient.
import type { GrantableRole, WorkspaceDetails } from 'tenantry';
import type { Form } from '../forms.js';
import { Choice, Crumbs, Field } from '../parts.js';
import { roles, type Role } from '../roles.js';
import { fullText, invitationsText, seatsText } from '../seats.js';

/** Seconds and their labels. */
export const expiries = [
  ['3600', '1 hour'],
  ['86400', '1 day'],
  ['604800', '7 days'],
  ['2592000', '30 days'],
] as const;

/** The preselected values, and the defaults of a form that omits them. */
export const usualTerms = { uses: '1', expires: '604800' } as const;

interface FormProps extends Pick<WorkspaceDetails, 'seats' | 'openInvitations'> {
  readonly workspaceId: string;
  readonly name: string;
  readonly grantable: readonly GrantableRole<Role>[];
  /** The values of a rejected form. */
  readonly form: Form | undefined;
}

export function InvitePage({ workspaceId, name, grantable, form = () => '', ...taken }: FormProps) {
  const uses = form('uses') || usualTerms.uses;
  const role = form('role') || grantable.at(-1);
  const expires = form('expires') || usualTerms.expires;
  const full = fullText(taken);
  return (
    <>
      <Crumbs workspaceId={workspaceId} name={name} />
      <h1>Invite</h1>
      <p class="lead">{`Create a link that lets people join ${name}.`}</p>
      <p class="hint">{`${seatsText(taken.seats)}. ${invitationsText(taken.openInvitations)}.`}</p>
      {full !== null && (
        <p class="notice" role="note">
          {full}
        </p>
      )}
      <form method="post" action={`/w/${workspaceId}/invite`} class="stack">
        <fieldset>
          <legend>Role</legend>
          {grantable.map((each) => (
            <Choice
              name="role"
              value={each}
              title={roles[each].title}
              about={roles[each].can}
              isChosen={each === role}
            />
          ))}
        </fieldset>
        <fieldset>
          <legend>How many people can use it</legend>
          <label class="check">
            <input type="radio" name="uses" value="1" checked={uses === '1'} />
            One person
          </label>
          <div class="inline">
            <label class="check">
              <input type="radio" name="uses" value="several" checked={uses === 'several'} />
              Several people:
            </label>
            <input
              type="number"
              name="count"
              aria-label="Number of people"
              min={2}
              max={1000}
              value={form('count') || '5'}
            />
          </div>
          <label class="check">
            <input type="radio" name="uses" value="unlimited" checked={uses === 'unlimited'} />
            Anyone with the link, without a limit
          </label>
        </fieldset>
        <Field id="expires" label="Expires after">
          <select id="expires" name="expires">
            {expiries.map(([value, title]) => (
              <option value={value} selected={value === expires}>
                {title}
              </option>
            ))}
          </select>
        </Field>
        <Field
          id="email"
          label="Only for this e-mail address (optional)"
          hint="The link then works once, and only for the owner of this address."
        >
          <input
            id="email"
            name="email"
            type="email"
            maxlength={320}
            value={form('email')}
            autocomplete="off"
            aria-describedby="email-hint"
          />
        </Field>
        <button type="submit" class="primary">
          Create link
        </button>
      </form>
    </>
  );
}

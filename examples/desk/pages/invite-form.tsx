// The form that invites somebody: as what, how many, for how long, and whether one address alone.
import type { GrantableRole } from 'tenantry';
import type { Form } from '../forms.js';
import { Choice, Crumbs, Field } from '../parts.js';
import { roles, type Role } from '../roles.js';

/** In seconds, with what people call them. */
export const expiries = [
  ['3600', '1 hour'],
  ['86400', '1 day'],
  ['604800', '7 days'],
  ['2592000', '30 days'],
] as const;

/** What is chosen before anybody chooses, and taken where a form says nothing of it. */
export const usualTerms = { uses: '1', expires: '604800' } as const;

interface FormProps {
  readonly workspaceId: string;
  readonly name: string;
  readonly grantable: readonly GrantableRole<Role>[];
  /** What was typed before. */
  readonly form: Form | undefined;
}

export function InvitePage({ workspaceId, name, grantable, form = () => '' }: FormProps) {
  const uses = form('uses') || usualTerms.uses;
  const role = form('role') || grantable.at(-1);
  const expires = form('expires') || usualTerms.expires;
  return (
    <>
      <Crumbs workspaceId={workspaceId} name={name} />
      <h1>Invite</h1>
      <p class="lead">{`Make a link that brings somebody into ${name}.`}</p>
      <form method="post" action={`/w/${workspaceId}/invite`} class="stack">
        <fieldset>
          <legend>Role</legend>
          {grantable.map((each) => (
            <Choice
              name="role"
              value={each}
              title={roles[each].title}
              about={roles[each].may}
              isChosen={each === role}
            />
          ))}
        </fieldset>
        <fieldset>
          <legend>How many may use it</legend>
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
            Everybody who has the link, without a limit
          </label>
        </fieldset>
        <Field id="expires" label="Open for">
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
          hint="Then the link is for one person, and works for nobody else."
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
          Make the link
        </button>
      </form>
    </>
  );
}

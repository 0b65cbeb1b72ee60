// The page of the person's own account: rename it, and close it.
import { Hono, type Context } from 'hono';
import { WorkspaceError, isWorkspaceError, type FoundAccount } from 'tenantry';
import type { Closing } from '../closing.js';
import type { Core } from '../desk.js';
import { formOf } from '../forms.js';
import { show } from '../layout.js';
import type { Live } from '../live.js';
import { Field, Fold } from '../parts.js';
import { actorOf, type Names, type People } from '../people.js';
import { activePlace } from '../place.js';
import { noticeOf, sentenceOf, type Sentence } from '../sentences.js';
import type { Sessions, SignedInEnv } from '../session.js';

export interface AccountParts {
  readonly core: Core;
  readonly people: People;
  readonly closing: Closing;
  readonly sessions: Sessions;
  readonly live: Live;
}

/** A rejected form: why, and what it contained. */
interface Rejected {
  readonly refusal: Sentence;
  readonly names?: Names;
  /** A team that the person must hand over or delete first. */
  readonly owned?: Owned | null;
}

interface Owned {
  readonly id: string;
  readonly name: string;
}

export function accountPages({ core, people, closing, sessions, live }: AccountParts): Hono<SignedInEnv> {
  const { workspaces } = core;

  const page = async (c: Context<SignedInEnv>, rejected?: Rejected) => {
    const { user } = c.var;
    const [place, account] = await Promise.all([activePlace(core, user), closing.account(user.id)]);
    if (account === null) throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId: user.id });
    const { refusal, names = account, owned = null } = rejected ?? {};
    const frame = { title: 'Your account', visitor: user, place, notice: noticeOf(c.req.query('notice')) };
    const content = <AccountPage account={account} names={names} owned={owned} />;
    if (refusal === undefined) return show(c, frame, content);
    return show(c, { ...frame, problem: refusal.says, live: 'ask' }, content, refusal.status);
  };

  const app = new Hono<SignedInEnv>();
  app.get('/account', (c) => page(c));
  app.post('/account/rename', async (c) => {
    const form = await formOf(c);
    const displayName = form('displayName').trim();
    const names = { username: form('username').trim(), displayName: displayName === '' ? null : displayName };
    try {
      await people.rename(c.var.user, names);
    } catch (error) {
      return page(c, { names, refusal: refusedName(error) });
    }
    return c.redirect('/account?notice=renamed', 303);
  });
  app.post('/account/close', async (c) => {
    const { user } = c.var;
    const confirmUsername = (await formOf(c))('confirmUsername');
    try {
      await closing.close(user, confirmUsername);
    } catch (error) {
      if (isWorkspaceError(error, 'ACCOUNT_OWNS_WORKSPACES')) {
        const { workspaceId } = error.details;
        const owned = workspaceId === null ? null : await teamOf(c, workspaceId);
        return page(c, { owned, refusal: owned === null ? sentenceOf(error) : ownsTeam(error, owned) });
      }
      if (isWorkspaceError(error, 'CONFIRMATION_MISMATCH')) return page(c, { refusal: sentenceOf(error) });
      throw error;
    }
    await sessions.end(c);
    live.endOf(user.id);
    return c.redirect('/closed', 303);
  });
  return app;

  /** `null` if the team has changed hands or was deleted meanwhile. */
  async function teamOf(c: Context<SignedInEnv>, workspaceId: string): Promise<Owned | null> {
    try {
      const { workspace } = await workspaces.getMembership(actorOf(c.var.user), { workspaceId });
      return workspace;
    } catch (error) {
      if (isWorkspaceError(error, 'WORKSPACE_NOT_FOUND')) return null;
      throw error;
    }
  }
}

function ownsTeam(error: WorkspaceError<'ACCOUNT_OWNS_WORKSPACES'>, { name }: Owned): Sentence {
  const others = error.details.count - 1;
  const more = others === 0 ? '' : ` and ${others === 1 ? 'one more team' : `${others} more teams`}`;
  return { ...sentenceOf(error), says: `You still own “${name}”${more}. Your account was not closed.` };
}

/** @throws any error that is not about the names */
function refusedName(error: unknown): Sentence {
  if (isWorkspaceError(error, 'INVALID_INPUT')) {
    return { ...sentenceOf(error), says: 'A name must have 1 to 100 visible characters.' };
  }
  if (isWorkspaceError(error, 'NAME_TAKEN')) {
    const says = `You own a team named “${error.details.name}”, perhaps a deleted one, and your personal workspace would get the same name.`;
    return { ...sentenceOf(error), says };
  }
  if (isWorkspaceError(error, 'USERNAME_TAKEN')) return sentenceOf(error);
  throw error;
}

function AccountPage({
  account: { username, ownedTeams },
  names,
  owned,
}: {
  account: FoundAccount;
  names: Names;
  owned: Owned | null;
}) {
  return (
    <>
      <h1>Your account</h1>
      <form method="post" action="/account/rename" class="stack">
        <Field
          id="username"
          label="Username"
          hint="You sign in with it, and your personal workspace has this name."
        >
          <input
            id="username"
            name="username"
            value={names.username}
            required
            maxlength={100}
            autocomplete="username"
            aria-describedby="username-hint"
          />
        </Field>
        <Field
          id="display-name"
          label="Display name (optional)"
          hint="Others see it instead of the username."
        >
          <input
            id="display-name"
            name="displayName"
            value={names.displayName ?? ''}
            maxlength={100}
            autocomplete="name"
            aria-describedby="display-name-hint"
          />
        </Field>
        <button type="submit" class="primary">
          Save names
        </button>
      </form>
      <section aria-labelledby="close-title">
        <h2 id="close-title">Close the account</h2>
        {owned !== null && (
          <p>
            <a href={`/w/${owned.id}/members`}>{`Make another member the owner of ${owned.name}`}</a>, or{' '}
            <a href="/workspaces">delete it under Manage workspaces</a>.
          </p>
        )}
        {owned === null && ownedTeams > 0 && (
          <p class="hint">
            {`You own ${ownedTeams === 1 ? 'a team' : `${ownedTeams} teams`}. Before you close the account, make another member the owner, or delete the team under `}
            <a href="/workspaces">Manage workspaces</a>.
          </p>
        )}
        <Fold id="close" summary="Close this account…">
          <form method="post" action="/account/close" class="row">
            <p class="hint" id="confirm-username-hint">
              You leave every workspace and are signed out everywhere. Your personal workspace is deleted, and
              your names and your e-mail address are erased. Deleted teams can no longer be restored. You
              cannot undo this.
            </p>
            <Field id="confirm-username" label={`Type ${username} to confirm`}>
              <input
                id="confirm-username"
                name="confirmUsername"
                required
                autocomplete="off"
                aria-describedby="confirm-username-hint"
              />
            </Field>
            <button type="submit" class="danger">
              Close the account
            </button>
          </form>
        </Fold>
      </section>
    </>
  );
}

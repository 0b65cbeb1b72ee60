// Joining by a link. Browsers do not send the fragment with the token, so the script posts it in a form.
import { Hono, type Context } from 'hono';
import {
  WorkspaceError,
  isWorkspaceError,
  type AnswerInvitationInput,
  type InvitationPreview,
  type UserActor,
} from 'tenantry';
import type { Core } from '../desk.js';
import { emailIn, formOf, tokenIn } from '../forms.js';
import { show, type Frame } from '../layout.js';
import { Field, Time } from '../parts.js';
import { actorOf, type People, type Person } from '../people.js';
import { activePlace } from '../place.js';
import { roles, type Role } from '../roles.js';
import { sentenceOf } from '../sentences.js';
import type { DeskEnv, Sessions } from '../session.js';
import { SignInFields, refusedSignIn } from './sign-in.js';

export interface JoinParts {
  readonly core: Core;
  readonly people: People;
  readonly sessions: Sessions;
}

export function joinPages({ core, people, sessions }: JoinParts): Hono<DeskEnv> {
  const { workspaces } = core;

  // No live updates: a GET of this page shows no invitation.
  const frameOf = async (visitor: Person | null, title: string): Promise<Frame> => {
    const place = visitor === null ? undefined : await activePlace(core, visitor);
    return { title, visitor, place, live: 'off' };
  };

  /** Shows an error of the service as a sentence. */
  const refused = async (c: Context<DeskEnv>, error: unknown) => {
    if (!isWorkspaceError(error)) throw error;
    // a malformed token is an invalid invitation
    const isNone = isWorkspaceError(error, 'INVALID_INPUT');
    const { says, next, status } = sentenceOf(isNone ? new WorkspaceError('INVITATION_INVALID', {}) : error);
    const to = isWorkspaceError(error, 'ALREADY_MEMBER') ? error.details.workspaceId : undefined;
    const frame = await frameOf(c.var.visitor, 'Invitation');
    return show(c, frame, <RefusalPage says={says} next={next} workspaceId={to} />, status);
  };

  const invitationPage = async (
    c: Context<DeskEnv>,
    { token, visitor, signIn }: { token: string; visitor: Person | null; signIn?: SignInTyped },
  ) => {
    try {
      const preview = await workspaces.previewInvitation({ token });
      if (preview.status !== 'open') throw new WorkspaceError(closedCodes[preview.status], {});
      const frame = await frameOf(visitor, `Join ${preview.workspaceName}`);
      const content = <InvitationPage preview={preview} token={token} visitor={visitor} signIn={signIn} />;
      return await show(c, { ...frame, problem: signIn?.says }, content, signIn?.status);
    } catch (error) {
      return refused(c, error);
    }
  };

  /** Asks an anonymous visitor to sign in, and keeps the invitation in the form. Without a token, the form has ids. */
  const answered = async (
    c: Context<DeskEnv>,
    answer: (actor: UserActor, invitation: AnswerInvitationInput) => Promise<string>,
  ): Promise<Response> => {
    const form = await formOf(c);
    const token = tokenIn(form);
    const [workspaceId, invitationId] = [form('workspaceId'), form('invitationId')];
    const { visitor } = c.var;
    if (visitor === null) return invitationPage(c, { token, visitor });
    const invitation = token === '' && invitationId !== '' ? { workspaceId, invitationId } : { token };
    try {
      return c.redirect(await answer(actorOf(visitor), invitation), 303);
    } catch (error) {
      return refused(c, error);
    }
  };

  const app = new Hono<DeskEnv>();
  app.get('/join', async (c) => show(c, await frameOf(c.var.visitor, 'Join a workspace'), <PastePage />));
  app.post('/join', async (c) =>
    invitationPage(c, { token: tokenIn(await formOf(c)), visitor: c.var.visitor }),
  );
  app.post('/join/sign-in', async (c) => {
    const form = await formOf(c);
    const token = tokenIn(form);
    let visitor: Person;
    try {
      visitor = await people.signIn(form('name').trim(), emailIn(form));
    } catch (error) {
      const signIn = { ...refusedSignIn(error), name: form('name'), email: form('email') };
      return invitationPage(c, { token, visitor: null, signIn });
    }
    await sessions.begin(c, visitor);
    c.set('visitor', visitor);
    return invitationPage(c, { token, visitor });
  });
  app.post('/join/accept', (c) =>
    answered(c, async (actor, invitation) => {
      const { workspace } = await workspaces.acceptInvitation(actor, invitation);
      await workspaces.switchWorkspace(actor, { workspaceId: workspace.id });
      return `/w/${workspace.id}`;
    }),
  );
  app.post('/join/decline', (c) =>
    answered(c, async (actor, invitation) => {
      await workspaces.declineInvitation(actor, invitation);
      return '/?notice=declined';
    }),
  );
  return app;
}

interface SignInTyped {
  readonly says: string;
  readonly status: 400 | 409;
  readonly name: string;
  readonly email: string;
}

/** Why the invitation cannot be accepted by anyone. */
const closedCodes = {
  used: 'INVITATION_USED',
  revoked: 'INVITATION_REVOKED',
  declined: 'INVITATION_DECLINED',
  expired: 'INVITATION_EXPIRED',
} as const;

function PastePage() {
  return (
    <>
      <h1>Join a workspace</h1>
      <p class="lead">Paste your invitation link.</p>
      {/* the script fills in the token from the address and submits the form */}
      <form method="post" action="/join" class="stack" id="join">
        <Field id="link" label="Invitation link">
          <input id="link" name="link" required autocomplete="off" spellcheck={false} maxlength={4000} />
        </Field>
        <button type="submit" class="primary">
          Open invitation
        </button>
      </form>
    </>
  );
}

interface InvitationProps {
  readonly preview: InvitationPreview<Role>;
  readonly token: string;
  readonly visitor: Person | null;
  readonly signIn: SignInTyped | undefined;
}

function InvitationPage({ preview, token, visitor, signIn }: InvitationProps) {
  const { workspaceName, invitedBy, role, expiresAt } = preview;
  const { title, can } = roles[role];
  return (
    <>
      <h1>{`Join ${workspaceName}`}</h1>
      <p class="lead">
        {`${invitedBy ?? 'The desk'} invites you to `}
        <strong>{workspaceName}</strong>
        {` as ${title.toLowerCase()}.`}
      </p>
      <p>{`A ${title.toLowerCase()} ${can}.`}</p>
      <p>
        The invitation expires at <Time at={expiresAt} />.
      </p>
      {visitor === null ? (
        <form method="post" action="/join/sign-in" class="stack">
          <h2>Sign in to accept or decline</h2>
          <input type="hidden" name="token" value={token} />
          <SignInFields name={signIn?.name} email={signIn?.email} />
          <button type="submit" class="primary">
            Sign in
          </button>
        </form>
      ) : (
        <>
          <p class="hint">{`You are signed in as ${visitor.name}.`}</p>
          <div class="row">
            <form method="post" action="/join/accept">
              <input type="hidden" name="token" value={token} />
              <button type="submit" class="primary">
                Accept
              </button>
            </form>
            <form method="post" action="/join/decline">
              <input type="hidden" name="token" value={token} />
              <button type="submit">Decline</button>
            </form>
          </div>
        </>
      )}
    </>
  );
}

function RefusalPage({
  says,
  next,
  workspaceId,
}: {
  says: string;
  next: string;
  workspaceId: string | undefined;
}) {
  return (
    <>
      <h1>Invitation</h1>
      <p class="problem" role="alert">
        {says}
      </p>
      <p>{next}</p>
      <p class="more">
        {workspaceId === undefined ? (
          <a class="button" href="/workspaces">
            Your workspaces
          </a>
        ) : (
          <a class="button" href={`/w/${workspaceId}`}>
            Open the workspace
          </a>
        )}
      </p>
    </>
  );
}

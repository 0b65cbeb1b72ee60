// Signing in with a name alone, for the demo, and signing out.
import { Hono } from 'hono';
import { isWorkspaceError } from 'tenantry';
import { FormError, emailIn, formOf, nextPage } from '../forms.js';
import { show } from '../layout.js';
import type { Live } from '../live.js';
import { Field } from '../parts.js';
import type { People } from '../people.js';
import { sentenceOf } from '../sentences.js';
import type { DeskEnv, Sessions } from '../session.js';

export interface SignInParts {
  readonly people: People;
  readonly sessions: Sessions;
  readonly live: Live;
}

export function signInPages({ people, sessions, live }: SignInParts): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.get('/sign-in', (c) => {
    const next = nextPage(c.req.query('next'));
    if (c.var.visitor !== null) return c.redirect(next, 303);
    return show(c, { title: 'Sign in', visitor: null }, <SignInPage next={next} />);
  });
  app.post('/sign-in', async (c) => {
    const form = await formOf(c);
    const next = nextPage(form('next'));
    try {
      const person = await people.signIn(form('name').trim(), emailIn(form));
      await sessions.begin(c, person);
      return c.redirect(next, 303);
    } catch (error) {
      const { says, status } = refusedSignIn(error);
      const frame = { title: 'Sign in', visitor: null, problem: says };
      return show(c, frame, <SignInPage next={next} name={form('name')} email={form('email')} />, status);
    }
  });
  app.get('/closed', (c) => {
    if (c.var.visitor !== null) return c.redirect('/', 303);
    return show(c, { title: 'Account closed', visitor: null }, <ClosedPage />);
  });
  app.post('/sign-out', async (c) => {
    // the session first: a page whose stream ends opens another one with the same cookie
    await sessions.end(c);
    if (c.var.visitor !== null) live.endOf(c.var.visitor.id);
    return c.redirect('/sign-in', 303);
  });
  return app;
}

/** @throws any error that is not about the name or the address */
export function refusedSignIn(error: unknown): { readonly says: string; readonly status: 400 | 409 } {
  if (error instanceof FormError) return { says: error.message, status: 400 };
  if (isWorkspaceError(error, 'INVALID_INPUT')) {
    return { says: 'A name must have 1 to 100 visible characters.', status: 400 };
  }
  if (isWorkspaceError(error, 'USERNAME_TAKEN')) return { says: sentenceOf(error).says, status: 409 };
  throw error;
}

function SignInPage({ next, name, email }: { next: string; name?: string; email?: string }) {
  return (
    <>
      <h1>Sign in</h1>
      <p class="lead">Your personal workspace, and workspaces that you share with a team.</p>
      <form method="post" action="/sign-in" class="stack">
        <input type="hidden" name="next" value={next} />
        <SignInFields name={name} email={email} />
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </>
  );
}

/** Where closing an account ends. It names no one, because anyone can open it. */
function ClosedPage() {
  return (
    <>
      <h1>Your account is closed</h1>
      <p class="lead">Your names and your e-mail address were erased, and you are signed out everywhere.</p>
      <p class="more">
        <a class="button" href="/sign-in">
          Sign in as another person
        </a>
      </p>
    </>
  );
}

/** Shared with the invitation page. */
export function SignInFields({
  name = '',
  email = '',
}: {
  name?: string | undefined;
  email?: string | undefined;
}) {
  return (
    <>
      <p class="hint">
        This demo has no passwords: anyone who enters a name is signed in as that person. Replace it with a
        real sign-in.
      </p>
      <Field id="name" label="Your name">
        <input id="name" name="name" value={name} required maxlength={100} autocomplete="username" />
      </Field>
      <Field
        id="email"
        label="E-mail address (optional)"
        hint="The demo treats it as verified, so that you can try invitations to an address."
      >
        <input
          id="email"
          name="email"
          type="email"
          value={email}
          maxlength={320}
          autocomplete="email"
          aria-describedby="email-hint"
        />
      </Field>
    </>
  );
}

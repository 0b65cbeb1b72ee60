// The layout of every page: the top bar with the workspace switcher, the messages, and the content.
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Person } from './people.js';
import type { Place } from './place.js';
import { roles } from './roles.js';

export interface Frame {
  readonly title: string;
  /** `null` if the visitor is not signed in. */
  readonly visitor: Person | null;
  /** The workspace of the page, or the active one. Left out if there is none. */
  readonly place?: Place | undefined;
  /** A message, announced politely. */
  readonly notice?: string | undefined;
  /** An error, announced immediately. */
  readonly problem?: string | undefined;
  /**
   * Whether the page refreshes after a change. `ask` shows a notice instead, for a page with form input; `off` does
   * nothing, for a page that can be shown only once.
   * @default 'on'
   */
  readonly live?: 'on' | 'ask' | 'off';
  /** Shows the content on the wallpaper, without a sheet around it. */
  readonly isDesktop?: boolean;
}

/** Responds with a page. */
export function show(
  c: Context,
  frame: Frame,
  content: Child,
  status: ContentfulStatusCode = 200,
): Response | Promise<Response> {
  // An error page has nothing to refresh: each attempt would fail again.
  const isKept = status < 400 || frame.live === 'ask';
  const shown: Frame = isKept ? frame : { ...frame, live: 'off' };
  return c.html(html`<!doctype html>${<Page frame={shown}>{content}</Page>}`, status);
}

function Page({ frame, children }: { frame: Frame; children?: Child }) {
  const { title, visitor, place, notice, problem, live = 'on', isDesktop = false } = frame;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{`${title} · Desk`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/desk.css" />
        <script type="module" src="/desk.js"></script>
      </head>
      <body data-live={visitor === null ? 'off' : live} data-streams={visitor === null ? undefined : 'on'}>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <header class="bar" id="bar">
          <a class="brand" href="/">
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="M3 7l9-4 9 4-9 4z M3 12l9 4 9-4 M3 17l9 4 9-4" />
            </svg>
            Desk
          </a>
          {visitor !== null && <Corner visitor={visitor} place={place} />}
        </header>
        <main id="main" class={isDesktop ? 'desktop' : 'sheet'} tabindex={-1}>
          {place !== undefined && place.workspace.suspendedFor !== null && (
            <p class="problem" id="suspended">
              {place.workspace.name} is suspended: {place.workspace.suspendedFor}. You can view and delete
              what is in it, and leave; nothing can be added.
            </p>
          )}
          {problem !== undefined && (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
          {notice !== undefined && (
            <p class="notice" role="status">
              {notice}
            </p>
          )}
          {children}
        </main>
        <p id="said" class="unseen" role="status" aria-live="polite"></p>
      </body>
    </html>
  );
}

/** The workspace switcher and the account menu. */
function Corner({ visitor, place }: { visitor: Person; place: Place | undefined }) {
  return (
    <div class="corner">
      {place !== undefined && <Switcher place={place} />}
      <details class="menu" id="account-menu">
        <summary class="opener" aria-label={`Account: ${visitor.name}`}>
          <span class="avatar" aria-hidden="true">
            {initialOf(visitor.name)}
          </span>
          <span class="wide">{visitor.name}</span>
        </summary>
        <div class="panel">
          <p>
            Signed in as <strong>{visitor.name}</strong>
            {visitor.email !== null && <small class="mail">{visitor.email}</small>}
          </p>
          <a class="item" href="/account">
            Your account
          </a>
          <form method="post" action="/sign-out">
            <button type="submit" class="item">
              Sign out
            </button>
          </form>
        </div>
      </details>
    </div>
  );
}

function Switcher({ place: { workspace, role, memberships, isCut } }: { place: Place }) {
  return (
    <details class="menu" id="workspace-menu">
      <summary
        class="opener"
        aria-label={`Workspace: ${workspace.name}, ${roles[role].title}. Switch workspace`}
      >
        <span class="cube" aria-hidden="true">
          {initialOf(workspace.name)}
        </span>
        <span class="name">{workspace.name}</span>
      </summary>
      <nav class="panel" aria-label="Workspaces">
        <ul>
          {memberships.map((each) => (
            <li data-key={each.workspace.id}>
              {/* also for the current workspace: switching makes it the active one */}
              <form method="post" action="/switch">
                <input type="hidden" name="workspaceId" value={each.workspace.id} />
                <button
                  type="submit"
                  class="item"
                  aria-current={each.workspace.id === workspace.id ? 'true' : undefined}
                >
                  <span class="cube" aria-hidden="true">
                    {initialOf(each.workspace.name)}
                  </span>
                  <span class="name">{each.workspace.name}</span>{' '}
                  <small>
                    {each.workspace.kind === 'personal' ? 'Personal' : roles[each.member.role].title}
                    {each.workspace.status === 'suspended' && ', suspended'}
                  </small>
                </button>
              </form>
            </li>
          ))}
        </ul>
        {isCut && <p>Showing the first {memberships.length}. See all under Manage workspaces.</p>}
        <a class="item" href="/workspaces">
          Manage workspaces
        </a>
      </nav>
    </details>
  );
}

function initialOf(name: string): string {
  return [...name][0]?.toUpperCase() ?? '';
}

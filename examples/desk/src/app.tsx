// Assembles the desk. Its dependencies are parameters, so that tests can replace them.
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import { apiPages } from './api.js';
import { smallBodiesOnly } from './body.js';
import { createClosing } from './closing.js';
import { createCore, type DeskOptions, type Workspaces } from './desk.js';
import { notKept, ownFormsOnly, ownHostsOnly, safeHeaders } from './guards.js';
import { httpApi } from './http-api.js';
import { createLive, type Live } from './live.js';
import { liveRoute } from './live-route.js';
import { accountPages } from './pages/account.js';
import { activityPages } from './pages/activity.js';
import { desktopPages } from './pages/desktop.js';
import { errorPage, notFound } from './pages/errors.js';
import { invitePages } from './pages/invite.js';
import { joinPages } from './pages/join.js';
import { membersPages } from './pages/members.js';
import { resourcesPages } from './pages/resources.js';
import { signInPages } from './pages/sign-in.js';
import { workspacesPages } from './pages/workspaces.js';
import { createPeople } from './people.js';
import { createPurge } from './purge.js';
import { createRates, limitedBy } from './rates.js';
import { createResources } from './resources.js';
import { createSessions, signedInOnly, type DeskEnv, type SignedInEnv } from './session.js';

export interface Desk {
  /** Handles requests: use `app.fetch` in a server and `app.request` in a test. */
  readonly app: Hono<DeskEnv>;
  readonly workspaces: Workspaces;
  /** The open streams. End them before you close the server. */
  readonly live: Live;
  /** Deletes for good what can no longer be restored. Call it once a day. */
  readonly purge: () => Promise<void>;
}

export function createDesk(options: DeskOptions): Desk {
  const { keys, origin, address = origin, pageSize = 50 } = options;
  const { invitationsPerMinute = 60, signInsPerMinute = 60 } = options;
  const { streamsPerUser = 8, streams = 1000 } = options;
  const { log = (line) => console.error(line) } = options;
  const core = createCore(options);
  const { db, workspaces, clock } = core;
  const closing = createClosing(core);
  const people = createPeople(core, closing);
  const resources = createResources(core);
  const live = createLive(workspaces, { streamsPerUser, streams });
  const isHttps = origin.startsWith('https:');
  const sessions = createSessions({ db, people, key: keys.cookie, isHttps, now: () => clock.now() });
  const rates = createRates({ invitationsPerMinute, signInsPerMinute });
  const [limited, limitedSignIn] = [limitedBy(rates.invitations), limitedBy(rates.signIns)];

  const app = new Hono<DeskEnv>();
  app.use(safeHeaders(isHttps), notKept, ownHostsOnly([origin, address]));
  serveFiles(app);
  // before the pages, because API clients send tokens, and neither cookies nor forms
  const { routes, document } = httpApi({ core, people, resources, rates, log });
  app.route('/', routes);
  app.get('/openapi.json', (c) => c.json(document));
  app.use(
    ownFormsOnly(origin),
    smallBodiesOnly(() => new HTTPException(413, { message: 'too large' })),
    sessions.middleware,
  );
  app.use('/join/*', limited); // includes /join
  for (const path of ['/sign-in', '/join/sign-in']) app.post(path, limitedSignIn);
  app.route('/', signInPages({ people, sessions, live }));
  app.route('/', joinPages({ core, people, sessions }));
  app.route('/', liveRoute(live));

  const inside = new Hono<SignedInEnv>();
  for (const path of ['/', '/switch', '/workspaces', '/account/*', '/w/*']) inside.use(path, signedInOnly);
  inside.use('/w/:workspaceId/*', ofAnyWorkspace);
  inside.route('/', desktopPages(core));
  inside.route('/', workspacesPages({ core, pageSize }));
  inside.route('/', accountPages({ core, people, closing, sessions, live }));
  inside.route('/', membersPages({ core, people, pageSize }));
  inside.route('/', invitePages(core, limited));
  inside.route('/', resourcesPages({ core, resources, pageSize }));
  inside.route('/', activityPages({ core, people, pageSize }));
  inside.route('/', apiPages(core, document));
  app.route('/', inside);

  app.notFound(notFound);
  app.onError(errorPage(log));
  return { app, workspaces, live, purge: createPurge(core) };
}

/** A malformed workspace id gets the same page as an unknown one. */
const ofAnyWorkspace = createMiddleware<SignedInEnv>(async (c, next) => {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(c.req.param('workspaceId') ?? '')) return c.notFound();
  return next();
});

/** Serves the stylesheet, the script and the icon, which are public. */
function serveFiles(app: Hono<DeskEnv>): void {
  for (const [name, type] of [
    ['desk.css', 'text/css; charset=utf-8'],
    ['desk.js', 'text/javascript; charset=utf-8'],
    ['favicon.svg', 'image/svg+xml'],
  ] as const) {
    const content = readFileSync(new URL(`../public/${name}`, import.meta.url), 'utf8');
    const headers = { 'Content-Type': type, 'Cache-Control': 'no-cache' };
    app.get(`/${name}`, etag(), (c) => c.body(content, 200, headers));
  }
}

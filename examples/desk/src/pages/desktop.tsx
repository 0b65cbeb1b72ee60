// The desktop of a workspace with its apps, and switching between workspaces.
import { Hono } from 'hono';
import type { Core } from '../desk.js';
import { formOf } from '../forms.js';
import { show } from '../layout.js';
import { actorOf } from '../people.js';
import { placeAt, type Place } from '../place.js';
import { roles, type Permissions } from '../roles.js';
import { noticeOf } from '../sentences.js';
import type { SignedInEnv } from '../session.js';
import { MyInvitations, myInvitations } from './my-invitations.js';

export function desktopPages(core: Core): Hono<SignedInEnv> {
  const { workspaces, permissions } = core;
  const app = new Hono<SignedInEnv>();
  app.get('/', async (c) => {
    const { workspace } = await workspaces.activeWorkspace(actorOf(c.var.user));
    const notice = c.req.query('notice');
    const query = noticeOf(notice) === undefined ? '' : `?notice=${notice ?? ''}`;
    return c.redirect(`/w/${workspace.id}${query}`, 303);
  });
  app.post('/switch', async (c) => {
    const workspaceId = (await formOf(c))('workspaceId');
    await workspaces.switchWorkspace(actorOf(c.var.user), { workspaceId });
    return c.redirect(`/w/${workspaceId}`, 303);
  });
  app.get('/w/:workspaceId', async (c) => {
    const { user } = c.var;
    const place = await placeAt(core, user, c.req.param('workspaceId'));
    const frame = { title: place.workspace.name, visitor: user, place, isDesktop: true };
    const notice = noticeOf(c.req.query('notice'));
    const invitations = await myInvitations(core, user);
    return show(
      c,
      { ...frame, notice },
      <>
        <Desktop place={place} permissions={permissions} />
        <MyInvitations invitations={invitations} />
      </>,
    );
  });
  return app;
}

function Desktop({ place: { workspace, role }, permissions }: { place: Place; permissions: Permissions }) {
  const { id, name, kind, memberCount } = workspace;
  const at = (page: string) => `/w/${id}/${page}`;
  const mayInvite = kind === 'team' && permissions.can(role, 'invitation:create');
  return (
    <>
      <div class="hello">
        <h1>{name}</h1>
        <p>
          {kind === 'personal'
            ? 'Your personal workspace. Only you can use it.'
            : `Your role: ${roles[role].title.toLowerCase()}. ${memberCount === 1 ? 'You are the only member.' : `${memberCount} members.`}`}
        </p>
      </div>
      <nav aria-label="Apps">
        <ul class="tiles">
          <Tile href={at('members')} title="Members" icon="members" />
          {mayInvite && <Tile href={at('invite')} title="Invite" icon="invite" />}
          <Tile href={at('resources')} title="Resources" icon="resources" />
          {permissions.can(role, 'event:view') && (
            <Tile href={at('activity')} title="Activity" icon="activity" />
          )}
          <Tile href="/workspaces" title="Manage workspaces" icon="workspaces" />
          <Tile href={at('api')} title="API" icon="api" />
        </ul>
      </nav>
    </>
  );
}

const icons = {
  members:
    'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M2 21c0-4 3-7 7-7s7 3 7 7 M17 4a4 4 0 0 1 0 7 M19 14c2 1 3 4 3 7',
  invite: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M2 21c0-4 3-7 7-7s7 3 7 7 M19 6v7 M15.500 9.500h7',
  resources: 'M4 4h16v6H4z M4 14h16v6H4z M8 7h.01 M8 17h.01',
  activity: 'M2 12h5l3-8 4 16 3-8h5',
  workspaces: 'M3 7l9-4 9 4-9 4z M3 12l9 4 9-4 M3 17l9 4 9-4',
  api: 'M8 6l-6 6 6 6 M16 6l6 6-6 6 M14 3l-4 18',
} as const;

function Tile({ href, title, icon }: { href: string; title: string; icon: keyof typeof icons }) {
  return (
    <li>
      <a class="tile" href={href}>
        <span class={`icon ${icon}`}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d={icons[icon]} />
          </svg>
        </span>
        {title}
      </a>
    </li>
  );
}

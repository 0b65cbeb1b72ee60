// The page to list, create, rename and delete workspaces.
import { Hono, type Context } from 'hono';
import { isWorkspaceError, type Membership, type MyInvitation, type Page } from 'tenantry';
import type { Core } from '../desk.js';
import { formOf } from '../forms.js';
import { show } from '../layout.js';
import { Field, More, Fold } from '../parts.js';
import { actorOf } from '../people.js';
import { activePlace } from '../place.js';
import type { Resources } from '../resources.js';
import { roles, type Permissions, type Role } from '../roles.js';
import { noticeOf, sentenceOf } from '../sentences.js';
import type { SignedInEnv } from '../session.js';
import { MyInvitations, myInvitations } from './my-invitations.js';

export interface WorkspacesParts {
  readonly core: Core;
  readonly resources: Resources;
  readonly pageSize: number;
}

export function workspacesPages({ core, resources, pageSize }: WorkspacesParts): Hono<SignedInEnv> {
  const { workspaces, permissions } = core;

  const page = async (c: Context<SignedInEnv>, typed?: { name: string; error: unknown }) => {
    const { user } = c.var;
    const refusal = typed === undefined ? undefined : refused(typed.error);
    const [place, invitations, list] = await Promise.all([
      activePlace(core, user),
      myInvitations(core, user),
      workspaces.listWorkspaces(actorOf(user), { limit: pageSize, cursor: c.req.query('after') }),
    ]);
    const live: 'on' | 'ask' = typed === undefined ? 'on' : 'ask';
    const frame = { title: 'Manage workspaces', visitor: user, place, live };
    return show(
      c,
      { ...frame, notice: noticeOf(c.req.query('notice')), problem: refusal?.says },
      <WorkspacesPage
        invitations={invitations}
        list={list}
        permissions={permissions}
        name={typed?.name ?? ''}
      />,
      refusal?.status,
    );
  };

  const app = new Hono<SignedInEnv>();
  app.get('/workspaces', (c) => page(c));
  app.post('/workspaces', async (c) => {
    const name = (await formOf(c))('name');
    try {
      const { id } = await workspaces.createWorkspace(actorOf(c.var.user), { name });
      await workspaces.switchWorkspace(actorOf(c.var.user), { workspaceId: id });
      return c.redirect(`/w/${id}`, 303);
    } catch (error) {
      return page(c, { name, error });
    }
  });
  app.post('/w/:workspaceId/rename', async (c) => {
    const [workspaceId, form] = [c.req.param('workspaceId'), await formOf(c)];
    await workspaces.renameWorkspace(actorOf(c.var.user), { workspaceId, name: form('name') });
    return c.redirect('/workspaces', 303);
  });
  app.post('/w/:workspaceId/delete', async (c) => {
    const [workspaceId, form] = [c.req.param('workspaceId'), await formOf(c)];
    const confirmName = form('confirmName');
    await resources.deleteWorkspace(actorOf(c.var.user), { workspaceId, confirmName });
    return c.redirect('/workspaces?notice=deleted', 303);
  });
  return app;
}

/** @throws any error that is not about the form */
function refused(error: unknown) {
  if (isWorkspaceError(error, 'INVALID_INPUT')) {
    return { says: 'A name must have 1 to 100 visible characters.', status: 400 as const };
  }
  if (!isWorkspaceError(error)) throw error;
  if (isWorkspaceError(error, 'NAME_TAKEN')) {
    // people create workspaces for themselves only
    return { ...sentenceOf(error), says: `You already have a workspace named “${error.details.name}”.` };
  }
  return sentenceOf(error);
}

function WorkspacesPage({
  invitations,
  list: { items, nextCursor },
  permissions,
  name,
}: {
  invitations: Page<MyInvitation<Role>>;
  list: Page<Membership<Role>>;
  permissions: Permissions;
  name: string;
}) {
  return (
    <>
      <h1>Manage workspaces</h1>
      <MyInvitations invitations={invitations} />
      <section aria-labelledby="new-title">
        <h2 id="new-title">New workspace</h2>
        <form method="post" action="/workspaces" class="row">
          <Field id="new-name" label="Name of the new workspace">
            <input id="new-name" name="name" value={name} required maxlength={100} autocomplete="off" />
          </Field>
          <button type="submit" class="primary">
            Create workspace
          </button>
        </form>
      </section>
      <section aria-labelledby="list-title">
        <h2 id="list-title">Your workspaces</h2>
        <table class="cards" aria-labelledby="list-title">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Your role</th>
              <th scope="col">Members</th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((membership) => (
              <WorkspaceRow membership={membership} permissions={permissions} />
            ))}
          </tbody>
        </table>
        <More
          href={nextCursor === null ? null : `/workspaces?after=${encodeURIComponent(nextCursor)}`}
          what="workspaces"
        />
      </section>
    </>
  );
}

function WorkspaceRow({
  membership: { workspace, member },
  permissions,
}: {
  membership: Membership<Role>;
  permissions: Permissions;
}) {
  const { id, name, kind, memberCount } = workspace;
  const isTeam = kind === 'team';
  return (
    <tr data-key={id}>
      <th scope="row">
        <a href={`/w/${id}`}>{name}</a>
      </th>
      <td data-label="Your role">
        {roles[member.role].title}
        {!isTeam && <span class="tag">Personal</span>}
      </td>
      <td data-label="Members">{memberCount}</td>
      <td class="actions">
        <div class="tools">
          <form method="post" action="/switch">
            <input type="hidden" name="workspaceId" value={id} />
            <button type="submit" aria-label={`Switch to ${name}`}>
              Switch
            </button>
          </form>
          {isTeam && permissions.can(member.role, 'workspace:rename') && (
            <Fold id={`rename-${id}`} summary="Rename…">
              <form method="post" action={`/w/${id}/rename`} class="row">
                <Field id={`name-${id}`} label={`New name of ${name}`}>
                  <input
                    id={`name-${id}`}
                    name="name"
                    value={name}
                    required
                    maxlength={100}
                    autocomplete="off"
                  />
                </Field>
                <button type="submit">{`Rename ${name}`}</button>
              </form>
            </Fold>
          )}
          {isTeam && permissions.can(member.role, 'workspace:delete') && (
            <Fold id={`delete-${id}`} summary="Delete…">
              <form method="post" action={`/w/${id}/delete`} class="row">
                <p class="hint" id={`confirm-${id}-hint`}>
                  This permanently deletes its members, invitations and resources.
                </p>
                <Field id={`confirm-${id}`} label={`Type ${name} to confirm`}>
                  <input
                    id={`confirm-${id}`}
                    name="confirmName"
                    required
                    autocomplete="off"
                    aria-describedby={`confirm-${id}-hint`}
                  />
                </Field>
                <button type="submit" class="danger">{`Delete ${name}`}</button>
              </form>
            </Fold>
          )}
        </div>
      </td>
    </tr>
  );
}

// The page to list, create, rename, delete and restore workspaces.
import { Hono, type Context } from 'hono';
import { isWorkspaceError, nameKey } from 'tenantry';
import type { DeletedWorkspace, Membership, MyInvitation, Page } from 'tenantry';
import type { Core } from '../desk.js';
import { formOf } from '../forms.js';
import { show } from '../layout.js';
import { Field, More, Fold } from '../parts.js';
import { actorOf } from '../people.js';
import { activePlace } from '../place.js';
import { roles, type Permissions, type Role } from '../roles.js';
import { noticeOf, sentenceOf, type Sentence } from '../sentences.js';
import type { SignedInEnv } from '../session.js';
import { DeletedWorkspaces } from './deleted-workspaces.js';
import { MyInvitations, myInvitations } from './my-invitations.js';

export interface WorkspacesParts {
  readonly core: Core;
  readonly pageSize: number;
}

export function workspacesPages({ core, pageSize }: WorkspacesParts): Hono<SignedInEnv> {
  const { workspaces, permissions, graceDays } = core;

  const page = async (c: Context<SignedInEnv>, typed?: Typed) => {
    const { user } = c.var;
    const actor = actorOf(user);
    const [place, invitations, list, deleted] = await Promise.all([
      activePlace(core, user),
      myInvitations(core, user),
      workspaces.listWorkspaces(actor, { limit: pageSize, cursor: c.req.query('after') }),
      workspaces.listDeletedWorkspaces(actor, { limit: pageSize, cursor: c.req.query('deleted-after') }),
    ]);
    const refusal = typed?.refusal(deleted.items);
    const live: 'on' | 'ask' = typed === undefined ? 'on' : 'ask';
    const frame = { title: 'Manage workspaces', visitor: user, place, live };
    return show(
      c,
      { ...frame, notice: noticeOf(c.req.query('notice')), problem: refusal?.says },
      <WorkspacesPage
        invitations={invitations}
        list={list}
        deleted={deleted}
        graceDays={graceDays}
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
      return page(c, { name, refusal: (deleted) => refusedName(error, deleted) });
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
    await workspaces.deleteWorkspace(actorOf(c.var.user), { workspaceId, confirmName });
    return c.redirect('/workspaces?notice=deleted', 303);
  });
  app.post('/w/:workspaceId/restore', async (c) => {
    try {
      await workspaces.restoreWorkspace(actorOf(c.var.user), { workspaceId: c.req.param('workspaceId') });
    } catch (error) {
      return page(c, { refusal: () => refusedRestore(error) });
    }
    return c.redirect('/workspaces?notice=restored', 303);
  });
  return app;
}

/** A rejected form. */
interface Typed {
  /** The name in the form to create a workspace. */
  readonly name?: string;
  readonly refusal: (deleted: readonly DeletedWorkspace[]) => Pick<Sentence, 'says' | 'status'>;
}

/** @throws any error that is not about the form */
function refusedName(
  error: unknown,
  deleted: readonly DeletedWorkspace[],
): Pick<Sentence, 'says' | 'status'> {
  if (isWorkspaceError(error, 'INVALID_INPUT')) {
    return { says: 'A name must have 1 to 100 visible characters.', status: 400 };
  }
  if (!isWorkspaceError(error)) throw error;
  if (isWorkspaceError(error, 'NAME_TAKEN')) {
    const { name } = error.details;
    const isDeleted = deleted.some((each) => nameKey(each.name) === nameKey(name));
    // people create workspaces for themselves only
    const says = isDeleted
      ? `Your deleted workspace still has the name “${name}”. Restore it, or choose another name.`
      : `You already have a workspace named “${name}”.`;
    return { ...sentenceOf(error), says };
  }
  return sentenceOf(error);
}

/** @throws any error that is not about the workspace or its owner */
function refusedRestore(error: unknown): Pick<Sentence, 'says' | 'status'> {
  if (isWorkspaceError(error, 'WORKSPACE_NOT_FOUND')) {
    // also for an id that never existed
    return { ...sentenceOf(error), says: 'There is no deleted workspace of yours to restore here.' };
  }
  if (isWorkspaceError(error, 'LIMIT_EXCEEDED')) {
    const { current, limit } = error.details;
    const says = `You have ${current} workspaces, and the limit is ${limit}. Delete another one first.`;
    return { ...sentenceOf(error), says };
  }
  if (isWorkspaceError(error, 'PERMISSION_DENIED')) return sentenceOf(error);
  throw error;
}

function WorkspacesPage({
  invitations,
  list: { items, nextCursor },
  deleted,
  graceDays,
  permissions,
  name,
}: {
  invitations: Page<MyInvitation<Role>>;
  list: Page<Membership<Role>>;
  deleted: Page<DeletedWorkspace>;
  graceDays: number;
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
              <WorkspaceRow membership={membership} permissions={permissions} graceDays={graceDays} />
            ))}
          </tbody>
        </table>
        <More
          href={nextCursor === null ? null : `/workspaces?after=${encodeURIComponent(nextCursor)}`}
          what="workspaces"
        />
      </section>
      <DeletedWorkspaces deleted={deleted} />
    </>
  );
}

function WorkspaceRow({
  membership: { workspace, member },
  permissions,
  graceDays,
}: {
  membership: Membership<Role>;
  permissions: Permissions;
  graceDays: number;
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
                  {`It is gone for all members immediately. You can restore it within ${graceDays === 1 ? 'a day' : `${graceDays} days`}; after that its members, invitations and resources are deleted permanently.`}
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

// The resources of a workspace and how much of its quota is left.
import { Hono, type Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { isWorkspaceError, type QuotaReport } from 'tenantry';
import type { Core } from '../desk.js';
import { FormError, formOf, type Form } from '../forms.js';
import { show } from '../layout.js';
import { Choice, Crumbs, Field, More } from '../parts.js';
import { actorOf } from '../people.js';
import { placeAt, type Place } from '../place.js';
import {
  isKind,
  isResourceName,
  kinds,
  type NewResource,
  type ResourcePage,
  type Resources,
} from '../resources.js';
import type { Permissions } from '../roles.js';
import { resourceTitle, sentenceOf } from '../sentences.js';
import type { SignedInEnv } from '../session.js';
import { QuotaBars } from './quota-bars.js';
import { ResourceRow } from './resource-row.js';

/** How long a slow build reserves its quota. */
const BUILD_MINUTES = 10;

export interface ResourcesParts {
  readonly core: Core;
  readonly resources: Resources;
  readonly pageSize: number;
}

export function resourcesPages({ core, resources, pageSize }: ResourcesParts): Hono<SignedInEnv> {
  const { workspaces, permissions, clock } = core;
  type Ctx = Context<SignedInEnv, '/w/:workspaceId/resources'>;

  const page = async (c: Ctx, typed?: { form: Form; error: unknown }) => {
    const { user } = c.var;
    const workspaceId = c.req.param('workspaceId');
    const refusal = typed === undefined ? undefined : refusalOf(typed.error);
    const actor = actorOf(user);
    // Check before reading the desk's own rows, which have no access control of their own.
    await workspaces.authorize(actor, { workspaceId, permission: 'resource:view' });
    const [place, quota, list] = await Promise.all([
      placeAt(core, user, workspaceId),
      workspaces.getQuota(actor, { workspaceId }),
      resources.list(workspaceId, { limit: pageSize, after: c.req.query('after') }),
    ]);
    const frame = { title: `Resources of ${place.workspace.name}`, visitor: user, place };
    const now = new Date(clock.now());
    const content = (
      <ResourcesPage
        place={place}
        quota={quota}
        list={list}
        permissions={permissions}
        name={typed?.form('name') ?? ''}
        kind={typed?.form('kind') ?? ''}
        now={now}
      />
    );
    if (refusal === undefined) return show(c, frame, content);
    return show(c, { ...frame, problem: refusal.says, live: 'ask' }, content, refusal.status);
  };

  const list = (workspaceId: string) => `/w/${workspaceId}/resources`;

  const app = new Hono<SignedInEnv>();
  app.get('/w/:workspaceId/resources', (c) => page(c));
  app.post('/w/:workspaceId/resources', async (c) => {
    const form = await formOf(c);
    const workspaceId = c.req.param('workspaceId');
    try {
      const wanted = wantedIn(form, workspaceId);
      const actor = actorOf(c.var.user);
      if (form('how') === 'start') await resources.start(actor, wanted, BUILD_MINUTES);
      else await resources.create(actor, wanted);
      return c.redirect(list(workspaceId), 303);
    } catch (error) {
      return page(c, { form, error });
    }
  });
  app.post('/w/:workspaceId/resources/:action{finish|cancel|delete}', async (c) => {
    const { workspaceId, action } = c.req.param();
    const resource = { workspaceId, id: (await formOf(c))('id') };
    const actor = actorOf(c.var.user);
    switch (action) {
      case 'finish':
        await resources.finish(actor, resource);
        break;
      case 'cancel':
        await resources.cancel(actor, resource);
        break;
      case 'delete':
        await resources.remove(actor, resource);
        break;
      default:
        throw new HTTPException(404);
    }
    return c.redirect(list(workspaceId), 303);
  });
  return app;
}

/** @throws FormError */
function wantedIn(form: Form, workspaceId: string): NewResource {
  const [name, kind] = [form('name').trim(), form('kind')];
  if (!isResourceName(name)) {
    throw new FormError('A name must have 1 to 40 letters, digits, spaces, dots, dashes or underscores.');
  }
  if (!isKind(kind)) throw new FormError('Choose a kind.');
  return { workspaceId, name, kind };
}

/** @throws any error that is not about the form; people who cannot create resources have no form */
function refusalOf(error: unknown) {
  if (error instanceof FormError) return { says: error.message, status: 400 as const };
  if (!isWorkspaceError(error, 'QUOTA_EXCEEDED')) throw error;
  return sentenceOf(error);
}

interface PageProps {
  readonly place: Place;
  readonly quota: QuotaReport;
  readonly list: ResourcePage;
  readonly permissions: Permissions;
  readonly name: string;
  readonly kind: string;
  readonly now: Date;
}

function ResourcesPage({ place: { workspace, role }, quota, list, permissions, name, kind, now }: PageProps) {
  const { id } = workspace;
  const mayCreate = permissions.can(role, 'resource:create');
  const mayDelete = permissions.can(role, 'resource:delete');
  return (
    <>
      <Crumbs workspaceId={id} name={workspace.name} />
      <h1>Resources</h1>
      <section aria-labelledby="quota-title">
        <h2 id="quota-title">Quota</h2>
        <QuotaBars quota={quota} />
      </section>
      <section aria-labelledby="list-title">
        <h2 id="list-title">All resources</h2>
        {list.items.length === 0 ? (
          <p class="hint">No resources yet.</p>
        ) : (
          <table class="cards" aria-labelledby="list-title">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Kind</th>
                <th scope="col">Uses</th>
                <th scope="col">State</th>
                <th scope="col">
                  <span class="unseen">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.items.map((resource) => (
                <ResourceRow
                  resource={resource}
                  workspaceId={id}
                  uses={amountsText(kinds[resource.kind].amounts)}
                  mayCreate={mayCreate}
                  mayDelete={mayDelete}
                  now={now}
                />
              ))}
            </tbody>
          </table>
        )}
        <More href={list.next === null ? null : `/w/${id}/resources?after=${list.next}`} what="resources" />
      </section>
      {mayCreate && (
        <section aria-labelledby="new-title">
          <h2 id="new-title">New resource</h2>
          <form method="post" action={`/w/${id}/resources`} class="stack">
            <Field id="resource-name" label="Name">
              <input id="resource-name" name="name" value={name} required maxlength={40} autocomplete="off" />
            </Field>
            <fieldset>
              <legend>Kind</legend>
              {Object.entries(kinds).map(([value, { title, amounts }], index) => (
                <Choice
                  name="kind"
                  value={value}
                  title={title}
                  about={amountsText(amounts)}
                  isChosen={kind === '' ? index === 0 : value === kind}
                />
              ))}
            </fieldset>
            <div class="row">
              <button type="submit" class="primary" name="how" value="create">
                Create
              </button>
              <button type="submit" name="how" value="start">
                Start a slow build
              </button>
            </div>
            <p class="hint">
              {`A slow build reserves its quota for ${BUILD_MINUTES} minutes. Finish or cancel it within that time.`}
            </p>
          </form>
        </section>
      )}
    </>
  );
}

function amountsText(amounts: Readonly<Record<string, string>>): string {
  return Object.entries(amounts)
    .map(([resource, amount]) => `${resourceTitle(resource)}\u00a0${amount}`)
    .join(', ');
}

// The audit log of a workspace, in sentences.
import { Hono } from 'hono';
import type { Page, WorkspaceEvent } from 'tenantry';
import type { Core } from '../desk.js';
import { eventSentence, peopleIn } from '../event-sentences.js';
import { show } from '../layout.js';
import { Crumbs, More, Time } from '../parts.js';
import { actorOf, type People } from '../people.js';
import { placeAt, type Place } from '../place.js';
import type { SignedInEnv } from '../session.js';

export interface ActivityParts {
  readonly core: Core;
  readonly people: People;
  readonly pageSize: number;
}

export function activityPages({ core, people, pageSize }: ActivityParts): Hono<SignedInEnv> {
  const app = new Hono<SignedInEnv>();
  app.get('/w/:workspaceId/activity', async (c) => {
    const { user } = c.var;
    const workspaceId = c.req.param('workspaceId');
    const place = await placeAt(core, user, workspaceId);
    const input = { workspaceId, limit: pageSize, cursor: c.req.query('after'), order: 'newest' } as const;
    const events = await core.workspaces.listEvents(actorOf(user), input);
    const names = await people.namesOf(events.items.flatMap(peopleIn));
    const frame = { title: `Activity in ${place.workspace.name}`, visitor: user, place };
    return show(c, frame, <ActivityPage place={place} events={events} names={names} />);
  });
  return app;
}

interface PageProps {
  readonly place: Place;
  readonly events: Page<WorkspaceEvent>;
  readonly names: ReadonlyMap<string, string>;
}

function ActivityPage({ place: { workspace }, events, names }: PageProps) {
  const { items, nextCursor } = events;
  return (
    <>
      <Crumbs workspaceId={workspace.id} name={workspace.name} />
      <h1>Activity</h1>
      <p class="lead">Changes to this workspace, its members and invitations, newest first.</p>
      <ol class="trail">
        {items.map((event) => (
          <li data-key={event.id}>
            <Time at={event.at} />
            <span>{eventSentence(event, (id) => names.get(id) ?? 'Unknown user')}</span>
          </li>
        ))}
      </ol>
      <More
        href={
          nextCursor === null ? null : `/w/${workspace.id}/activity?after=${encodeURIComponent(nextCursor)}`
        }
        what="activity"
      />
    </>
  );
}

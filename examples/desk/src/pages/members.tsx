// The members page: change a role, remove a member, leave, transfer ownership, and the open invitations.
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type {
  Invitation,
  ListedMember,
  OwnershipOffer,
  Page,
  RemovedMember,
  WorkspaceDetails,
} from 'tenantry';
import type { Core } from '../desk.js';
import { formOf } from '../forms.js';
import { show } from '../layout.js';
import { Crumbs, Fold, More, Time } from '../parts.js';
import { actorOf, type People, type Person } from '../people.js';
import { placeAt, type Place } from '../place.js';
import type { Permissions, Role } from '../roles.js';
import { seatsText } from '../seats.js';
import { noticeOf } from '../sentences.js';
import type { SignedInEnv } from '../session.js';
import { MemberRow } from './member-row.js';
import { OpenInvitations } from './invitation-list.js';

export interface MembersParts {
  readonly core: Core;
  readonly people: People;
  readonly pageSize: number;
}

export function membersPages({ core, people, pageSize }: MembersParts): Hono<SignedInEnv> {
  const { workspaces, permissions } = core;
  const listOf = (workspaceId: string) => `/w/${workspaceId}/members`;
  const after = (workspaceId: string, { openLinks }: RemovedMember) =>
    listOf(workspaceId) + (openLinks.length > 0 ? '?notice=links' : '');

  const app = new Hono<SignedInEnv>();
  app.get('/w/:workspaceId/members', async (c) => {
    const { user } = c.var;
    const actor = actorOf(user);
    const workspaceId = c.req.param('workspaceId');
    const place = await placeAt(core, user, workspaceId);
    const [cursor, openAfter] = [c.req.query('after'), c.req.query('open-after')];
    const members = await workspaces.listMembers(actor, { workspaceId, limit: pageSize, cursor });
    const invitations = permissions.can(place.role, 'invitation:view')
      ? await workspaces.listInvitations(actor, {
          workspaceId,
          status: 'open',
          limit: pageSize,
          cursor: openAfter,
        })
      : null;
    const details = await workspaces.getWorkspace(actor, { workspaceId });
    const { ownershipOffer: offer, seats } = details;
    const named = [...(invitations?.items.flatMap(peopleOf) ?? []), ...(offer ? [offer.userId] : [])];
    const names = await people.namesOf(named);
    const view = {
      place,
      user,
      members,
      invitations,
      offer,
      seats,
      names,
      permissions,
      after: cursor,
      openAfter,
    };
    return show(
      c,
      {
        title: `Members of ${place.workspace.name}`,
        visitor: user,
        place,
        notice: noticeOf(c.req.query('notice')),
      },
      <MembersPage {...view} />,
    );
  });
  app.post('/w/:workspaceId/members/role', async (c) => {
    const [workspaceId, form] = [c.req.param('workspaceId'), await formOf(c)];
    const role = form('role');
    if (!permissions.isGrantable(role)) throw new HTTPException(400, { message: 'no such role' });
    const input = { workspaceId, userId: form('userId'), role };
    return c.redirect(after(workspaceId, await workspaces.changeRole(actorOf(c.var.user), input)), 303);
  });
  app.post('/w/:workspaceId/members/remove', async (c) => {
    const [workspaceId, form] = [c.req.param('workspaceId'), await formOf(c)];
    const input = { workspaceId, userId: form('userId'), closeLinks: form('closeLinks') === 'yes' };
    return c.redirect(after(workspaceId, await workspaces.removeMember(actorOf(c.var.user), input)), 303);
  });
  app.post('/w/:workspaceId/members/transfer', async (c) => {
    const [workspaceId, form] = [c.req.param('workspaceId'), await formOf(c)];
    if (form('confirm') !== 'yes') throw new HTTPException(400, { message: 'not confirmed' });
    await workspaces.transferOwnership(actorOf(c.var.user), { workspaceId, userId: form('userId') });
    return c.redirect(listOf(workspaceId), 303);
  });
  app.post('/w/:workspaceId/members/offer', async (c) => {
    const [workspaceId, form] = [c.req.param('workspaceId'), await formOf(c)];
    await workspaces.offerOwnership(actorOf(c.var.user), { workspaceId, userId: form('userId') });
    return c.redirect(listOf(workspaceId), 303);
  });
  app.post('/w/:workspaceId/members/offer/:action{accept|decline|withdraw}', async (c) => {
    const [workspaceId, action] = [c.req.param('workspaceId'), c.req.param('action')];
    const actor = actorOf(c.var.user);
    if (action === 'accept') await workspaces.acceptOwnership(actor, { workspaceId });
    else if (action === 'decline') await workspaces.declineOwnership(actor, { workspaceId });
    else await workspaces.withdrawOwnershipOffer(actor, { workspaceId });
    return c.redirect(listOf(workspaceId), 303);
  });
  app.post('/w/:workspaceId/members/leave', async (c) => {
    await workspaces.leaveWorkspace(actorOf(c.var.user), { workspaceId: c.req.param('workspaceId') });
    return c.redirect('/?notice=left', 303);
  });
  return app;
}

/** The people whom the list of invitations names. */
function peopleOf({ issuedBy, recipient }: Invitation): readonly string[] {
  return [issuedBy, recipient].flatMap((each) => (each !== null && 'userId' in each ? [each.userId] : []));
}

interface View {
  readonly place: Place;
  readonly user: Person;
  readonly members: Page<ListedMember<Role>>;
  /** `null` if the role cannot view invitations. */
  readonly invitations: Page<Invitation<Role>> | null;
  /** The open offer of the ownership. */
  readonly offer: OwnershipOffer<Role> | null;
  readonly seats: WorkspaceDetails['seats'];
  readonly names: ReadonlyMap<string, string>;
  readonly permissions: Permissions;
  readonly after: string | undefined;
  readonly openAfter: string | undefined;
}

function MembersPage(view: View) {
  const { place, user, members, invitations, names, permissions, after, openAfter } = view;
  const { workspace, role, managedBy } = place;
  const { id, name, kind } = workspace;
  const isTeam = kind === 'team';
  const mayInvite = isTeam && permissions.can(role, 'invitation:create');
  const page = (query: Record<string, string | null | undefined>) => {
    const given = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) if (value != null) given.set(key, value);
    return `/w/${id}/members?${given.toString()}`;
  };
  return (
    <>
      <Crumbs workspaceId={id} name={name} />
      <div class="title">
        <h1>Members</h1>
        {mayInvite && (
          <a class="button primary" href={`/w/${id}/invite`}>
            Invite people
          </a>
        )}
      </div>
      {mayInvite && <p class="hint">{`${seatsText(view.seats)}.`}</p>}
      {!isTeam && <p class="lead">This is your personal workspace. No one else can join it.</p>}
      {view.offer !== null && (
        <Offer
          offer={view.offer}
          name={names.get(view.offer.userId) ?? 'Unknown user'}
          isForReader={view.offer.userId === user.id}
          mayWithdraw={permissions.can(role, 'workspace:transfer')}
        />
      )}
      <table class="cards" aria-label={`Members of ${name}`}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Joined</th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.items.map((member) => (
            <MemberRow member={member} user={user} place={place} permissions={permissions} />
          ))}
        </tbody>
      </table>
      <More
        href={
          members.nextCursor === null ? null : page({ after: members.nextCursor, 'open-after': openAfter })
        }
        what="members"
      />
      {isTeam && invitations !== null && (
        <OpenInvitations
          invitations={invitations}
          names={names}
          isFirstPage={openAfter === undefined}
          mayAct={(granted) => permissions.mayGrant(role, granted)}
          workspaceId={id}
          more={
            invitations.nextCursor === null ? null : page({ after, 'open-after': invitations.nextCursor })
          }
        />
      )}
      {isTeam && <Leaving workspaceId={id} name={name} role={role} managedBy={managedBy} />}
    </>
  );
}

function Leaving({
  workspaceId,
  name,
  role,
  managedBy,
}: {
  workspaceId: string;
  name: string;
  role: Role;
  managedBy: string | null;
}) {
  return (
    <section aria-labelledby="leave-title">
      <h2 id="leave-title">Leave</h2>
      {role === 'owner' && (
        <p class="hint">
          The owner cannot leave. Make another member the owner first, or delete the workspace under Manage
          workspaces.
        </p>
      )}
      {role !== 'owner' && managedBy !== null && (
        <p class="hint">{`You cannot leave: the directory “${managedBy}” manages your membership. Ask the people who manage it to remove you.`}</p>
      )}
      {role !== 'owner' && managedBy === null && (
        <Fold id="leave" summary="Leave this workspace…">
          <form method="post" action={`/w/${workspaceId}/members/leave`} class="row">
            <p class="hint">You lose access immediately. To return, you need a new invitation.</p>
            <button type="submit" class="danger">{`Leave ${name}`}</button>
          </form>
        </Fold>
      )}
    </section>
  );
}

/** The open offer of the ownership: who it is for, and what the reader may do about it. */
function Offer({
  offer: { workspaceId, expiresAt },
  name,
  isForReader,
  mayWithdraw,
}: {
  offer: OwnershipOffer<Role>;
  name: string;
  isForReader: boolean;
  mayWithdraw: boolean;
}) {
  const answer = (what: string) => `/w/${workspaceId}/members/offer/${what}`;
  return (
    <section class="notice" aria-label="Offer of the ownership">
      <p>
        {isForReader ? 'You are' : `${name} is`} offered the ownership of this workspace, until{' '}
        <Time at={expiresAt} />.
      </p>
      {isForReader && (
        <div class="row">
          <form method="post" action={answer('accept')}>
            <button type="submit" class="primary">
              Become the owner
            </button>
          </form>
          <form method="post" action={answer('decline')}>
            <button type="submit">Decline</button>
          </form>
        </div>
      )}
      {mayWithdraw && (
        <form method="post" action={answer('withdraw')}>
          <button type="submit">Withdraw the offer</button>
        </form>
      )}
    </section>
  );
}

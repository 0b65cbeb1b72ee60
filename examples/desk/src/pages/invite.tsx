// Creating an invitation: the form, and the page that shows the link once.
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { isWorkspaceError, type InviteMemberInput, type IssuedInvitation } from 'tenantry';
import type { Core } from '../desk.js';
import { FormError, emailIn, formOf, type Form } from '../forms.js';
import { show } from '../layout.js';
import { Crumbs } from '../parts.js';
import { actorOf } from '../people.js';
import { placeAt } from '../place.js';
import type { Role } from '../roles.js';
import { sentenceOf, type Sentence } from '../sentences.js';
import type { DeskEnv, SignedInEnv } from '../session.js';
import { InvitePage, expiries, usualTerms } from './invite-form.js';
import { LinkPage } from './link-page.js';

export function invitePages(core: Core, limited: MiddlewareHandler<DeskEnv>): Hono<SignedInEnv> {
  const { workspaces, permissions } = core;

  const formPage = async (c: Context<SignedInEnv, '/w/:workspaceId/invite'>, typed?: Typed) => {
    const { user } = c.var;
    const place = await placeAt(core, user, c.req.param('workspaceId'));
    const { workspace, role } = place;
    const frame = { title: `Invite to ${workspace.name}`, visitor: user, place };
    const grantable = permissions.grantsOf(role);
    const why =
      workspace.kind === 'personal'
        ? 'You cannot invite people to a personal workspace. Create a team workspace under Manage workspaces.'
        : 'Your role cannot invite people. Ask the owner or a manager.';
    if (workspace.kind === 'personal' || grantable.length === 0) {
      const content = <NoInvite workspaceId={workspace.id} name={workspace.name} why={why} />;
      return show(c, frame, content, typed?.refusal.status ?? (workspace.kind === 'personal' ? 409 : 403));
    }
    const { seats, openInvitations } = await workspaces.getWorkspace(actorOf(user), {
      workspaceId: workspace.id,
    });
    const content = (
      <InvitePage
        workspaceId={workspace.id}
        name={workspace.name}
        grantable={grantable}
        form={typed?.form}
        seats={seats}
        openInvitations={openInvitations}
      />
    );
    if (typed === undefined) return show(c, frame, content);
    const { says, next, status } = typed.refusal;
    return show(c, { ...frame, problem: `${says} ${next}`, live: 'ask' }, content, status);
  };

  const app = new Hono<SignedInEnv>();
  app.get('/w/:workspaceId/invite', (c) => formPage(c));
  app.post('/w/:workspaceId/invite', limited, async (c) => {
    const form = await formOf(c);
    try {
      const role = form('role');
      if (!permissions.isGrantable(role)) throw new FormError('Choose a role.');
      const input = { workspaceId: c.req.param('workspaceId'), role, ...termsIn(form) };
      return await linkPage(c, core, await workspaces.inviteMember(actorOf(c.var.user), input));
    } catch (error) {
      return formPage(c, { form, refusal: refusalOf(error) });
    }
  });
  app.post('/w/:workspaceId/invitations/reissue', limited, async (c) => {
    const [workspaceId, form] = [c.req.param('workspaceId'), await formOf(c)];
    const named = { workspaceId, invitationId: form('invitationId') };
    return linkPage(c, core, await workspaces.reissueInvitation(actorOf(c.var.user), named));
  });
  app.post('/w/:workspaceId/invitations/revoke', async (c) => {
    const [workspaceId, form] = [c.req.param('workspaceId'), await formOf(c)];
    const named = { workspaceId, invitationId: form('invitationId') };
    await workspaces.revokeInvitation(actorOf(c.var.user), named);
    return c.redirect(`/w/${workspaceId}/members`, 303);
  });
  return app;
}

interface Typed {
  readonly form: Form;
  readonly refusal: Sentence;
}

type Terms = Pick<InviteMemberInput<Role>, 'maxUses' | 'expiresInSeconds' | 'recipient'>;

/** @throws FormError */
function termsIn(form: Form): Terms {
  const email = emailIn(form);
  const maxUses = usesIn(form);
  if (email !== null && maxUses !== 1) {
    throw new FormError('A link for an e-mail address is for one person only.');
  }
  const expires = form('expires') || usualTerms.expires;
  if (!expiries.some(([value]) => value === expires)) throw new FormError('Choose when the link expires.');
  const terms = { maxUses, expiresInSeconds: Number(expires) };
  return email === null ? terms : { ...terms, recipient: { email } };
}

function usesIn(form: Form): number | 'unlimited' {
  switch (form('uses') || usualTerms.uses) {
    case '1':
      return 1;
    case 'unlimited':
      return 'unlimited';
    case 'several': {
      const count = /^\d{1,4}$/.test(form('count')) ? Number(form('count')) : 0;
      if (count >= 2 && count <= 1000) return count;
      throw new FormError('Enter how many people can use the link, from 2 to 1000.');
    }
    default:
      throw new FormError('Choose how many people can use the link.');
  }
}

/** @throws any error that is not about the form */
function refusalOf(error: unknown): Sentence {
  if (error instanceof FormError) return { status: 400, says: error.message, next: '' };
  // people who cannot see the workspace have no form to return to
  if (!isWorkspaceError(error) || isWorkspaceError(error, 'WORKSPACE_NOT_FOUND')) throw error;
  return sentenceOf(error);
}

/** The POST itself returns the page: a redirect would need an address that reveals the token again. */
async function linkPage(c: Context<SignedInEnv>, core: Core, issued: IssuedInvitation<Role>) {
  const { invitation, url } = issued;
  const place = await placeAt(core, c.var.user, invitation.workspaceId);
  const frame = { title: 'Invitation link', visitor: c.var.user, place, live: 'off' } as const;
  return show(c, frame, <LinkPage invitation={invitation} url={url} name={place.workspace.name} />);
}

function NoInvite({ workspaceId, name, why }: { workspaceId: string; name: string; why: string }) {
  return (
    <>
      <Crumbs workspaceId={workspaceId} name={name} />
      <h1>Invite</h1>
      <p class="lead">{why}</p>
    </>
  );
}

// The steps of a story that list something: each reads all pages.
import type { Actor, Page, UserActor, WorkspaceService } from 'tenantry';
import type { Outcome } from './stage.js';
import { countText, eventLine, invitationLine, memberLine, membershipLine } from './words.js';

type InWorkspace = { readonly workspaceId: string };

export const listSteps = {
  async workspaces(service: WorkspaceService, actor: UserActor): Promise<Outcome> {
    const memberships = await all((cursor) => service.listWorkspaces(actor, { cursor }));
    return { result: countText(memberships.length, 'workspace'), below: memberships.map(membershipLine) };
  },
  async members(service: WorkspaceService, actor: Actor, at: InWorkspace): Promise<Outcome> {
    const members = await all((cursor) => service.listMembers(actor, { ...at, cursor }));
    return { result: countText(members.length, 'member'), below: members.map(memberLine) };
  },
  async invitations(service: WorkspaceService, actor: Actor, at: InWorkspace): Promise<Outcome> {
    const invitations = await all((cursor) => service.listInvitations(actor, { ...at, cursor }));
    return { result: countText(invitations.length, 'invitation'), below: invitations.map(invitationLine) };
  },
  async audit(service: WorkspaceService, actor: Actor, at: InWorkspace): Promise<Outcome> {
    const events = await all((cursor) => service.listEvents(actor, { ...at, cursor }));
    return { result: countText(events.length, 'event'), below: events.map(eventLine) };
  },
};

async function all<Item>(read: (cursor: string | null) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await read(cursor);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

// Every "no" in one plain sentence, with the status that it is answered with and what to do next.
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorDetails, WorkspaceError, WorkspaceErrorCode } from 'tenantry';

export interface Sentence {
  readonly status: ContentfulStatusCode;
  /** What is the matter. */
  readonly says: string;
  /** What to do about it. */
  readonly next: string;
}

interface Saying<Code extends WorkspaceErrorCode> {
  readonly status: ContentfulStatusCode;
  readonly says: string | ((details: ErrorDetails[Code]) => string);
  readonly next: string;
}

export function sentenceOf<Code extends WorkspaceErrorCode>({
  code,
  details,
}: WorkspaceError<Code>): Sentence {
  const { status, says, next }: Saying<Code> = sayings[code];
  return { status, says: typeof says === 'function' ? says(details) : says, next };
}

const askForAnother = 'Ask whoever invited you for a new link.';
const tryAgain = 'Wait a moment, then try again.';

// A code that is missing here does not compile.
const sayings: { readonly [Code in WorkspaceErrorCode]: Saying<Code> } = {
  INVALID_INPUT: {
    status: 400,
    says: ({ issues }) => `This cannot be used: ${issues.map(issueText).join('; ')}.`,
    next: 'Change it and send the form again.',
  },
  ACCOUNT_NOT_FOUND: {
    status: 404,
    says: 'There is no such account.',
    next: 'Sign in again.',
  },
  WORKSPACE_NOT_FOUND: {
    status: 404,
    says: 'There is no such page, or it is not yours to see.',
    next: 'Go back to your desk.',
  },
  MEMBER_NOT_FOUND: {
    status: 404,
    says: 'This person is not a member any more.',
    next: 'Look at the list of members again.',
  },
  INVITATION_NOT_FOUND: {
    status: 404,
    says: 'There is no such invitation in this workspace.',
    next: 'Look at the list of invitations again.',
  },
  PERMISSION_DENIED: {
    status: 403,
    says: ({ role, grant }) =>
      grant === undefined
        ? `Your role, ${role ?? 'operator'}, may not do this.`
        : `Your role, ${role ?? 'operator'}, may not give or take the role ${grant}.`,
    next: 'Ask the owner of the workspace.',
  },
  PERSONAL_WORKSPACE: {
    status: 409,
    says: 'A personal workspace stays as it is: it belongs to one person, keeps its name and cannot be deleted.',
    next: 'Create a workspace for a team under Manage workspaces.',
  },
  OWNER_REQUIRED: {
    status: 409,
    says: 'A workspace always has its owner, who cannot leave, be removed or get another role.',
    next: 'Transfer the ownership to another member first.',
  },
  ALREADY_MEMBER: {
    status: 409,
    says: 'You are a member of this workspace already.',
    next: 'Open it from your workspaces.',
  },
  ALREADY_INVITED: {
    status: 409,
    says: 'There is an open invitation for this address already.',
    next: 'Make a new link for it under Members: the old one stops working then.',
  },
  ACCOUNT_EXISTS: {
    status: 409,
    says: 'Your account has another name by now.',
    next: 'Sign in under that name.',
  },
  NAME_TAKEN: {
    status: 409,
    says: ({ name }) => `The owner has a workspace called “${name}” already.`,
    next: 'Take another name.',
  },
  USERNAME_TAKEN: {
    status: 409,
    says: ({ username }) => `Somebody else is called “${username}”.`,
    next: 'Take another name.',
  },
  ID_TAKEN: {
    status: 409,
    says: 'This id is or was in use.',
    next: 'Take another one.',
  },
  LIMIT_EXCEEDED: {
    status: 409,
    says: ({ which, limit, current }) => {
      switch (which) {
        case 'membersPerWorkspace':
          return `The workspace is full: ${current} of its ${limit} seats are taken by members and open invitations.`;
        case 'openInvitationsPerWorkspace':
          return `The workspace has ${current} open invitations, and may have ${limit}.`;
        case 'workspacesPerOwner':
          return `The owner has ${current} workspaces, and may have ${limit}.`;
        default:
          return which satisfies never;
      }
    },
    next: 'Free a place first: remove a member, revoke an invitation or delete a workspace.',
  },
  QUOTA_EXCEEDED: {
    status: 409,
    says: ({ shortfalls }) =>
      `The quota does not suffice: ${shortfalls
        .map(({ resource, limit, exceededBy }) => {
          return `${resourceTitle(resource)} would be ${exceededBy} over its limit of ${limit}`;
        })
        .join(', ')}.`,
    next: 'Delete something, or wait until what is being built is done.',
  },
  RESERVATION_NOT_FOUND: {
    status: 404,
    says: 'Nothing is held for this any more.',
    next: 'Create it anew.',
  },
  RESERVATION_EXPIRED: {
    status: 409,
    says: 'It took too long: what was held for it has gone to others, and does not fit any more.',
    next: 'Delete something, or cancel it.',
  },
  RESERVATION_MISMATCH: {
    status: 409,
    says: 'Another amount is held under this id.',
    next: 'Create it anew.',
  },
  INVITATION_INVALID: {
    status: 400,
    says: 'This is not an invitation that works: the link is incomplete, or was replaced by a newer one.',
    next: `Copy the whole link once more. If that does not help: ${askForAnother}`,
  },
  INVITATION_EXPIRED: { status: 410, says: 'The time of this invitation is over.', next: askForAnother },
  INVITATION_REVOKED: { status: 410, says: 'This invitation was taken back.', next: askForAnother },
  INVITATION_USED: {
    status: 410,
    says: 'This invitation was used already, by as many people as it was for.',
    next: `If that was you, the workspace is among yours. Otherwise: ${askForAnother}`,
  },
  INVITATION_DECLINED: { status: 410, says: 'This invitation was declined.', next: askForAnother },
  INVITATION_RECIPIENT_MISMATCH: {
    status: 403,
    says: 'This invitation is for somebody else.',
    next: 'Sign in as the person it was sent to.',
  },
  RECIPIENT_NOT_VERIFIED: {
    status: 403,
    says: 'This invitation is for an e-mail address, and you signed in without one.',
    next: 'Sign out, and sign in again with the address that it was sent to.',
  },
  CONFIRMATION_MISMATCH: {
    status: 409,
    says: 'The name that you typed is not the name of the workspace, so nothing was deleted.',
    next: 'Type it exactly as it stands there.',
  },
  SESSION_INVALID: { status: 401, says: 'You are not signed in.', next: 'Sign in again.' },
  SESSION_EXPIRED: { status: 401, says: 'You were signed in for long enough.', next: 'Sign in again.' },
  SESSION_STALE: { status: 401, says: 'Your role has changed.', next: 'Open the workspace again.' },
  VETOED: { status: 403, says: 'The desk does not allow this.', next: 'Go back to your desk.' },
  CONFLICT: {
    status: 503,
    says: 'Others keep changing the same thing; yours was not done.',
    next: tryAgain,
  },
  UNAVAILABLE: {
    status: 503,
    says: 'The database did not answer, so it is not known whether this was done.',
    next: tryAgain,
  },
};

/** What stands at the top of a page that somebody was sent to. The address says which; the words are only here. */
export const notices = {
  gone: 'That workspace is not there any more, or you are not a member of it any more. This is your desk.',
  left: 'You left the workspace.',
  deleted: 'The workspace was deleted.',
  declined: 'You declined the invitation. Nothing was changed for you.',
} as const;

export type Notice = keyof typeof notices;

export function noticeOf(name: string | undefined): string | undefined {
  return name !== undefined && Object.hasOwn(notices, name) ? notices[name as Notice] : undefined;
}

const resourceTitles = new Map([
  ['limits.cpu', 'CPU'],
  ['limits.memory', 'Memory'],
  ['pods', 'Pods'],
]);

export function resourceTitle(resource: string): string {
  return resourceTitles.get(resource) ?? resource;
}

/** From the argument inwards, as `input.name`: people know the last part. */
function issueText({ path, message }: ErrorDetails['INVALID_INPUT']['issues'][number]): string {
  return `${path.split('.').at(-1) ?? path} ${message}`;
}

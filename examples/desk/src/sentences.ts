// Errors as plain sentences: what is wrong, and what to do next.
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorDetails, WorkspaceError, WorkspaceErrorCode } from 'tenantry';
import { httpStatus } from 'tenantry/http';
import { dataText, plainText } from './plain-words.js';

export interface Sentence {
  readonly status: ContentfulStatusCode;
  /** What is wrong. */
  readonly says: string;
  /** What to do next. */
  readonly next: string;
}

interface Saying<Code extends WorkspaceErrorCode> {
  readonly says: string | ((details: ErrorDetails[Code]) => string);
  readonly next: string;
}

/** An error code without a sentence of its own is shown in plain words, with its details. */
export function sentenceOf<Code extends WorkspaceErrorCode>({
  code,
  details,
}: Pick<WorkspaceError<Code>, 'code' | 'details'>): Sentence {
  const status = statusOf(code);
  const saying: Saying<Code> | undefined = sayings[code];
  if (saying === undefined)
    return { status, says: `This was refused: ${plainText(code, details)}.`, next: 'Go back.' };
  const { says, next } = saying;
  return { status, says: typeof says === 'function' ? says(details) : says, next };
}

/** Hono takes a status by its literal type. A code of another version of the library has none. */
function statusOf(code: WorkspaceErrorCode): Sentence['status'] {
  return errorStatuses.find((status) => status === httpStatus[code]) ?? 500;
}

const errorStatuses = [400, 401, 403, 404, 409, 410, 429, 500, 503] as const;

const askForAnother = 'Ask the person who invited you for a new link.';
const tryAgain = 'Wait a moment, then try again.';

const sayings: { readonly [Code in WorkspaceErrorCode]?: Saying<Code> } = {
  INVALID_INPUT: {
    says: ({ issues }) => `The input is invalid: ${issues.map(issueText).join('; ')}.`,
    next: 'Correct it and send the form again.',
  },
  ACCOUNT_NOT_FOUND: { says: 'This account does not exist.', next: 'Sign in again.' },
  ACCOUNT_CLOSING: {
    says: 'This account is being closed.',
    next: 'Wait a moment, then sign in again.',
  },
  ACCOUNT_OWNS_WORKSPACES: {
    says: ({ count }) =>
      `You still own ${count === 1 ? 'a team workspace' : `${count} team workspaces`}. Your account was not closed.`,
    next: 'Make another member the owner, or delete the workspace, and close the account afterwards.',
  },
  WORKSPACE_NOT_FOUND: {
    says: 'This page does not exist, or you do not have access to it.',
    next: 'Go back to your desk.',
  },
  WORKSPACE_SUSPENDED: {
    says: ({ reason }) =>
      reason === null ? 'This workspace is suspended.' : `This workspace is suspended: ${reason}.`,
    next: 'Members can still view, delete and leave. Ask support to resume it.',
  },
  MEMBER_NOT_FOUND: {
    says: 'This person is no longer a member.',
    next: 'Reload the list of members.',
  },
  INVITATION_NOT_FOUND: {
    says: 'This workspace has no such invitation.',
    next: 'Reload the list of invitations.',
  },
  PERMISSION_DENIED: {
    says: ({ role, grant }) =>
      grant === undefined
        ? `Your role (${role ?? 'operator'}) does not allow this.`
        : `Your role (${role ?? 'operator'}) cannot assign or remove the role ${grant}.`,
    next: 'Ask the owner of the workspace.',
  },
  PERSONAL_WORKSPACE: {
    says: 'A personal workspace cannot be renamed, shared or deleted.',
    next: 'Create a team workspace under Manage workspaces.',
  },
  OWNER_REQUIRED: {
    says: 'A workspace always has an owner. The owner cannot leave, be removed or change role.',
    next: 'Transfer the ownership to another member first.',
  },
  MEMBER_MANAGED: {
    says: ({ managedBy }) => `The directory “${managedBy}” manages this member.`,
    next: 'Ask the people who manage the directory to make the change there.',
  },
  ALREADY_MEMBER: {
    says: 'You are already a member of this workspace.',
    next: 'Open it from your workspaces.',
  },
  ALREADY_INVITED: {
    says: 'There is already an open invitation for this address.',
    next: 'Create a new link for it under Members. The old link then stops working.',
  },
  ACCOUNT_EXISTS: {
    says: 'Your account now has another name.',
    next: 'Sign in with that name.',
  },
  NAME_TAKEN: {
    says: ({ name }) => `The owner already has a workspace named “${name}”.`,
    next: 'Choose another name. A deleted workspace keeps its name as long as it can be restored.',
  },
  USERNAME_TAKEN: {
    says: ({ username }) => `The name “${username}” is already taken.`,
    next: 'Choose another name.',
  },
  ID_TAKEN: {
    says: 'This id is, or was, already in use.',
    next: 'Choose another id.',
  },
  LIMIT_EXCEEDED: {
    says: ({ which, limit, current }) => {
      switch (which) {
        case 'membersPerWorkspace':
          return `The workspace is full: members and open invitations use ${current} of its ${limit} seats.`;
        case 'openInvitationsPerWorkspace':
          return `The workspace has ${current} open invitations. Its limit is ${limit}.`;
        case 'workspacesPerOwner':
          return `The owner has ${current} workspaces. The limit is ${limit}.`;
        case 'invitationsPerActorPerDay':
          return `You sent ${current} invitations within 24 hours. The limit is ${limit}.`;
        default:
          return `A limit is reached: ${dataText({ which, current, limit })}.`;
      }
    },
    next: 'Remove a member, revoke an invitation or delete a workspace first.',
  },
  OFFER_NOT_FOUND: {
    says: 'There is no open offer of the ownership to you.',
    next: 'Ask the owner for a new one.',
  },
  OFFER_EXISTS: {
    says: 'The ownership is offered to another member.',
    next: 'Withdraw that offer first.',
  },
  CONSENT_REQUIRED: {
    says: 'The new owner must agree.',
    next: 'Offer the ownership instead.',
  },
  QUOTA_EXCEEDED: {
    says: ({ shortfalls }) =>
      `Quota exceeded: ${shortfalls
        .map(({ resource, limit, exceededBy }) => {
          return `${resourceTitle(resource)} would be ${exceededBy} over its limit of ${limit}`;
        })
        .join(', ')}.`,
    next: 'Delete a resource, or wait until a build is finished.',
  },
  RESERVATION_NOT_FOUND: {
    says: 'There is no reservation for this any more.',
    next: 'Create it again.',
  },
  RESERVATION_EXPIRED: {
    says: 'The reservation expired, and the quota has no room for it any more.',
    next: 'Delete a resource, or cancel this one.',
  },
  RESERVATION_MISMATCH: {
    says: 'Another amount is reserved under this id.',
    next: 'Create it again.',
  },
  INVITATION_INVALID: {
    says: 'This invitation link does not work: it is incomplete, or a newer link replaced it.',
    next: `Copy the whole link again. If that does not help: ${askForAnother}`,
  },
  INVITATION_EXPIRED: { says: 'This invitation has expired.', next: askForAnother },
  INVITATION_REVOKED: { says: 'This invitation was revoked.', next: askForAnother },
  INVITATION_USED: {
    says: 'This invitation has already been used.',
    next: `If you used it, the workspace is among yours. Otherwise: ${askForAnother}`,
  },
  INVITATION_DECLINED: { says: 'This invitation was declined.', next: askForAnother },
  INVITATION_RECIPIENT_MISMATCH: {
    says: 'This invitation is for another person.',
    next: 'Sign in as the person it was sent to.',
  },
  RECIPIENT_NOT_VERIFIED: {
    says: 'This invitation is for an e-mail address, and you signed in without one.',
    next: 'Sign out, then sign in again with the address that the invitation was sent to.',
  },
  CONFIRMATION_MISMATCH: {
    says: (details) =>
      'workspaceId' in details
        ? 'The name that you typed is not the name of the workspace. Nothing was deleted.'
        : 'The name that you typed is not your username. Your account was not closed.',
    next: 'Type the name exactly as shown.',
  },
  SESSION_INVALID: { says: 'You are not signed in.', next: 'Sign in again.' },
  SESSION_EXPIRED: { says: 'Your session has expired.', next: 'Sign in again.' },
  SESSION_STALE: { says: 'Your role has changed.', next: 'Open the workspace again.' },
  VETOED: { says: 'The desk does not allow this.', next: 'Go back to your desk.' },
  CONFLICT: {
    says: 'Other people keep changing the same data. Your change was not saved.',
    next: tryAgain,
  },
  UNAVAILABLE: {
    says: 'The database did not answer. Your change may or may not have been saved.',
    next: tryAgain,
  },
};

/** Shown at the top of a page after a redirect. The address names the notice; the text is only here. */
export const notices = {
  gone: 'This workspace no longer exists, or you are no longer a member of it.',
  left: 'You left the workspace.',
  deleted: 'The workspace was deleted. You can restore it below, until the date shown.',
  restored: 'The workspace was restored.',
  renamed: 'Your names were saved.',
  links:
    'The change is made. There are still open links by which that person can join: see the open invitations below.',
  declined: 'You declined the invitation.',
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

/** Shows the last part of the path `input.name`: the word that people see on the form. */
function issueText({ path, message }: ErrorDetails['INVALID_INPUT']['issues'][number]): string {
  return `${path.split('.').at(-1) ?? path} ${message}`;
}

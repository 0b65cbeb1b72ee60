// What callers see of invitations: frozen plain data with Dates, without tokens and internal fields.
import { shownName } from '../core/account.js';
import type { ActorRef } from '../core/actor.js';
import { deepFreeze } from '../core/frozen.js';
import type { InvitationId, WorkspaceId } from '../core/ids.js';
import {
  statusAt,
  type InvitationEnd,
  type InvitationRecord,
  type MaxUses,
  type Recipient,
} from '../core/invitation.js';
import type { ReceivedInvitation } from '../ports/storage.js';
import type { RoleOf } from './views.js';

/** The status of an invitation. */
export type InvitationStatus = 'open' | InvitationEnd;

/** The fields of an invitation in every status. */
export interface InvitationBase<Role extends string = string> {
  readonly id: InvitationId;
  readonly workspaceId: WorkspaceId;
  readonly role: Role;
  /** `null`: every holder of the link. */
  readonly recipient: Recipient | null;
  readonly maxUses: MaxUses;
  readonly uses: number;
  /** The actor who issued the current token. The role depends on the issuer's rights. */
  readonly issuedBy: ActorRef;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** An invitation, without its token. */
export type Invitation<Role extends string = string> = InvitationBase<Role> &
  (
    | { readonly status: 'open' }
    | {
        readonly status: InvitationEnd;
        readonly endedAt: Date;
      }
  );

/** A new invitation with its token, which is not stored and cannot be read again. */
export interface IssuedInvitation<Role extends string = string> {
  readonly invitation: Invitation<Role>;
  /** Its holder may accept the invitation. Not stored. */
  readonly token: string;
  /** The link that `invitationUrl` builds. */
  readonly url: string;
}

/** What the holder of an invitation's token may see. */
export interface InvitationPreview<Role extends string = string> {
  readonly workspaceName: string;
  /** The display name of the issuer; `null` if an operator issued it. */
  readonly invitedBy: string | null;
  readonly role: Role;
  readonly expiresAt: Date;
  readonly status: InvitationStatus;
}

/** An open invitation for the caller: what a preview shows, and the ids by which it is answered. */
export interface MyInvitation<Role extends string = string> {
  readonly workspaceId: WorkspaceId;
  readonly invitationId: InvitationId;
  readonly workspaceName: string;
  /** The display name of the issuer; `null` if an operator issued it. */
  readonly invitedBy: string | null;
  readonly role: Role;
  readonly expiresAt: Date;
}

export function myInvitationView<Role extends string>(
  { invitation, workspace, issuer }: ReceivedInvitation,
  roleOf: RoleOf<Role>,
): MyInvitation<Role> {
  return Object.freeze({
    workspaceId: workspace.id,
    invitationId: invitation.id,
    workspaceName: workspace.name,
    invitedBy: issuer === null ? null : shownName(issuer),
    role: roleOf(invitation.role),
    expiresAt: new Date(invitation.expiresAt),
  });
}

export function invitationView<Role extends string>(
  record: InvitationRecord,
  now: number,
  roleOf: RoleOf<Role>,
): Invitation<Role> {
  const { id, workspaceId, role, recipient, maxUses, uses, issuedBy, createdAt, expiresAt } = record;
  const base = {
    id,
    workspaceId,
    role: roleOf(role),
    recipient,
    maxUses,
    uses,
    issuedBy,
    createdAt: new Date(createdAt),
    expiresAt: new Date(expiresAt),
  };
  const status = statusAt(record, now);
  if (status === 'open') return deepFreeze({ ...base, status });
  // An invitation expires at `expiresAt`, not when a command records it.
  const endedAt = record.state === 'open' || record.state === 'expired' ? record.expiresAt : record.closedAt;
  return deepFreeze({ ...base, status, endedAt: new Date(endedAt) });
}

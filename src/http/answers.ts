// What the routes answer, as schemas for OpenAPI: the records of the service as JSON carries them.
import * as z from 'zod/mini';
import type { ActorRef } from '../domain/actor.js';
import type {
  AccountEvent,
  AccountEventType,
  EventEnvelope,
  WorkspaceEvent,
  WorkspaceEventType,
} from '../domain/events.js';
import type { MaxUses, Recipient } from '../domain/invitation.js';
import type { QuotaReport, Reservation } from '../service/quota-views.js';
import type {
  Account,
  ActiveWorkspace,
  Explanation,
  Invitation,
  InvitationPreview,
  InvitationStatus,
  IssuedInvitation,
  ListedMember,
  Member,
  Membership,
  OpenedAccount,
  Page,
  Session,
  VerifiedSession,
  Workspace,
} from '../service/views.js';

/** A value as it comes out of JSON: dates are ISO 8601 text. */
export type Json<Value> = Value extends Date
  ? string
  : Value extends readonly (infer Item)[]
    ? Json<Item>[]
    : Value extends object
      ? { -readonly [Key in keyof Value]: Json<Value[Key]> }
      : Value;

/** A schema whose every output is such a value. */
type Shows<Value> = z.ZodMiniType<Json<Value>>;

const id = z.string();
const instant = z.iso.datetime();
const count = z.int().check(z.gte(0));
const quantities = z.record(z.string(), z.string());

const actor = z.union([
  z.strictObject({ userId: id }),
  z.strictObject({ operator: z.string() }),
]) satisfies Shows<ActorRef>;

const account = z.strictObject({
  userId: id,
  username: z.string(),
  displayName: z.nullable(z.string()),
  personalWorkspaceId: id,
  createdAt: instant,
}) satisfies Shows<Account>;

const workspace = z.strictObject({
  id,
  kind: z.enum(['personal', 'team']),
  name: z.string(),
  ownerId: id,
  memberCount: count,
  version: count,
  createdAt: instant,
}) satisfies Shows<Workspace>;

const memberShape = { workspaceId: id, userId: id, role: z.string(), joinedAt: instant };
const member = z.strictObject(memberShape) satisfies Shows<Member>;
const listedMember = z.strictObject({
  ...memberShape,
  username: z.string(),
  displayName: z.nullable(z.string()),
}) satisfies Shows<ListedMember>;
const membership = z.strictObject({ workspace, member }) satisfies Shows<Membership>;

const invitationShape = {
  id,
  workspaceId: id,
  role: z.string(),
  recipient: z.nullable(
    z.union([
      z.strictObject({ userId: id }),
      z.strictObject({ email: z.string() }),
    ]) satisfies Shows<Recipient>,
  ),
  maxUses: z.union([count, z.literal('unlimited')]) satisfies Shows<MaxUses>,
  uses: count,
  issuedBy: actor,
  createdAt: instant,
  expiresAt: instant,
};
const ended = z.enum(['used', 'revoked', 'declined', 'expired']);
const invitation = z.union([
  z.strictObject({ ...invitationShape, status: z.literal('open') }),
  z.strictObject({ ...invitationShape, status: ended, endedAt: instant }),
]) satisfies Shows<Invitation>;

const envelope = { id, version: count, index: count, at: instant, actor } satisfies {
  [Key in keyof EventEnvelope]: Shows<EventEnvelope[Key]>;
};
// The data differ by type, and are in the types of the package: here they are any object.
const data = z.looseObject({});

const workspaceEvent = z.strictObject({
  ...envelope,
  type: z.enum([
    'workspace.created',
    'workspace.renamed',
    'workspace.deleted',
    'workspace.transferred',
    'member.joined',
    'member.left',
    'member.removed',
    'member.role-changed',
    'invitation.created',
    'invitation.reissued',
    'invitation.accepted',
    'invitation.declined',
    'invitation.revoked',
    'invitation.expired',
  ]) satisfies Shows<WorkspaceEventType>,
  workspaceId: id,
  data,
}) satisfies Shows<Omit<WorkspaceEvent, 'data'>>;

const accountEvent = z.strictObject({
  ...envelope,
  type: z.enum(['account.opened', 'account.renamed', 'account.switched']) satisfies Shows<AccountEventType>,
  userId: id,
  data,
}) satisfies Shows<Omit<AccountEvent, 'data'>>;

function pageOf<Item>(item: z.ZodMiniType<Item>) {
  return z.strictObject({ items: z.array(item), nextCursor: z.nullable(z.string()) });
}

/** The name that an answer has in OpenAPI. */
export type AnswerName =
  | 'Account'
  | 'Workspace'
  | 'OpenedAccount'
  | 'Member'
  | 'Membership'
  | 'ActiveWorkspace'
  | 'Invitation'
  | 'IssuedInvitation'
  | 'InvitationPreview'
  | 'Session'
  | 'VerifiedSession'
  | 'Explanation'
  | 'Answer'
  | 'Authorization'
  | 'QuotaReport'
  | 'Reservation'
  | 'MembershipPage'
  | 'MemberPage'
  | 'InvitationPage'
  | 'WorkspaceEventPage'
  | 'AccountEventPage';

/** By the name that they have in OpenAPI. */
export const answers = {
  Account: account,
  Workspace: workspace,
  OpenedAccount: z.strictObject({ account, workspace }) satisfies Shows<OpenedAccount>,
  Member: member,
  Membership: membership,
  ActiveWorkspace: z.strictObject({
    workspace,
    member,
    source: z.enum(['remembered', 'personal']),
  }) satisfies Shows<ActiveWorkspace>,
  Invitation: invitation,
  IssuedInvitation: z.strictObject({
    invitation,
    token: z.string(),
    url: z.string(),
  }) satisfies Shows<IssuedInvitation>,
  InvitationPreview: z.strictObject({
    workspaceName: z.string(),
    invitedBy: z.nullable(z.string()),
    role: z.string(),
    expiresAt: instant,
    status: z.enum(['open', 'used', 'revoked', 'declined', 'expired']) satisfies Shows<InvitationStatus>,
  }) satisfies Shows<InvitationPreview>,
  Session: z.strictObject({
    workspace,
    role: z.string(),
    permissions: z.array(z.string()),
    token: z.string(),
    expiresAt: instant,
  }) satisfies Shows<Session>,
  VerifiedSession: z.strictObject({
    userId: id,
    workspaceId: id,
    role: z.string(),
    version: count,
    expiresAt: instant,
  }) satisfies Shows<VerifiedSession>,
  Explanation: z.strictObject({
    allowed: z.boolean(),
    reason: z.enum([
      'granted',
      'operator',
      'not-granted',
      'not-a-member',
      'unknown-role',
      'unknown-permission',
    ]),
    workspaceId: id,
    permission: z.string(),
    role: z.nullable(z.string()),
  }) satisfies Shows<Explanation>,
  Answer: z.strictObject({ allowed: z.boolean() }),
  Authorization: z.strictObject({ member: z.nullable(member) }),
  QuotaReport: z.strictObject({
    workspaceId: id,
    resources: z.record(
      z.string(),
      z.strictObject({
        limit: z.string(),
        used: z.string(),
        reserved: z.string(),
        overLimit: z.boolean(),
      }),
    ),
  }) satisfies Shows<QuotaReport>,
  Reservation: z.strictObject({
    workspaceId: id,
    reservationId: id,
    state: z.enum(['reserved', 'committed']),
    amounts: quantities,
    expiresAt: z.nullable(instant),
  }) satisfies Shows<Reservation>,
  MembershipPage: pageOf(membership) satisfies Shows<Page<Membership>>,
  MemberPage: pageOf(listedMember) satisfies Shows<Page<ListedMember>>,
  InvitationPage: pageOf(invitation) satisfies Shows<Page<Invitation>>,
  WorkspaceEventPage: pageOf(workspaceEvent),
  AccountEventPage: pageOf(accountEvent),
} as const satisfies Readonly<Record<AnswerName, z.ZodMiniType>>;

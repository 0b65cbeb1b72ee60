// The answers of the routes as schemas for OpenAPI: the views of the service in JSON.
import * as z from 'zod/mini';
import type { ActorRef, EventActor } from '../core/actor.js';
import {
  accountEventTypes,
  workspaceEventTypes,
  type AccountEvent,
  type EventEnvelope,
  type WorkspaceEvent,
} from '../core/events.js';
import type { JsonObject } from '../core/json.js';
import type { Limit } from '../core/limits.js';
import type { MaxUses, Recipient } from '../core/invitation.js';
import { workspaceStatuses } from '../core/workspace.js';
import type { QuotaReport, Reservation } from '../service/quota-views.js';
import type {
  Invitation,
  InvitationPreview,
  InvitationStatus,
  IssuedInvitation,
  MyInvitation,
} from '../service/invitation-views.js';
import type { Reconciliation } from '../service/reconciliation-view.js';
import type { ChangedMember, RemovedMember } from '../service/open-links.js';
import type {
  Account,
  ActiveWorkspace,
  Explanation,
  DeletedWorkspace,
  FoundAccount,
  FoundWorkspace,
  ListedMember,
  Member,
  Membership,
  OwnershipOffer,
  OpenedAccount,
  Page,
  PurgedWorkspaces,
  Session,
  UpdatedAttributes,
  VerifiedSession,
  Workspace,
  WorkspaceDetails,
} from '../service/views.js';

/** A value after a trip through JSON: dates are ISO 8601 strings. */
export type Json<Value> = Value extends Date
  ? string
  : Value extends readonly (infer Item)[]
    ? Json<Item>[]
    : Value extends object
      ? { -readonly [Key in keyof Value]: Json<Value[Key]> }
      : Value;

/** A schema of such a value. */
type Shows<Value> = z.ZodMiniType<Json<Value>>;

const id = z.string();
const instant = z.iso.datetime();
const count = z.int().check(z.gte(0));
const quantities = z.record(z.string(), z.string());

const actor = z.union([
  z.strictObject({ userId: id }),
  z.strictObject({ operator: z.string() }),
]) satisfies Shows<ActorRef>;

const eventActor = z.union([
  z.strictObject({
    userId: id,
    onBehalfOf: z.optional(z.strictObject({ operator: z.string(), reason: z.string() })),
  }),
  z.strictObject({ operator: z.string() }),
]) satisfies Shows<EventActor>;

// What the app declares: here it is any JSON object.
const jsonObject: Shows<JsonObject> = z.record(z.string(), z.any());

const accountShape = {
  userId: id,
  username: z.string(),
  displayName: z.nullable(z.string()),
  personalWorkspaceId: id,
  createdAt: instant,
};
const account = z.strictObject(accountShape) satisfies Shows<Account>;
const foundAccount = z.strictObject({
  ...accountShape,
  status: z.enum(['open', 'closing', 'closed']),
  ownedTeams: count,
}) satisfies Shows<FoundAccount>;

const workspaceShape = {
  id,
  kind: z.enum(['personal', 'team']),
  name: z.string(),
  ownerId: id,
  memberCount: count,
  status: z.enum(workspaceStatuses),
  suspendedFor: z.nullable(z.string()),
  version: count,
  createdAt: instant,
  attributes: jsonObject,
};
const workspace = z.strictObject(workspaceShape) satisfies Shows<Workspace>;
const foundWorkspace = z.strictObject({
  ...workspaceShape,
  deletedAt: z.nullable(instant),
  purgeAt: z.nullable(instant),
  operatorAttributes: jsonObject,
}) satisfies Shows<FoundWorkspace>;
const deletedWorkspace = z.strictObject({
  ...workspaceShape,
  deletedAt: instant,
  purgeAt: instant,
}) satisfies Shows<DeletedWorkspace>;
const countLimit = z.union([count, z.literal('unlimited')]) satisfies Shows<Limit>;
const ownershipOffer = z.strictObject({
  workspaceId: id,
  userId: id,
  formerOwnerRole: z.string(),
  expiresAt: instant,
}) satisfies Shows<OwnershipOffer>;
const workspaceDetails = z.strictObject({
  ...workspaceShape,
  operatorAttributes: z.nullable(jsonObject),
  ownershipOffer: z.nullable(ownershipOffer),
  seats: z.strictObject({ used: count, reserved: count, limit: countLimit }),
  openInvitations: z.strictObject({ count, limit: countLimit }),
}) satisfies Shows<WorkspaceDetails>;

const memberShape = {
  workspaceId: id,
  userId: id,
  role: z.string(),
  joinedAt: instant,
  managedBy: z.nullable(z.string()),
  attributes: jsonObject,
};
const member = z.strictObject(memberShape) satisfies Shows<Member>;
const listedMember = z.strictObject({
  ...memberShape,
  username: z.string(),
  displayName: z.nullable(z.string()),
  operatorAttributes: z.nullable(jsonObject),
}) satisfies Shows<ListedMember>;
const updatedAttributes = z.strictObject({
  attributes: jsonObject,
  operatorAttributes: z.nullable(jsonObject),
}) satisfies Shows<UpdatedAttributes>;
const withRole = z.array(z.strictObject({ userId: id, role: z.string() }));
const reconciliation = z.strictObject({
  added: withRole,
  changed: z.array(z.strictObject({ userId: id, from: z.string(), to: z.string() })),
  removed: withRole,
  kept: z.array(z.strictObject({ userId: id, code: z.nullable(z.literal('OWNER_REQUIRED')) })),
  // The details of each code are in the package's types: here they are any object.
  refused: z.array(z.strictObject({ userId: id, code: z.string(), details: z.looseObject({}) })),
}) satisfies Shows<Omit<Reconciliation, 'refused'>>;
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

const myInvitation = z.strictObject({
  workspaceId: id,
  invitationId: id,
  workspaceName: z.string(),
  invitedBy: z.nullable(z.string()),
  role: z.string(),
  expiresAt: instant,
}) satisfies Shows<MyInvitation>;

const openLinks = z.array(invitation);

const envelope = {
  id,
  version: count,
  index: count,
  at: instant,
  actor: eventActor,
  requestId: z.optional(z.string()),
} satisfies { [Key in keyof EventEnvelope]: z.ZodMiniType };
// The data of each type is in the package's types: here it is any object.
const data = z.looseObject({});

const workspaceEvent = z.strictObject({
  ...envelope,
  type: z.enum(workspaceEventTypes),
  workspaceId: id,
  data,
}) satisfies Shows<Omit<WorkspaceEvent, 'data'>>;

const accountEvent = z.strictObject({
  ...envelope,
  type: z.enum(accountEventTypes),
  userId: id,
  data,
}) satisfies Shows<Omit<AccountEvent, 'data'>>;

function pageOf<Item>(item: z.ZodMiniType<Item>) {
  return z.strictObject({ items: z.array(item), nextCursor: z.nullable(z.string()) });
}

/** Every answer by its name in OpenAPI. */
export const answers = {
  Account: account,
  Workspace: workspace,
  WorkspaceDetails: workspaceDetails,
  OwnershipOffer: ownershipOffer,
  OpenedAccount: z.strictObject({ account, workspace }) satisfies Shows<OpenedAccount>,
  Member: member,
  UpdatedAttributes: updatedAttributes,
  ChangedMember: z.strictObject({ ...memberShape, openLinks }) satisfies Shows<ChangedMember>,
  RemovedMember: z.strictObject({ openLinks }) satisfies Shows<RemovedMember>,
  Reconciliation: reconciliation,
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
    signedInAt: instant,
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
      'suspended',
      'not-on-behalf',
    ]),
    workspaceId: id,
    permission: z.string(),
    role: z.nullable(z.string()),
    suspendedFor: z.nullable(z.string()),
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
  MyInvitationPage: pageOf(myInvitation) satisfies Shows<Page<MyInvitation>>,
  FoundAccountPage: pageOf(foundAccount) satisfies Shows<Page<FoundAccount>>,
  FoundWorkspacePage: pageOf(foundWorkspace) satisfies Shows<Page<FoundWorkspace>>,
  DeletedWorkspacePage: pageOf(deletedWorkspace) satisfies Shows<Page<DeletedWorkspace>>,
  PurgedWorkspaces: z.strictObject({
    purged: z.array(id),
    hasMore: z.boolean(),
  }) satisfies Shows<PurgedWorkspaces>,
  MembershipPage: pageOf(membership) satisfies Shows<Page<Membership>>,
  MemberPage: pageOf(listedMember) satisfies Shows<Page<ListedMember>>,
  InvitationPage: pageOf(invitation) satisfies Shows<Page<Invitation>>,
  WorkspaceEventPage: pageOf(workspaceEvent),
  AccountEventPage: pageOf(accountEvent),
} as const;

/** The name of an answer in OpenAPI. */
export type AnswerName = keyof typeof answers;

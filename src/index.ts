/**
 * `tenantry`: the workspace domain of a multi-tenant product. Start at {@link WorkspaceService}.
 *
 * @packageDocumentation
 */

// The service.
export { WorkspaceService, type AnyWorkspaceService } from './service/workspace-service.js';
export type {
  AttributeDefinition,
  AttributeOptions,
  AttributeSchema,
  SchemaAnswer,
} from './service/attribute-options.js';
export type { AttributeAudience, Attributes } from './core/attributes.js';
export type { JsonObject, JsonValue } from './core/json.js';
export type { LimitsCall, LimitsSource, WorkspaceServiceOptions } from './service/options.js';
export type { ListenerErrorHandler } from './service/event-hub.js';
export type { TokenOptions } from './tokens/tokens.js';
export type { KeyMaterial, TokenKey } from './tokens/key-ring.js';

// Callers, methods, and their inputs.
export type { Actor, ActorRef, EventActor, OnBehalf, OperatorActor, UserActor } from './core/actor.js';
export type { InvitationId, UserId, WorkspaceId } from './core/ids.js';
export {
  commandSchemas,
  methods,
  schemasFor,
  type MatrixSchemas,
  type Method,
  type MethodName,
} from './commands/index.js';
export type { CallerKind, Callers } from './commands/define.js';
export type * from './service/contract/index.js';

// Results of methods.
export type {
  Invitation,
  InvitationBase,
  InvitationPreview,
  InvitationStatus,
  IssuedInvitation,
  MyInvitation,
} from './service/invitation-views.js';
export type { ChangedMember, RemovedMember } from './service/open-links.js';
export type { Reconciliation, RefusedMember } from './service/reconciliation-view.js';
export type {
  Account,
  ActiveWorkspace,
  Explanation,
  ListedMember,
  Member,
  Membership,
  DeletedWorkspace,
  FoundAccount,
  FoundWorkspace,
  OpenedAccount,
  Page,
  PurgedWorkspaces,
  Session,
  UpdatedAttributes,
  VerifiedSession,
  Workspace,
  OwnershipOffer,
  WorkspaceDetails,
} from './service/views.js';
export type { OwnershipTransfer } from './core/decision.js';
export { ERASED, invitedEmailKey } from './core/erase.js';
export {
  statusOf as workspaceStatusOf,
  workspaceStatuses,
  type DeletionRecord,
  type WorkspaceKind,
  type WorkspaceStatus,
} from './core/workspace.js';
export { recipientKey, type InvitationEnd, type MaxUses, type Recipient } from './core/invitation.js';

// Names.
export { nameKey } from './core/names.js';

// Permissions.
export {
  corePermissions,
  type Cell,
  type CellReason,
  type CorePermission,
  type GrantableRole,
  type PermissionMatrix,
} from './core/permissions.js';
export { defaultMatrix, definePermissionMatrix, type DefaultRole } from './core/permission-matrix.js';
export { extendMatrix, type MatrixExtension } from './core/extend-matrix.js';
export type {
  Checked,
  MatrixDefinition,
  RoleDefinition,
  RoleInputs,
  ValidNames,
  ValidRole,
} from './core/matrix-definition.js';

// Limits.
export {
  defaultLimits,
  type Limit,
  type LimitName,
  type LimitSubject,
  type Limits,
} from './core/limits.js';

// Transactions.
export type { BeginTransaction, TransactionAdapters } from './service/transaction.js';

// Quotas.
export { noQuota } from './service/no-quota.js';
export type { QuotaReport, Reservation, ResourceReport } from './service/quota-views.js';
export type { Amounts, Charge, QuotaLimit, QuotaLimits, ResourceUse, Shortfall } from './core/quota.js';
export {
  QuantityError,
  formatQuantity,
  isQuantityError,
  parseQuantity,
  readQuantity,
  type Quantity,
  type QuantityFormat,
  type QuantityErrorCode,
  type QuantityReading,
} from './core/quantity/index.js';

// Errors.
export {
  WorkspaceError,
  isWorkspaceError,
  type ErrorDetails,
  type InputIssue,
  type WorkspaceErrorCode,
} from './errors.js';
export type { ErrorKind, NoDetails, RefusalCode, RefusalDetails } from './core/refusals.js';

// Events and hooks.
export {
  accountEventTypes,
  quotaEventTypes,
  workspaceEventTypes,
} from './core/events.js';
export type {
  AccountEvent,
  AccountEventData,
  AccountEventType,
  EventEnvelope,
  EventOf,
  EventOrder,
  EventType,
  QuotaEvent,
  QuotaEventData,
  QuotaEventType,
  RevocationReason,
  StoredEvent,
  StoredEventOf,
  TenantryEvent,
  WorkspaceEvent,
  WorkspaceEventData,
  WorkspaceEventType,
} from './core/events.js';
export type {
  CommandHook,
  CommandName,
  HookContext,
  HookContexts,
  HookInputs,
  NamedInvitation,
} from './service/hooks.js';

// For adapter authors: the ports, and the records that a storage stores.
export type { Clock, Ids } from './ports/runtime.js';
export type {
  ChargeRequest,
  CommitRequest,
  CommitChargeResult,
  Gone,
  QuotaAdapter,
  QuotaSubject,
  ReleaseRequest,
  ReleaseResult,
  ReportResult,
  ReserveRequest,
  ReserveResult,
  ResizeRequest,
  ResizeResult,
  SetLimitsResult,
  Unlisted,
} from './ports/quota.js';
export type {
  AccountFilter,
  AccountsQuery,
  CommitResult,
  DuplicateField,
  EventPageQuery,
  ExistingPageQuery,
  PageKey,
  PageQuery,
  ReceivedInvitation,
  StorageAdapter,
  WorkspaceFilter,
  WorkspacesQuery,
} from './ports/storage.js';
export type { ReadSet, Snapshot } from './core/read-set.js';
export type { DeepReadonly } from './core/frozen.js';
export type { Change, Commit, Expectation } from './core/changes.js';
export type { AccountRecord, AccountStatus } from './core/account.js';
export type { OwnershipOfferRecord, WorkspaceRecord } from './core/workspace.js';
export type { DepartureRecord } from './core/departure.js';
export type { MemberRecord } from './core/member.js';
export type {
  ClosedInvitationRecord,
  InvitationRecord,
  InvitationRecordBase,
  OpenInvitationRecord,
} from './core/invitation.js';

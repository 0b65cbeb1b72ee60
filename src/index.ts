/**
 * `tenantry`: the workspace domain of a multi-tenant product. Start at {@link WorkspaceService}.
 *
 * @packageDocumentation
 */

// The service.
export { WorkspaceService } from './service/workspace-service.js';
export type { WorkspaceServiceOptions } from './service/options.js';
export type { LimitsSource } from './service/run-command.js';
export type { ListenerErrorHandler } from './service/event-hub.js';
export type { TokenOptions } from './tokens/tokens.js';
export type { KeyMaterial, TokenKey } from './tokens/key-ring.js';

// Who calls, and what each method takes.
export type { Actor, ActorRef, OperatorActor, UserActor } from './domain/actor.js';
export type { InvitationId, UserId, WorkspaceId } from './domain/ids.js';
export {
  commandSchemas,
  schemasFor,
  type MatrixSchemas,
  type MethodName,
} from './domain/commands/schemas.js';
export type {
  ChangeRoleInput,
  CreateWorkspaceInput,
  DeleteWorkspaceInput,
  InvitationInput,
  EventPageInput,
  InviteMemberInput,
  ListAccountEventsInput,
  ListEventsInput,
  ListInvitationsInput,
  MemberInput,
  OpenAccountInput,
  PageInput,
  PermissionInput,
  RenameAccountInput,
  RenameWorkspaceInput,
  ReservationInput,
  ReserveQuotaInput,
  SetQuotaInput,
  TokenInput,
  TransferOwnershipInput,
  VerifySessionInput,
  WorkspaceInput,
  WorkspacePageInput,
} from './service/inputs.js';

// What methods return.
export type {
  Account,
  ActiveWorkspace,
  Explanation,
  Invitation,
  InvitationBase,
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
} from './service/views.js';
export type { WorkspaceKind } from './domain/workspace.js';
export type { InvitationEnd, MaxUses, Recipient } from './domain/invitation.js';

// Names.
export { nameKey } from './domain/names.js';

// Permissions.
export {
  corePermissions,
  definePermissionMatrix,
  sealosMatrix,
  type Cell,
  type CellReason,
  type CorePermission,
  type GrantableRole,
  type MatrixDefinition,
  type PermissionMatrix,
  type RoleDefinition,
  type SealosRole,
} from './domain/permissions.js';

// Limits.
export {
  defaultLimits,
  type Limit,
  type LimitName,
  type LimitSubject,
  type Limits,
} from './domain/limits.js';

// Transactions of the host's.
export type { BeginTransaction, TransactionAdapters } from './service/transaction.js';

// Quotas.
export { noQuota } from './service/no-quota.js';
export type { QuotaReport, Reservation, ResourceReport } from './service/quota-views.js';
export type { Amounts, Charge, QuotaLimit, QuotaLimits, ResourceUse, Shortfall } from './domain/quota.js';
export {
  QuantityError,
  addQuantities,
  compareQuantities,
  formatQuantity,
  isQuantityError,
  parseQuantity,
  readQuantity,
  subtractQuantities,
  type Quantity,
  type QuantityFormat,
  type QuantityProblem,
  type QuantityReading,
} from './domain/quantity.js';

// Errors.
export {
  WorkspaceError,
  isWorkspaceError,
  type ErrorDetails,
  type InputIssue,
  type WorkspaceErrorCode,
} from './errors.js';
export type { NoDetails, RefusalCode, RefusalDetails } from './domain/refusals.js';

// Events and hooks.
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
  TenantryEvent,
  WorkspaceEvent,
  WorkspaceEventData,
  WorkspaceEventType,
} from './domain/events.js';
export type {
  CommandHook,
  CommandName,
  HookContext,
  HookContexts,
  HookInputs,
  NamedInvitation,
} from './service/hooks.js';

// For adapter authors: the ports, and the records that a storage keeps.
export type { Clock, Ids } from './ports/runtime.js';
export type {
  ChargeRequest,
  CommitChargeResult,
  Gone,
  QuotaAdapter,
  QuotaSubject,
  ReleaseRequest,
  ReleaseResult,
  ReportResult,
  ReserveRequest,
  ReserveResult,
  SetLimitsResult,
  Unlisted,
} from './ports/quota.js';
export type {
  CommitResult,
  DuplicateField,
  EventPageQuery,
  PageKey,
  PageQuery,
  StorageAdapter,
} from './ports/storage.js';
export type { Slice, Snapshot } from './domain/snapshot.js';
export type { Change, Commit, Expectation } from './domain/changes.js';
export type { AccountRecord } from './domain/account.js';
export type { WorkspaceRecord } from './domain/workspace.js';
export type { MemberRecord } from './domain/member.js';
export type {
  ClosedInvitationRecord,
  InvitationRecord,
  InvitationRecordBase,
  OpenInvitationRecord,
} from './domain/invitation.js';

// What must hold in every reachable state.
export { violations, type InvariantOptions, type Violation, type World } from './domain/invariants.js';

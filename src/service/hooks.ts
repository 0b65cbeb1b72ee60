// What a before-hook is told: the command, its actor and its checked input. Never a token.
import type { Actor, OperatorActor, UserActor } from '../domain/actor.js';
import type { InvitationId, WorkspaceId } from '../domain/ids.js';
import type {
  ChangeRoleInput,
  CreateWorkspaceInput,
  DeleteWorkspaceInput,
  InvitationInput,
  InviteMemberInput,
  MemberInput,
  OpenAccountInput,
  RenameAccountInput,
  RenameWorkspaceInput,
  ReservationInput,
  ReserveQuotaInput,
  SetQuotaInput,
  TransferOwnershipInput,
  WorkspaceInput,
} from './inputs.js';

/** Which invitation a verified token named: a hook is not given the token itself. */
export interface NamedInvitation {
  /** The workspace that the token names. */
  readonly workspaceId: WorkspaceId;
  /** The invitation that the token names. */
  readonly invitationId: InvitationId;
}

/** The input that a hook of each command is shown. */
export interface HookInputs {
  openAccount: OpenAccountInput;
  renameAccount: RenameAccountInput;
  createWorkspace: CreateWorkspaceInput;
  renameWorkspace: RenameWorkspaceInput;
  deleteWorkspace: DeleteWorkspaceInput;
  transferOwnership: TransferOwnershipInput<string>;
  inviteMember: InviteMemberInput<string>;
  reissueInvitation: InvitationInput;
  revokeInvitation: InvitationInput;
  acceptInvitation: NamedInvitation;
  declineInvitation: NamedInvitation;
  changeRole: ChangeRoleInput<string>;
  removeMember: MemberInput;
  leaveWorkspace: WorkspaceInput;
  switchWorkspace: WorkspaceInput;
  setQuota: SetQuotaInput;
  reserveQuota: ReserveQuotaInput;
  commitQuota: ReservationInput;
  releaseQuota: ReservationInput;
}

/** The name of a method that changes something. */
export type CommandName = keyof HookInputs;

/** What a hook of each command is told, as one union. */
export type HookContexts = {
  readonly [Name in CommandName]: {
    readonly command: Name;
    /** As the method of the name takes it; of `openAccount`, which takes none, the user whose account it is. */
    readonly actor: Name extends
      | 'openAccount'
      | 'createWorkspace'
      | 'acceptInvitation'
      | 'declineInvitation'
      | 'leaveWorkspace'
      | 'switchWorkspace'
      ? UserActor
      : Name extends 'setQuota'
        ? OperatorActor
        : Actor;
    readonly input: HookInputs[Name];
  };
}[CommandName];

/** What a hook is told. Frozen: a hook may veto, not alter. */
export type HookContext<Name extends CommandName = CommandName> = Extract<
  HookContexts,
  { readonly command: Name }
>;

/** Runs before a command is decided; throwing, or rejecting, vetoes it. */
export type CommandHook<Name extends CommandName = CommandName> = (
  context: HookContext<Name>,
) => void | Promise<void>;

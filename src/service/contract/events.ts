// The documented methods about events, and their inputs.
import type { Actor } from '../../core/actor.js';
import type {
  AccountEvent,
  EventOf,
  EventOrder,
  EventType,
  TenantryEvent,
  WorkspaceEvent,
} from '../../core/events.js';
import type { UserId } from '../../core/ids.js';
import type { CommandHook, CommandName } from '../hooks.js';
import type { Page } from '../views.js';
import type { PageInput, WorkspaceInput } from './workspaces.js';

/** Which page of an audit log. */
export interface EventPageInput extends PageInput {
  /**
   * Which event comes first. With `newest`, events that are added after the first page was read are on none of the later
   * pages. A cursor is valid for the order that it came from.
   * @default 'oldest'
   */
  readonly order?: EventOrder | undefined;
}

/** Input of `listEvents`. */
export interface ListEventsInput extends WorkspaceInput, EventPageInput {}

/** Input of `listAccountEvents`. */
export interface ListAccountEventsInput extends EventPageInput {
  /** The user whose account it is. */
  readonly userId: UserId;
}

/** Methods about events: listeners, hooks, and the audit logs. */
export interface EventMethods {
  /**
   * Calls the listener with every event of the type, or with all for `'*'`, after its commit. A listener may be
   * async: it is not awaited, and its errors go to `onListenerError`. Returns a function that removes the listener.
   *
   * Listeners receive events of this process only, and not those of a commit whose acknowledgement was lost. The
   * event lists have all of them.
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const stop = workspaces.on('workspace.created', ({ data }) => {
   *   console.log(`${data.name} was created`);
   * });
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * await workspaces.createWorkspace(ada, { name: 'hello' }); // ada was created, hello was created
   * stop();
   * ```
   */
  on<Type extends EventType | '*'>(
    type: Type,
    listener: (event: Type extends EventType ? EventOf<Type> : TenantryEvent) => unknown,
  ): () => void;

  /**
   * Calls the hook before each command of that name, with its actor and parsed input. Throwing rejects the command:
   * it ends with `VETOED`, with the error as its cause. A hook cannot change the command. Returns a function that
   * removes the hook.
   *
   * Two methods run hooks of another name: `withQuota` those of `reserveQuota`; and `removeMember`, when users
   * remove themselves, those of `leaveWorkspace` after its own.
   *
   * @example
   * ```ts
   * import { isWorkspaceError } from 'tenantry';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   *
   * const undo = workspaces.before('createWorkspace', ({ input }) => {
   *   if (input.name === 'admin') throw new Error('this name is reserved');
   * });
   * await workspaces.createWorkspace(ada, { name: 'admin' }).catch((error: unknown) => {
   *   if (!isWorkspaceError(error, 'VETOED')) throw error; // its cause is what the hook threw
   * });
   * undo();
   * ```
   */
  before<Name extends CommandName>(command: Name, hook: CommandHook<Name>): () => void;

  /**
   * Lists the events of a workspace, oldest or newest first. Needs `event:view`. Operators can also read those of a
   * deleted workspace.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * await workspaces.renameWorkspace(ada, { workspaceId, name: 'world' });
   *
   * const { items } = await workspaces.listEvents(ada, { workspaceId, order: 'newest' });
   * items.map(({ type }) => type); // ['workspace.renamed', 'workspace.created']
   * ```
   */
  listEvents(actor: Actor, input: ListEventsInput): Promise<Page<WorkspaceEvent>>;

  /**
   * Lists the events of an account, oldest or newest first. For the user and for operators.
   *
   * @throws WorkspaceError `ACCOUNT_NOT_FOUND`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   *
   * const { items } = await workspaces.listAccountEvents(ada, { userId: 'u1' });
   * items.map(({ type }) => type); // ['account.opened']
   * ```
   */
  listAccountEvents(actor: Actor, input: ListAccountEventsInput): Promise<Page<AccountEvent>>;
}

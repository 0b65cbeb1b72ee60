// Opens the account of a signed-in user on the first call that needs it.
import { isOperator, type Actor, type UserActor } from '../core/actor.js';
import { isWorkspaceError } from '../errors.js';
import type { OpenAccountInput } from '../service/contract/accounts.js';
import type { AnyWorkspaceService } from '../service/workspace-service.js';

/** The account to open: the input of `openAccount` without the user, who is the actor. */
export type NewAccount = Omit<OpenAccountInput, 'userId'>;

/** `null` or `undefined` opens none. */
export type Provisioned = NewAccount | null | undefined;

/**
 * Calls a method. If it ends with `ACCOUNT_NOT_FOUND` for the caller, asks `provision` for an account, opens it, and calls
 * the method again. A caller who has an account costs nothing.
 *
 * @throws TypeError if `provision` returns an invalid account; what the method and `openAccount` throw
 */
export async function withAccount<Result>(
  workspaces: AnyWorkspaceService,
  actor: Actor | null,
  {
    provision,
    run,
  }: {
    readonly provision: (actor: UserActor) => Provisioned | Promise<Provisioned>;
    readonly run: () => Promise<Result>;
  },
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (actor === null || isOperator(actor) || !isWorkspaceError(error, 'ACCOUNT_NOT_FOUND')) throw error;
    const { userId } = actor;
    if (error.details.userId !== userId) throw error;
    const account = await provision(actor);
    if (account === null || account === undefined) throw error;
    await open(workspaces, { ...account, userId });
  }
  return run();
}

/** An account of another name was opened meanwhile, by a request at the same time: the user has one. */
async function open(workspaces: AnyWorkspaceService, input: OpenAccountInput): Promise<void> {
  try {
    await workspaces.openAccount(input);
  } catch (error) {
    if (isWorkspaceError(error, 'ACCOUNT_EXISTS')) return;
    if (!isWorkspaceError(error, 'INVALID_INPUT')) throw error;
    throw new TypeError(`workspaceApi: provision must return an account or null: ${error.message}`, {
      cause: error,
    });
  }
}

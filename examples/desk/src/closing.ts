// Closes the accounts of people who leave the desk. The account ends first, the desk's own rows go after it.
import type { FoundAccount } from 'tenantry';
import type { Core } from './desk.js';
import { actorOf, type Person } from './people.js';
import { stored } from './stored.js';

/** The desk itself, for what no person does. */
export const operator = { operator: 'desk' } as const;

export interface Closing {
  /** The account of a person, also one that is closing or closed. */
  account(userId: string): Promise<FoundAccount | null>;
  /**
   * Closes the account, erases its names, and ends all sessions of the person.
   *
   * @throws WorkspaceError `ACCOUNT_OWNS_WORKSPACES`, `CONFIRMATION_MISMATCH`
   */
  close(person: Person, confirmUsername: string): Promise<void>;
  /** Completes an interrupted `close`. Returns `false` if the account is open. */
  resume(person: Person): Promise<boolean>;
}

export function createClosing({ db, workspaces }: Core): Closing {
  // The library commits step by step, so the desk's rows cannot go in the same transaction. They go last: if the process
  // dies before that, they still lead to the account, and `resume` completes what was started.
  return {
    account,
    async close(person, confirmUsername) {
      const { id: userId } = person;
      await workspaces.closeAccount(actorOf(person), { userId, confirmUsername, erase: true });
      await removeRows(userId);
    },
    async resume({ id: userId, email }) {
      const found = await account(userId);
      if (found?.status === 'open') return false;
      const emails = email === null ? [] : [email];
      if (found !== null) await workspaces.closeAccount(operator, { userId, erase: true, emails });
      await removeRows(userId);
      return true;
    },
  };

  async function account(userId: string): Promise<FoundAccount | null> {
    const { items } = await workspaces.findAccounts(operator, { userId });
    return items[0] ?? null;
  }

  async function removeRows(userId: string): Promise<void> {
    const found = await account(userId);
    await stored(
      db.transaction().execute(async (transaction) => {
        if (found !== null) {
          const { personalWorkspaceId } = found;
          await transaction
            .deleteFrom('desk_resource')
            .where('workspace_id', '=', personalWorkspaceId)
            .execute();
        }
        await transaction.deleteFrom('desk_session').where('user_id', '=', userId).execute();
        await transaction.deleteFrom('desk_user').where('id', '=', userId).execute();
      }),
    );
  }
}

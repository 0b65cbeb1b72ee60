// What the directory has sent: its users and groups. In production these are two tables of yours.
import { randomUUID } from 'node:crypto';
import { isWorkspaceError, type AnyWorkspaceService, type RefusedMember } from 'tenantry';
import { ScimError } from './error.js';

export interface DirectoryUser {
  readonly id: string;
  readonly userName: string;
  readonly displayName: string | null;
  /** The address that the directory has verified. */
  readonly email: string | null;
  readonly externalId: string | null;
  readonly active: boolean;
}

export interface DirectoryGroup {
  readonly id: string;
  readonly displayName: string;
  readonly members: ReadonlySet<string>;
}

export interface DirectoryOptions {
  readonly workspaces: AnyWorkspaceService;
  /** The workspace of the company. */
  readonly workspaceId: string;
  /** The name of the directory in the workspace, as `entra`. */
  readonly managedBy: string;
  /** The role of each group, by its name. Of several groups of a user, the first in this order decides. */
  readonly roles: Readonly<Record<string, string>>;
}

/** The users and groups of one directory, and the workspace that follows them. */
export function directoryOf({ workspaces, workspaceId, managedBy, roles }: DirectoryOptions) {
  const operator = { operator: `scim ${managedBy}` };
  const users = new Map<string, DirectoryUser>();
  const groups = new Map<string, DirectoryGroup>();
  let last: Promise<unknown> = Promise.resolve();

  /** One change at a time: two reconciliations of one directory must not overlap. In production, lock a row. */
  const inTurn = <Value>(run: () => Promise<Value>): Promise<Value> => {
    const turn = last.then(run, run);
    last = turn.catch(() => undefined);
    return turn;
  };

  return {
    users,
    groups,
    createUser: (user: Omit<DirectoryUser, 'id'>) =>
      inTurn(async () => {
        // An id of your own: a person who is deleted and created again in the directory is a new one.
        const created = { ...user, id: randomUUID() };
        await workspaces.openAccount(accountOf(created));
        users.set(created.id, created);
        return created;
      }),
    updateUser: (before: DirectoryUser, change: Partial<DirectoryUser>) =>
      inTurn(async () => {
        const user = { ...before, ...change };
        await workspaces.renameAccount(operator, accountOf(user));
        users.set(user.id, user);
        await synchronize([user.id]);
        return user;
      }),
    deleteUser: ({ id }: DirectoryUser) =>
      inTurn(async () => {
        // A repeated request after a crash finds the account closed.
        await workspaces.closeAccount(operator, { userId: id }).catch((error: unknown) => {
          if (!isWorkspaceError(error, 'ACCOUNT_NOT_FOUND')) throw error;
        });
        users.delete(id);
        for (const group of groups.values()) groups.set(group.id, without(group, id));
      }),
    putGroup: (group: Omit<DirectoryGroup, 'id'> & { readonly id?: string }) =>
      inTurn(async () => {
        if (!Object.hasOwn(roles, group.displayName))
          throw new ScimError(400, `no role belongs to the group ${group.displayName}`, 'invalidValue');
        const unknown = [...group.members].find((id) => !users.has(id));
        if (unknown !== undefined) throw new ScimError(400, `there is no user ${unknown}`, 'invalidValue');
        const put = { ...group, id: group.id ?? randomUUID() };
        groups.set(put.id, put);
        await synchronize([...put.members]);
        return put;
      }),
    deleteGroup: ({ id }: DirectoryGroup) =>
      inTurn(async () => {
        groups.delete(id);
        await synchronize([]);
      }),
  };

  /** Throws if someone whom the request is about could not become a member; a later request tries again. */
  async function synchronize(about: readonly string[]): Promise<void> {
    const members = [...users.values()].flatMap(({ id: userId, email, active }) => {
      const role = active ? roleOf(userId) : undefined;
      return role === undefined ? [] : [{ userId, role, ...(email !== null && { email }) }];
    });
    const { refused } = await workspaces.reconcileMembers(operator, { workspaceId, managedBy, members });
    const found: RefusedMember | undefined = refused.find(({ userId }) => about.includes(userId));
    if (found) throw new ScimError(409, `user ${found.userId}: ${found.code}`);
  }

  function roleOf(userId: string): string | undefined {
    const names = [...groups.values()].filter((group) => group.members.has(userId));
    return Object.entries(roles).find(([name]) => names.some((group) => group.displayName === name))?.[1];
  }
}

function accountOf({ id, userName, displayName }: DirectoryUser) {
  return { userId: id, username: userName, ...(displayName !== null && { displayName }) };
}

function without(group: DirectoryGroup, userId: string): DirectoryGroup {
  return { ...group, members: new Set([...group.members].filter((id) => id !== userId)) };
}

// A read set as one statement, so that its records are one consistent snapshot: a union of rows, each with its kind.
import type { UserId } from '../../core/ids.js';
import { recipientKey } from '../../core/invitation.js';
import type { ReadSet } from '../../core/read-set.js';
import type { Dialect } from './dialect.js';
import type { SqlNames } from './names.js';
import {
  ACCOUNT,
  DEPARTURE,
  INVITATION,
  MEMBER,
  OPEN_INVITATION,
  TOMBSTONE,
  WORKSPACE,
  wideColumns,
  type ReadTable,
} from './read-set-rows.js';
import { statement, type Bind, type Statement } from './statement.js';

/** Read sets of the same shape are read by the same statement. `null`: there is nothing to read. */
export function shapeOf(readSet: ReadSet): string | null {
  const shape = [
    readSet.workspaceId !== undefined && 'w',
    readSet.workspaceId === undefined && readSet.personalWorkspaceOf !== undefined && 'p',
    `a${padded(accountsOf(readSet).length)}`,
    `m${padded(readSet.members?.length ?? 0)}`,
    readSet.owner && 'o',
    readSet.invitationId !== undefined && 'i',
    `b${padded(readSet.issuedBy?.length ?? 0)}`,
    readSet.issuedByOwner && 'B',
    `r${padded(readSet.recipients?.length ?? 0)}`,
    readSet.openLinks && 'l',
    readSet.expiredAt !== undefined && 'x',
    readSet.emailKey !== undefined && 'e',
    `d${padded(readSet.departuresOf?.length ?? 0)}`,
  ].filter(Boolean);
  const hasWorkspace = readSet.workspaceId !== undefined || readSet.personalWorkspaceOf !== undefined;
  return hasWorkspace || accountsOf(readSet).length > 0 ? shape.join('') : null;
}

/**
 * The statement for every read set of the same shape. With `locks`, each part locks its rows: the workspace first, so that
 * no other commit changes the rest in between. The rows that hold versions are locked as a commit locks them.
 */
export function readSetStatement(
  names: SqlNames,
  readSet: ReadSet,
  { locks }: { readonly locks: Dialect['rowLocks'] } = { locks: null },
): Statement<ReadSet> {
  const { table, dialect } = names;
  const share = locks?.forReading ?? '';
  return statement<ReadSet>(dialect, (bind) => {
    const accounts = accountsOf(readSet).length;
    const parts: string[] = [];
    const read = (part: number, name: ReadTable, from: string): void => {
      const isVersioned = part === WORKSPACE || part === ACCOUNT;
      const lock = isVersioned ? (locks?.forWriting ?? '') : share;
      const select = `select ${wideColumns(names, part, name)} from ${from}${lock}`;
      parts.push(locks === null ? select : `(${select})`);
    };
    const readAccounts = (): void => {
      if (accounts === 0) return;
      const list = listOf(bind, accounts, accountsOf);
      read(ACCOUNT, 'accounts', `${table('accounts')} r where r.user_id in ${list}`);
    };
    const personalOf = bind(({ personalWorkspaceOf }) => personalWorkspaceOf);
    const own = `(select personal_workspace_id from ${table('accounts')} where user_id = ${personalOf}${share})`;
    if (readSet.workspaceId === undefined && readSet.personalWorkspaceOf === undefined) {
      readAccounts();
      return parts.join(UNION);
    }
    const workspaceId = readSet.workspaceId === undefined ? own : bind((given) => given.workspaceId);

    const workspaces = `${table('workspaces')} w`;
    read(WORKSPACE, 'workspaces', `${table('workspaces')} r where r.id = ${workspaceId}`);
    read(
      TOMBSTONE,
      'workspace_ids',
      `${table('workspace_ids')} r where r.id = ${workspaceId} and r.deleted = 1`,
    );
    readAccounts();
    const members = readSet.members?.length ?? 0;
    if (members > 0) {
      const list = listOf(bind, members, (given) => given.members ?? []);
      read(
        MEMBER,
        'members',
        `${table('members')} r where r.workspace_id = ${workspaceId} and r.user_id in ${list}`,
      );
    }
    if (readSet.owner) {
      const owned = `where w.id = ${workspaceId}`;
      read(
        MEMBER,
        'members',
        `${workspaces} join ${table('members')} r on r.workspace_id = w.id and r.user_id = w.owner_id ${owned}`,
      );
      read(
        ACCOUNT,
        'accounts',
        `${workspaces} join ${table('accounts')} r on r.user_id = w.owner_id ${owned}`,
      );
    }
    const invitations = `${table('invitations')} r`;
    if (readSet.invitationId !== undefined) {
      const id = bind(({ invitationId }) => invitationId);
      read(
        INVITATION,
        'invitations',
        `${invitations} where r.workspace_id = ${workspaceId} and r.id = ${id}`,
      );
      const issued = `where i.workspace_id = ${workspaceId} and i.id = ${id}`;
      read(
        MEMBER,
        'members',
        `${table('invitations')} i join ${table('members')} r on r.workspace_id = i.workspace_id and r.user_id = i.issued_by_user_id ${issued}`,
      );
      read(
        ACCOUNT,
        'accounts',
        `${table('invitations')} i join ${table('accounts')} r on r.user_id = i.issued_by_user_id ${issued}`,
      );
    }
    const open = (where: string): void => {
      read(
        OPEN_INVITATION,
        'invitations',
        `${invitations} where r.workspace_id = ${workspaceId} and r.state = 'open' and ${where}`,
      );
    };
    const issuers = readSet.issuedBy?.length ?? 0;
    if (issuers > 0) {
      open(`r.issued_by_user_id in ${listOf(bind, issuers, (given) => given.issuedBy ?? [])}`);
    }
    if (readSet.issuedByOwner) {
      open(`r.issued_by_user_id = (select owner_id from ${workspaces} where w.id = ${workspaceId}${share})`);
    }
    const recipients = readSet.recipients?.length ?? 0;
    if (recipients > 0) {
      open(
        `r.open_recipient in ${listOf(bind, recipients, (given) => given.recipients?.map(recipientKey) ?? [])}`,
      );
    }
    if (readSet.openLinks) open("r.open_recipient >= 'link:' and r.open_recipient < 'link;'");
    if (readSet.expiredAt !== undefined) open(`r.expires_at <= ${bind(({ expiredAt }) => expiredAt)}`);
    if (readSet.emailKey !== undefined) {
      const key = bind(({ emailKey }) => emailKey);
      read(
        MEMBER,
        'members',
        `${table('members')} r where r.workspace_id = ${workspaceId} and r.email_key = ${key}`,
      );
    }
    const departures = readSet.departuresOf?.length ?? 0;
    if (departures > 0) {
      const list = listOf(bind, departures, (given) => given.departuresOf ?? []);
      read(
        DEPARTURE,
        'departures',
        `${table('departures')} r where r.workspace_id = ${workspaceId} and r.user_id in ${list}`,
      );
    }
    return parts.join(UNION);
  });
}

const UNION = '\nunion all\n';

function accountsOf({ accounts = [], personalWorkspaceOf }: ReadSet): readonly UserId[] {
  return personalWorkspaceOf === undefined ? accounts : [...accounts, personalWorkspaceOf];
}

/** As many parameters as the shape has; those beyond the end of the list repeat its last value. */
function listOf(bind: Bind<ReadSet>, length: number, read: (readSet: ReadSet) => readonly string[]): string {
  const parameters = Array.from({ length: padded(length) }, (_, index) =>
    bind((readSet) => {
      const list = read(readSet);
      return list[Math.min(index, list.length - 1)];
    }),
  );
  return `(${parameters.join(', ')})`;
}

/** Pads to a power of two to bound the number of statements. Not above 1,024: SQLite allows 32,766 parameters. */
export function padded(length: number): number {
  if (length === 0 || length > 1024) return length;
  return 2 ** Math.ceil(Math.log2(length));
}

// Keyset pages: each list has an index in the order of its keys, and a page is one seek in that index.
import type { EventOrder } from '../../core/events.js';
import type { PageQuery } from '../../ports/storage.js';
import { foundStatements, type FoundLists } from './found-lists.js';
import type { SqlNames } from './names.js';
import { BACKWARDS, FORWARDS, afterKey, existing } from './page-keys.js';
import type { TableName } from './tables.js';
import { receivedStatements, type ReceivedQuery } from './received-lists.js';
import { memoizeByShape, statement, type Statement } from './statement.js';

/** A page of the list of one subject: a workspace, a user, or the key of an address. */
export interface ListQuery extends PageQuery {
  readonly subject: string;
  readonly openAt?: number | undefined;
  /** Of the workspaces that are listed. */
  readonly withDeleted?: true | undefined;
  /** Of the members that are listed. */
  readonly role?: string | undefined;
  readonly managedBy?: string | undefined;
  /** @default 'oldest' */
  readonly order?: EventOrder | undefined;
}

export interface Lists extends FoundLists {
  readonly workspaces: (query: ListQuery) => Statement<ListQuery>;
  readonly members: (query: ListQuery) => Statement<ListQuery>;
  readonly invitations: (query: ListQuery) => Statement<ListQuery>;
  readonly invitationsFor: (query: ReceivedQuery) => Statement<ReceivedQuery>;
  readonly workspaceEvents: (query: ListQuery) => Statement<ListQuery>;
  readonly invitationEvents: (query: ListQuery) => Statement<ListQuery>;
  readonly accountEvents: (query: ListQuery) => Statement<ListQuery>;
}

/** Prefixes of the columns of each record, where a list joins two. */
export const MEMBER_PREFIX = 'm_';
export const OTHER_PREFIX = 'o_';
export const ISSUER_PREFIX = 'a_';

export function listStatements(names: SqlNames): Lists {
  const { table, columns } = names;
  const prefixed = (name: TableName, alias: string, prefix: string): string =>
    prefixedColumns(names, name, { alias, prefix });
  const page = (
    select: string,
    from: string,
    [subject, first, second]: readonly [string, string, string],
    { openAt: expiry, status }: { readonly openAt?: string; readonly status?: string } = {},
  ) => {
    const kept = memoizeByShape<ListQuery>((shape) =>
      statement(names.dialect, (bind) => {
        // Both parts of the key are descending, so the same index is read from its other end.
        const direction = shape.order === 'newest' ? BACKWARDS : FORWARDS;
        const where = [
          `${subject} = ${bind((query) => query.subject)}`,
          ...(shape.role === undefined ? [] : [`l.role = ${bind((query) => query.role)}`]),
          ...(shape.managedBy === undefined ? [] : [`l.managed_by = ${bind((query) => query.managedBy)}`]),
          ...(expiry !== undefined && shape.openAt !== undefined
            ? [
                `l.state = 'open'`,
                `${names.dialect.indexHintPrefix}${expiry} > ${bind((query) => query.openAt)}`,
              ]
            : []),
          ...(status === undefined || shape.withDeleted ? [] : [existing(status)]),
          ...(shape.after === null
            ? []
            : [afterKey(names.dialect, bind, { key: [first, second], direction })]),
        ];
        return (
          `select ${select} from ${from} where ${where.join(' and ')}` +
          ` order by ${first}${direction.sorted}, ${second}${direction.sorted} limit ${bind(({ limit }) => limit)}`
        );
      }),
    );
    return (query: ListQuery) => {
      const { after, openAt, withDeleted, role, managedBy, order = 'oldest' } = query;
      const shape = [
        order,
        after === null ? '' : 'after',
        openAt === undefined ? '' : 'open',
        withDeleted ? 'deleted' : '',
        role === undefined ? '' : 'role',
        managedBy === undefined ? '' : 'managedBy',
      ];
      return kept(shape.join(' '), query);
    };
  };
  return {
    ...foundStatements(names),
    workspaces: page(
      `${prefixed('members', 'l', MEMBER_PREFIX)}, ${prefixed('workspaces', 'w', OTHER_PREFIX)}`,
      `${table('members')} l join ${table('workspaces')} w on w.id = l.workspace_id`,
      ['l.user_id', 'l.joined_at', 'l.workspace_id'],
      { status: 'w.status' },
    ),
    members: page(
      `${prefixed('members', 'l', MEMBER_PREFIX)}, ${prefixed('accounts', 'a', OTHER_PREFIX)}`,
      `${table('members')} l join ${table('accounts')} a on a.user_id = l.user_id`,
      ['l.workspace_id', 'l.joined_at', 'l.user_id'],
    ),
    invitations: page(
      columns('invitations', 'l').join(', '),
      `${table('invitations')} l`,
      ['l.workspace_id', 'l.created_at', 'l.id'],
      { openAt: 'l.expires_at' },
    ),
    invitationsFor: receivedStatements(
      names,
      [
        prefixed('invitations', 'i', MEMBER_PREFIX),
        prefixed('workspaces', 'w', OTHER_PREFIX),
        prefixed('accounts', 'a', ISSUER_PREFIX),
      ].join(', '),
    ),
    workspaceEvents: page(columns('workspace_events', 'l').join(', '), `${table('workspace_events')} l`, [
      'l.workspace_id',
      'l.version',
      'l.position',
    ]),
    invitationEvents: page(columns('workspace_events', 'l').join(', '), `${table('workspace_events')} l`, [
      'l.email_key',
      'l.at',
      'l.id',
    ]),
    accountEvents: page(columns('account_events', 'l').join(', '), `${table('account_events')} l`, [
      'l.user_id',
      'l.version',
      'l.position',
    ]),
  };
}

/** The columns of a table, each as a name with a prefix. */
export function prefixedColumns(
  { columns }: SqlNames,
  name: TableName,
  { alias, prefix }: { readonly alias: string; readonly prefix: string },
): string {
  return columns(name, alias)
    .map((column) => `${column} as ${prefix}${column.slice(alias.length + 2, -1)}`)
    .join(', ');
}

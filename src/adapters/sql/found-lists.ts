// The lists of operators over everything: each is sought in an index, for every combination of filters.
import { workspaceStatuses } from '../../core/workspace.js';
import type { AccountsQuery, PageQuery, WorkspacesQuery } from '../../ports/storage.js';
import type { SqlNames } from './names.js';
import { FORWARDS, afterKey } from './page-keys.js';
import { memoizeByShape, statement, type Bind, type Statement } from './statement.js';

export interface FoundLists {
  readonly accounts: (query: AccountsQuery) => Statement<AccountsQuery>;
  readonly foundWorkspaces: (query: WorkspacesQuery) => Statement<WorkspacesQuery>;
  readonly purgeable: (query: PurgeableQuery) => Statement<PurgeableQuery>;
}

/** A page of the deleted workspaces that may be purged at an instant. */
export interface PurgeableQuery extends PageQuery {
  readonly at: number;
}

export function foundStatements(names: SqlNames): FoundLists {
  const { dialect, table, columns } = names;
  const accounts = memoizeByShape<AccountsQuery>(({ after, prefix, status }) =>
    statement(dialect, (bind) => {
      const where = [
        ...(status === undefined ? [] : [`l.status = ${bind((query) => query.status)}`]),
        // Without a prefix, too: a scan of an index seems as bad as one of the table.
        after === null
          ? `l.username_key >= ${bind((query) => query.prefix ?? '')}`
          : `l.username_key > ${bind((query) => query.after?.[1])}`,
        ...(prefix === undefined
          ? []
          : [`l.username_key < ${bind(({ prefix: from }) => `${from ?? ''}${LAST}`)}`]),
      ];
      return (
        `select ${columns('accounts', 'l').join(', ')} from ${table('accounts')} l` +
        ` where ${where.join(' and ')} order by l.username_key limit ${bind(({ limit }) => limit)}`
      );
    }),
  );

  // The index begins with the kind and the status, so a page of each is sought. The caller sorts these few rows.
  const workspaces = memoizeByShape<WorkspacesQuery>((shape) =>
    statement(dialect, (bind) => {
      const pages = KINDS.filter((kind) => shape.kind === undefined || kind === shape.kind).flatMap((kind) =>
        workspaceStatuses
          .filter((status) => shape.status === undefined || status === shape.status)
          .map((status) => pageOf(bind, shape, [one('l.kind', kind), one('l.status', status)])),
      );
      return pages.length === 1
        ? pages.join('')
        : pages.map((page, place) => `select * from (${page}) p${place}`).join(' union all ');
    }),
  );

  // MariaDB prefers the equality to the key of the page, and reads all rows before it. A range from and to one value has the
  // same rows, and leaves it one way: along the index.
  const one = (column: string, value: string): string =>
    dialect.seeksRowValues ? `${column} = '${value}'` : `${column} >= '${value}' and ${column} <= '${value}'`;
  const order = dialect.seeksRowValues ? 'l.id' : 'l.kind, l.status, l.id';

  function pageOf(
    bind: Bind<WorkspacesQuery>,
    { ownerId, after }: WorkspacesQuery,
    kept: readonly string[],
  ): string {
    const where = [
      ...(ownerId === undefined ? [] : [`l.owner_id = ${bind((query) => query.ownerId)}`]),
      ...kept,
      ...(after === null ? [] : [`l.id > ${bind((query) => query.after?.[1])}`]),
    ];
    return (
      `select ${columns('workspaces', 'l').join(', ')} from ${table('workspaces')} l` +
      ` where ${where.join(' and ')} order by ${order} limit ${bind(({ limit }) => limit)}`
    );
  }

  const purgeable = memoizeByShape<PurgeableQuery>(({ after }) =>
    statement(dialect, (bind) => {
      const key = { key: ['l.purge_at', 'l.id'], direction: FORWARDS } as const;
      const where = [
        `l.purge_at <= ${bind(({ at }) => at)}`,
        ...(after === null ? [] : [afterKey(dialect, bind, key)]),
      ];
      return (
        `select ${columns('workspaces', 'l').join(', ')} from ${table('workspaces')} l` +
        ` where ${where.join(' and ')} order by l.purge_at, l.id limit ${bind(({ limit }) => limit)}`
      );
    }),
  );

  return {
    purgeable: (query) => purgeable(query.after === null ? '' : 'after', query),
    accounts: (query) => {
      const { after, prefix, status } = query;
      const shape = [after === null, prefix === undefined, status === undefined];
      return accounts(shape.join(' '), query);
    },
    foundWorkspaces: (query) => {
      const { after, ownerId, kind = '', status = '' } = query;
      return workspaces([after === null, ownerId === undefined, kind, status].join(' '), query);
    },
  };
}

/** Greater than every character of a name: it is a noncharacter, which no name has. */
const LAST = '\u{10FFFF}';

const KINDS = ['personal', 'team'] as const;

// The open invitations for a person in all workspaces: one seek in an index for each recipient.
import type { PageKey, PageQuery } from '../../ports/storage.js';
import type { Dialect } from './dialect.js';
import type { SqlNames } from './names.js';
import { existing } from './page-keys.js';
import { padded } from './read-sets.js';
import { beyondKey } from './seek.js';
import { memoizeByShape, statement, type Bind, type Statement } from './statement.js';

/** A page of the open invitations for some recipients, in all workspaces. */
export interface ReceivedQuery extends PageQuery {
  /** As `recipientKey` returns them, without duplicates. */
  readonly recipients: readonly string[];
  readonly openAt?: number | undefined;
  readonly withDeleted?: true | undefined;
}

const RECEIVED_KEY = ['created_at', 'workspace_id', 'id'] as const;

/**
 * A page for each recipient, because the invitations of several are not in the order of the list, with the other records. The
 * caller sorts these few rows.
 */
export function receivedStatements(
  { dialect, table }: SqlNames,
  select: string,
): (query: ReceivedQuery) => Statement<ReceivedQuery> {
  const kept = memoizeByShape<ReceivedQuery>((shape) =>
    statement(dialect, (bind) => {
      const order = RECEIVED_KEY.map((column) => `i.${column}`).join(', ');
      const pages = Array.from({ length: padded(shape.recipients.length) }, (_, place) => {
        const where = [
          // A recipient that is missing is null, which equals nothing.
          `i.open_recipient = ${bind(({ recipients }) => recipients[place] ?? null)}`,
          ...(shape.openAt === undefined
            ? []
            : [`${dialect.indexHintPrefix}i.expires_at > ${bind(({ openAt }) => openAt)}`]),
          ...(shape.withDeleted ? [] : [existing('w.status')]),
          ...(shape.after === null ? [] : [afterReceived(dialect, bind)]),
        ];
        // Joined here, so that each page follows its index, as those of other lists.
        return (
          `select ${select} from ${table('invitations')} i` +
          ` join ${table('workspaces')} w on w.id = i.workspace_id` +
          ` left join ${table('accounts')} a on a.user_id = i.issued_by_user_id` +
          ` where ${where.join(' and ')} order by ${order} limit ${bind((query) => query.limit)}`
        );
      });
      // Parentheses alone would not do on SQLite.
      return pages.length === 1
        ? pages.join('')
        : pages.map((page, place) => `select * from (${page}) p${place}`).join(' union all ');
    }),
  );
  return (query) => {
    const { recipients, after, openAt, withDeleted } = query;
    const shape = [
      padded(recipients.length),
      after === null ? '' : 'after',
      openAt === undefined ? '' : 'open',
      withDeleted ? 'deleted' : '',
    ];
    return kept(shape.join(' '), query);
  };
}

function afterReceived(dialect: Dialect, bind: Bind<ReceivedQuery>): string {
  const columns = RECEIVED_KEY.map((column) => `i.${column}`);
  const a = bind(({ after }) => after?.[0]);
  const b = bind(({ after }) => idsOf(after)[0]);
  const c = bind(({ after }) => idsOf(after)[1]);
  return beyondKey(dialect, columns, [a, b, c]);
}

/** The workspace and the invitation in a key. A workspace's id has no comma. */
function idsOf(after: PageKey | null): readonly [string, string] {
  const joined = String(after?.[1] ?? '');
  const comma = joined.indexOf(',');
  return comma < 0 ? [joined, ''] : [joined.slice(0, comma), joined.slice(comma + 1)];
}

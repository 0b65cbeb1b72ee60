// Fills a column that earlier versions of the library did not write: the address that an event names. SQL alone cannot, because
// addresses are compared in a form that the library computes.
import { invitedEmailKey } from '../../core/erase.js';
import type { Row } from './database.js';
import { rowToWorkspaceEvent } from './event-rows.js';
import type { SqlNames } from './names.js';
import { prefixed, text } from './rows.js';
import { beyondKey } from './seek.js';
import { statement, type Statement } from './statement.js';

/** Runs a statement on the connection of the migration. */
export type RunStatement = <Input>(statement: Statement<Input>, input: Input) => Promise<readonly Row[]>;

const PAGE = 500;
const KEY = ['workspace_id', 'version', 'position'] as const;

/** One statement for each event that names an address, and one for each page of the others: it locks one row at a time. */
export async function fillEmailKeys(names: SqlNames, run: RunStatement): Promise<void> {
  const { dialect, table, columns, quoted } = names;
  const key = KEY.map(quoted);
  const events = table('workspace_events');
  const page = (isFirst: boolean): Statement<Row> =>
    statement(dialect, (bind) => {
      const after = KEY.map((column) => bind((row) => row[column]));
      return (
        `select ${columns('workspace_events').join(', ')} from ${events}` +
        ` where ${quoted('type')} = 'invitation.created'${isFirst ? '' : ` and ${beyondKey(dialect, key, after)}`}` +
        ` order by ${key.join(', ')} limit ${PAGE}`
      );
    });
  const [first, next] = [page(true), page(false)];
  // An event that was erased since it was read has other data.
  const fill = statement<Row & { readonly emailKey: string }>(dialect, (bind) => {
    const where = [...KEY, 'data'].map((column) => `${quoted(column)} = ${bind((row) => row[column])}`);
    return `update ${events} set ${quoted('email_key')} = ${bind(({ emailKey }) => emailKey)} where ${where.join(' and ')}`;
  });
  for (let last: Row | undefined; ; ) {
    const rows: readonly Row[] = await run(last === undefined ? first : next, last ?? {});
    for (const row of rows) {
      const emailKey = invitedEmailKey(rowToWorkspaceEvent(prefixed(row)));
      if (emailKey !== null && row['email_key'] === null)
        await run(fill, { ...row, data: text(row['data']), emailKey });
    }
    last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
  }
}

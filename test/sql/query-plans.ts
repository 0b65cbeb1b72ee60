// The plan of a statement, and the parts of it whose cost grows with the table.
import { CompiledQuery, type Kysely } from 'kysely';
import type { SqlDialect } from '../../src/adapters/sql/index.js';
import type { Sent } from './recorded.js';

/** The flaws in the plan of a statement; empty if there are none. */
export async function flawsOf(
  db: Kysely<unknown>,
  dialect: SqlDialect,
  { sql, parameters }: Sent,
): Promise<string[]> {
  const explain = async (how: string): Promise<readonly Row[]> => {
    const query = CompiledQuery.raw(`${how} ${sql}`, [...parameters]);
    return (await db.executeQuery<Row>(query)).rows;
  };
  const isPage = / order by .* limit \S+$/.test(sql);
  // A read can be run again to count the rows that it reads. For a write, the planner reports an estimate:
  // MariaDB by a look into the index, so of every row that it would lock; SQLite does not say.
  const isRead = sql.startsWith('select') && !/ (for|lock in) /.test(sql);
  switch (dialect) {
    case 'sqlite':
      return sqliteFlaws(await explain('explain query plan'), isPage);
    case 'postgres':
      return postgresFlaws(await explain(`explain (${isRead ? 'analyze, ' : ''}format json)`), isPage);
    case 'mariadb':
    case 'mysql':
      return mariadbFlaws(await explain(isRead ? 'analyze' : 'explain'), isPage);
    default:
      return dialect satisfies never;
  }
}

type Row = Readonly<Record<string, unknown>>;

/** https://www.sqlite.org/eqp.html: SEARCH seeks in an index, SCAN reads everything. */
function sqliteFlaws(rows: readonly Row[], isPage: boolean): string[] {
  return rows
    .map(({ detail }) => String(detail))
    .filter(
      (detail) =>
        // The pages of a union, each at most as long as the page of the list.
        !/^SCAN p\d+$/.test(detail) &&
        // ANY is a skip-scan: a seek for every value of what was not given.
        (/\bANY\(/.test(detail) || detail.startsWith('SCAN ') || (isPage && /TEMP B-TREE/.test(detail))),
    );
}

/** Of one table, in a database whose lists have thousands: a page is 51. */
const MOST_ROWS = 100;

/** https://www.postgresql.org/docs/current/using-explain.html */
function postgresFlaws(rows: readonly Row[], isPage: boolean): string[] {
  const flaws: string[] = [];
  const look = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const each of node) look(each);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const fields = new Map<string, unknown>(Object.entries(node));
    const type = fields.get('Node Type');
    if (typeof type === 'string') {
      const where = `${type} on ${JSON.stringify(fields.get('Relation Name') ?? fields.get('Index Name'))}`;
      if (type === 'Seq Scan') flaws.push(where);
      if (/Index (Only )?Scan$/.test(type) && !fields.has('Index Cond'))
        flaws.push(`${where} without a condition`);
      if (isPage && type.endsWith('Sort')) flaws.push(`${type} for a page`);
      const counts = fields.has('Actual Rows') ? ['Actual Rows', 'Rows Removed by Filter'] : ['Plan Rows'];
      const read = counts.map((name) => Number(fields.get(name) ?? 0));
      const rows = read.reduce((sum, count) => sum + count, 0) * Number(fields.get('Actual Loops') ?? 1);
      if (fields.has('Relation Name') && rows > MOST_ROWS) flaws.push(`${where} reads ${rows} rows`);
    }
    for (const value of fields.values()) look(value);
  };
  const plans = rows.map((row) => row['QUERY PLAN']);
  look(plans.map((plan): unknown => (typeof plan === 'string' ? JSON.parse(plan) : plan)));
  return flaws;
}

/** https://mariadb.com/docs/server/reference/sql-statements/administrative-sql-statements/analyze-and-explain-statements/explain */
function mariadbFlaws(rows: readonly Row[], isPage: boolean): string[] {
  return rows.flatMap(({ table, type, key, rows: expected, r_rows: read = expected, Extra: extra }) => {
    const flaws = [];
    // A table in angle brackets is one that the statement made itself.
    const isOwn = String(table).startsWith('<');
    if (!isOwn && (type === 'ALL' || type === 'index')) {
      flaws.push(`${type} on ${String(table)} by ${String(key)}`);
    }
    if (!isOwn && Number(read ?? 0) > MOST_ROWS) flaws.push(`${String(table)} reads ${String(read)} rows`);
    if (isPage && /filesort|temporary/.test(String(extra))) flaws.push(`${String(extra)} for a page`);
    return flaws;
  });
}

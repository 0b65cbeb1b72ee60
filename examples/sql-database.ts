// The SQL databases of a story: how tenantry and the host's own table stand on one transaction.
import { sqlQuota, sqlStorage, type LimitTexts } from 'tenantry/sql';
import { connect } from './connect.js';
import type { Database } from './database.js';
import { createProgressTable, progressTable } from './progress-table.js';

/** @throws DatabaseError */
export async function openSql(url: string, defaults: LimitTexts): Promise<Database> {
  const { db, dialect, name, afresh } = await connect(url, createProgressTable);
  return {
    name,
    afresh,
    transaction: (work) =>
      db.transaction().execute((transaction) =>
        work({
          storage: sqlStorage({ db: transaction, dialect }),
          quota: sqlQuota({ db: transaction, dialect, defaults }),
          progress: progressTable(transaction),
        }),
      ),
    close: () => db.destroy(),
  };
}

// Stories on a SQL database: tenantry and the app's own table share one transaction.
import { sqlQuota, sqlStorage, type LimitTexts } from 'tenantry/sql';
import { connect } from './desk/src/connect.js';
import type { Database } from './database.js';
import { createProgressTable, progressTable } from './progress-table.js';

/** @throws DatabaseError */
export async function openSql(url: string, defaults: LimitTexts): Promise<Database> {
  const { db, dialect, name, resetHint } = await connect(url, createProgressTable);
  return {
    name,
    resetHint,
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

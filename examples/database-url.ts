// Opens the database of a URL: SQLite in a file, PostgreSQL, MariaDB, MySQL, or the memory of this process.
import type { LimitTexts } from 'tenantry/sql';
import { memoryDatabase, type Database } from './database.js';
import { openSql } from './sql-database.js';

/**
 * `defaults`: the initial limits of each workspace.
 *
 * @throws DatabaseError
 */
export async function openDatabase(url: string, defaults: LimitTexts = {}): Promise<Database> {
  return /^memory:/i.test(url) ? memoryDatabase(defaults) : openSql(url, defaults);
}

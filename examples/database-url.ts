// Opens the database that a URL names: SQLite in a file, PostgreSQL, MariaDB, MySQL, or the memory of this process.
import type { LimitTexts } from 'tenantry/sql';
import { DatabaseError, memoryDatabase, type Database } from './database.js';
import { openMysql, openPostgres, openSqlite } from './sql-database.js';

/**
 * `defaults`: what each workspace is limited to from the start.
 *
 * @throws DatabaseError
 */
export async function openDatabase(url: string, defaults: LimitTexts = {}): Promise<Database> {
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(url) ?? [];
  switch (scheme.toLowerCase()) {
    case 'sqlite':
    case 'file': {
      const file = rest.replace(/^\/\//, '');
      if (file === '') throw new DatabaseError(`DATABASE_URL names no file: ${url}`, { isUsage: true });
      return openSqlite(file, defaults);
    }
    case 'postgres':
    case 'postgresql':
      return openPostgres(url, defaults);
    case 'mysql':
    case 'mariadb':
      return openMysql(url, defaults);
    case 'memory':
      return memoryDatabase(defaults);
    default: {
      // not the URL: it may hold a password
      const what = scheme === '' ? 'is no URL' : `begins with '${scheme}:'`;
      const known = 'sqlite:, file:, postgres:, postgresql:, mysql:, mariadb: or memory:';
      throw new DatabaseError(`DATABASE_URL ${what}: it must begin with ${known}`, { isUsage: true });
    }
  }
}

#!/usr/bin/env node
// The command: `tenantry migrate` applies the migrations to a database, `tenantry schema` prints the tables as SQL.
import { sqlDialect, sqlDialects } from './dialects.js';
import { printSchema } from './schema.js';

const USAGE = `usage: tenantry migrate [--url URL] [--schema NAME] [--prefix NAME]
       tenantry schema --dialect ${sqlDialects().join('|')} [--schema NAME] [--prefix NAME]

migrate creates the tables of tenantry/sql in a database, or brings them up to date. Running it twice has no further
effect. URL is postgres://..., mysql://... or mariadb://..., or the path of an SQLite file. If the option is missing, it
is read from the environment variable DATABASE_URL. The driver is loaded from the project in the current folder: pg,
mysql2, or for SQLite better-sqlite3, libsql or the one of Node 22.16 and newer.

schema prints the tables as SQL. Running the SQL twice has no further effect.`;

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  migrate: ['--url', '--schema', '--prefix'],
  schema: ['--dialect', '--schema', '--prefix'],
};

const [command = '', ...rest] = process.argv.slice(2);
const known = Object.hasOwn(COMMANDS, command) ? (COMMANDS[command] ?? []) : null;
const options = optionsOf(rest, known ?? []);
const url = options?.get('--url') ?? process.env['DATABASE_URL'] ?? '';
const isComplete = command === 'migrate' ? url !== '' : options?.has('--dialect') === true;
if ([command, ...rest].some((word) => word === '--help' || word === '-h')) {
  console.log(USAGE);
} else if (known === null || options === null || !isComplete) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const [schema, prefix] = [options.get('--schema'), options.get('--prefix')];
  try {
    if (command === 'schema') {
      process.stdout.write(printSchema({ dialect: sqlDialect(options.get('--dialect')), schema, prefix }));
    } else {
      // loaded only here, because it needs Kysely
      const { migrateUrl } = await import('./migrate-url.js');
      const { applied } = await migrateUrl(url, { schema, prefix });
      console.log(applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof TypeError ? 2 : 1;
  }
}

/** `null` when an option is unknown, has no value or is given twice. */
function optionsOf(words: readonly string[], allowed: readonly string[]): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>();
  for (let index = 0; index < words.length; index += 2) {
    const [name = '', value] = [words[index], words[index + 1]];
    if (!allowed.includes(name) || value === undefined || found.has(name)) return null;
    found.set(name, value);
  }
  return found;
}

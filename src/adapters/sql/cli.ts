#!/usr/bin/env node
// `tenantry schema --dialect postgres`: prints the tables as SQL, for those who run no migrations from code.
import { printSchema } from './schema.js';
import type { SqlDialect } from './dialects.js';

const USAGE = `usage: tenantry schema --dialect sqlite|postgres|mariadb|mysql [--schema NAME] [--prefix NAME]

Prints the tables of tenantry/sql as SQL. Running it twice does nothing the second time.`;

const [command, ...rest] = process.argv.slice(2);
const options = optionsOf(rest);
if ([command, ...rest].some((word) => word === '--help' || word === '-h')) {
  console.log(USAGE);
} else if (command !== 'schema' || options === null) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    process.stdout.write(printSchema(options));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/** `null` where something is missing, unknown or said twice. */
function optionsOf(words: readonly string[]) {
  const given = new Map<string, string>();
  for (let place = 0; place < words.length; place += 2) {
    const [name = '', value] = [words[place], words[place + 1]];
    if (!['--dialect', '--schema', '--prefix'].includes(name) || value === undefined || given.has(name))
      return null;
    given.set(name, value);
  }
  const dialect = given.get('--dialect');
  if (dialect === undefined) return null;
  // printSchema says which there are
  return { dialect: dialect as SqlDialect, schema: given.get('--schema'), prefix: given.get('--prefix') };
}

// results.json: the rows of every topic and the points of the plots, as a run measured them. What is written from it says
// nothing that is not in it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const FILE = new URL('../results.json', import.meta.url);
const PACKAGES = [
  'tenantry',
  'jose',
  'zod',
  'better-auth',
  'kysely',
  'pg',
  'libsql',
  'mysql2',
  '@casl/ability',
  'accesscontrol',
  'tinybench',
  'esbuild',
];

/** `topics`: by name, `{ rows, points }`. */
export function newResults(topics) {
  const packages = Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)]));
  return { date: today(), cores: availableParallelism(), node: process.version, packages, topics };
}

/** Some topics measured anew; each says so with its own date. */
export function merged(earlier, topics) {
  const apart = Object.entries(topics).map(([name, topic]) => [name, { ...topic, apart: today() }]);
  return { ...earlier, topics: { ...earlier.topics, ...Object.fromEntries(apart) } };
}

export function readResults() {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : newResults({});
}

/** A line for each row and each point, so that two runs can be compared line by line. */
export function writeResults({ topics, ...head }) {
  const list = (all) => {
    if (all.length === 0) return '[]';
    return `[\n${all.map((one) => `        ${JSON.stringify(one)}`).join(',\n')}\n      ]`;
  };
  const texts = Object.entries(topics).map(([name, { rows, points, ...rest }]) => {
    const fields = [
      ...Object.entries(rest).map(([field, value]) => `"${field}": ${JSON.stringify(value)}`),
      `"rows": ${list(rows)}`,
      `"points": ${list(points)}`,
    ];
    return `    "${name}": {\n${fields.map((field) => `      ${field}`).join(',\n')}\n    }`;
  });
  const headText = JSON.stringify(head, null, 2).slice(0, -2);
  writeFileSync(FILE, `${headText},\n  "topics": {\n${texts.join(',\n')}\n  }\n}\n`);
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

/** From the package's own file: not every package exports it. */
function versionOf(name) {
  for (const base of [import.meta.url, import.meta.resolve('tenantry')]) {
    for (const folder of createRequire(base).resolve.paths(name)) {
      try {
        return JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')).version;
      } catch {
        // not in this folder
      }
    }
  }
  return '?';
}

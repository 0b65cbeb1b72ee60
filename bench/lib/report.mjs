// results.md, from the rows of all topics.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ROUNDS } from './interleave.mjs';

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

export function report(sections) {
  return withHead(sections.map((section) => sectionText(section)));
}

/** What stands in an earlier report, with some sections measured anew; `titles` are all that there are, in order. */
export function merged(earlier, sections, titles) {
  const measured = `Measured on its own on ${today()}.`;
  const fresh = sections.map(({ notes, ...section }) =>
    sectionText({ ...section, notes: [...notes, measured] }),
  );
  const kept = earlier.split(/^(?=## )/m).slice(1);
  const titleOf = (text) => text.slice(3, text.indexOf('\n'));
  const byTitle = new Map([...kept, ...fresh].map((text) => [titleOf(text), text.trimEnd()]));
  return withHead(
    titles.flatMap((title) => byTitle.get(title) ?? []),
    headDate(earlier),
  );
}

function withHead(texts, date = today()) {
  const verdicts = texts.join('\n').match(/\| (?:met|\*\*MISSED\*\*) \|$/gm) ?? [];
  const missed = verdicts.filter((text) => text.includes('MISSED')).length;
  const summary =
    missed === 0 ? '**Every budget is met.**' : `**${missed} of ${verdicts.length} budgets are missed.**`;
  return [
    '# Benchmarks',
    '',
    `Written by \`npm run bench\` on ${date}: ${availableParallelism()} cores, Node ${process.version}.`,
    `${PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', ')}.`,
    '',
    `Every flow runs in a process of its own. Contenders take turns, ${ROUNDS} rounds unless said otherwise; figures are`,
    'medians over the rounds, a ratio is the median of the ratios of the rounds. Only ratios carry over to other machines.',
    'Against a limit the ratio is ours / limit; against a peer it is peer / ours.',
    ...(verdicts.length === 0 ? [] : ['', summary]),
    ...texts.flatMap((text) => ['', text]),
    '',
  ].join('\n');
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

function headDate(earlier) {
  return /^Written by .* on (\d{4}-\d{2}-\d{2})/m.exec(earlier)?.[1];
}

function sectionText({ title, notes, rows }) {
  return [
    `## ${title}`,
    '',
    ...(notes.length === 0 ? [] : [notes.join(' '), '']),
    '| work | ours | compared with | theirs | ratio | budget | |',
    '| --- | ---: | --- | ---: | ---: | ---: | --- |',
    ...rows.map(
      ({ work, ours, other, theirs, ratio, budget, met }) =>
        `| ${[work, ours, other, theirs, ratio, budget, verdict(met)].map((cell) => cell ?? '').join(' | ')} |`,
    ),
  ].join('\n');
}

function verdict(met) {
  if (met === null || met === undefined) return '';
  return met ? 'met' : '**MISSED**';
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

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
  '@casl/ability',
  'accesscontrol',
  'tinybench',
  'esbuild',
];

export function report(sections) {
  const rows = sections.flatMap((section) => section.rows);
  const missed = rows.filter(({ met }) => met === false);
  const date = new Date().toISOString().slice(0, 10);
  return [
    '# Benchmarks',
    '',
    `Written by \`npm run bench\` on ${date}: ${availableParallelism()} cores, Node ${process.version}.`,
    `${PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', ')}.`,
    '',
    `Every flow runs in a process of its own. Contenders take turns, ${ROUNDS} rounds unless said otherwise; figures are`,
    'medians over the rounds, a ratio is the median of the ratios of the rounds. Only ratios carry over to other machines.',
    'Against a limit the ratio is ours / limit; against a peer it is peer / ours.',
    '',
    missed.length === 0
      ? '**Every budget is met.**'
      : `**${missed.length} of ${rows.filter(({ budget }) => budget).length} budgets are missed.**`,
    ...sections.flatMap(sectionLines),
    '',
  ].join('\n');
}

function sectionLines({ title, notes, rows }) {
  return [
    '',
    `## ${title}`,
    '',
    ...(notes.length === 0 ? [] : [notes.join(' '), '']),
    '| work | ours | compared with | theirs | ratio | budget | |',
    '| --- | ---: | --- | ---: | ---: | ---: | --- |',
    ...rows.map(
      ({ work, ours, other, theirs, ratio, budget, met }) =>
        `| ${[work, ours, other, theirs, ratio, budget, verdict(met)].map((cell) => cell ?? '').join(' | ')} |`,
    ),
  ];
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

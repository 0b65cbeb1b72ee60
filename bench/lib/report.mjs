// What is written from the results: results.md, and the table of docs/performance.md.
import { ROUNDS } from './interleave.mjs';

/** `sections`: of every topic that was measured, `{ title, notes, rows, apart? }`, in order. */
export function report({ date, cores, node, packages }, sections) {
  const judged = sections.flatMap(({ rows }) => rows).filter(({ met }) => typeof met === 'boolean');
  const missed = judged.filter(({ met }) => !met).length;
  const summary =
    missed === 0 ? '**Every budget is met.**' : `**${missed} of ${judged.length} budgets are missed.**`;
  return [
    '# Benchmarks',
    '',
    `Written by \`npm run bench\` on ${date}: ${cores} cores, Node ${node}.`,
    `${Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    '',
    `Every flow runs in a process of its own. Contenders take turns, ${ROUNDS} rounds unless said otherwise; figures are`,
    'medians over the rounds, a ratio is the median of the ratios of the rounds. Only ratios carry over to other machines.',
    'Against a limit the ratio is ours / limit; against a peer it is peer / ours.',
    ...(judged.length === 0 ? [] : ['', summary]),
    ...(missed === 0 ? [] : ['', '## What is missed, and what holds it', '', missedTable(sections)]),
    ...sections.flatMap((section) => ['', sectionText(section)]),
    '',
  ].join('\n');
}

/** The budgets that are missed: those that one thing holds stand in one line. */
export function missedTable(sections) {
  const missed = sections.flatMap(({ rows, title }) =>
    rows.filter(({ met }) => met === false).map((row) => ({ ...row, title })),
  );
  const held = new Map();
  for (const row of missed) {
    const key = `${row.title}: ${row.holds ?? row.work}`;
    held.set(key, [...(held.get(key) ?? []), row]);
  }
  return [
    '| where | missed | what holds it |',
    '| --- | --- | --- |',
    ...[...held.values()].map((rows) => {
      const [{ title, holds }] = rows;
      const works = rows.map(({ work, ours, ratio, budget }) => `${work}: ${ratio ?? ours}, ${budget ?? ''}`);
      return `| ${title} | ${works.join('<br>')} | ${holds ?? 'not known yet'} |`;
    }),
  ].join('\n');
}

function sectionText({ title, notes, rows, apart }) {
  const all = apart === undefined ? notes : [...notes, `Measured on its own on ${apart}.`];
  return [
    `## ${title}`,
    '',
    ...(all.length === 0 ? [] : [all.join(' '), '']),
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

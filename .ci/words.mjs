// Counts the discouraged expressions of words.json in comments, error messages, test titles and Markdown. Fails when a
// group of files has more of them per 1,000 words than its budget, and prints each with its line and the alternative.
// `--all` prints those of every group; paths limit the check to the files below them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { proseOf } from './prose.mjs';

const { groups, leaveOut, expressions } = JSON.parse(readFileSync('.ci/words.json', 'utf8'));
const discouraged = expressions.map(({ find, matchCase, write }) => ({
  pattern: new RegExp(`(?<![\\w-])(?:${find.replaceAll(' ', '\\s+')})(?![\\w-])`, matchCase ? 'g' : 'gi'),
  write,
}));
const all = process.argv.includes('--all');
const paths = process.argv.slice(2).filter((word) => !word.startsWith('-'));

const counts = new Map(groups.map(({ name }) => [name, { words: 0, hits: [] }]));
for (const file of filesOfProject()) {
  const count = counts.get(groupOf(file)?.name);
  if (count === undefined) continue;
  const prose = proseOf(file, readFileSync(file, 'utf8'));
  count.words += prose.match(/\w+/g)?.length ?? 0;
  count.hits.push(...hitsIn(file, prose));
}

let failed = false;
for (const { name, perThousand } of groups) {
  const { words, hits } = counts.get(name);
  if (words === 0) continue;
  const measured = (1000 * hits.length) / words;
  const isOver = measured > perThousand;
  if (isOver || all || paths.length > 0) for (const hit of hits) console.error(hit);
  const summary = `${name}: ${measured.toFixed(1)} per 1,000 words (${hits.length} in ${words}), budget ${perThousand}`;
  if (isOver) console.error(`error: ${summary}`);
  else console.log(summary);
  failed ||= isOver;
}
if (failed) process.exitCode = 1;

function filesOfProject() {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...paths];
  return execFileSync('git', options, { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(file) && !leaveOut.some((path) => isBelow(file, path)));
}

/** The group with the longest path: docs/adr is not in the group of docs. */
function groupOf(file) {
  const matches = groups.flatMap((group) =>
    group.paths.filter((path) => isBelow(file, path)).map((path) => ({ name: group.name, path })),
  );
  return matches.sort((a, b) => b.path.length - a.path.length)[0];
}

/** Is the file, is in the folder, or is at the top level with the ending after the asterisk. */
function isBelow(file, path) {
  if (path.startsWith('*')) return !file.includes('/') && file.endsWith(path.slice(1));
  return file === path || file.startsWith(`${path}/`);
}

function hitsIn(file, prose) {
  return discouraged
    .flatMap(({ pattern, write }) =>
      [...prose.matchAll(pattern)].map((match) => {
        const line = prose.slice(0, match.index).split('\n').length;
        const found = match[0].replace(/\s+/g, ' ');
        return { line, text: `${file}:${line}: "${found}": write ${write}` };
      }),
    )
    .sort((a, b) => a.line - b.line)
    .map(({ text }) => text);
}

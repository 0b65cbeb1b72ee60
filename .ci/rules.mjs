// Lists each rule of docs/rules.md with the tests whose titles name it, and fails where the two disagree. Titles are
// those that vitest collects, so a generated title counts and a comment does not.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';

const ruleLine = /^- \*\*([A-Z]-\d\d)\*\*/gm;
const ruleName = /\b[AWMITQSH]-\d\d\b/g;

const rules = [...readFileSync('docs/rules.md', 'utf8').matchAll(ruleLine)].map((match) => match[1]);
const later = readFileSync('.ci/rules-later.txt', 'utf8')
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');
const titles = collectedTitles();

const problems = [];
if (rules.length === 0) problems.push('docs/rules.md names no rule');
for (const rule of new Set(rules)) {
  const tests = titles.filter((title) => title.match(ruleName)?.includes(rule));
  const note = later.includes(rule) ? ' (later)' : '';
  console.log(`${rule}  ${tests.length}${note}`);
  for (const test of tests) console.log(`      ${test.length > 110 ? `${test.slice(0, 109)}…` : test}`);
  if (tests.length === 0 && note === '') problems.push(`${rule} is named by no test`);
  if (tests.length > 0 && note !== '') problems.push(`${rule} has tests: take it off .ci/rules-later.txt`);
}
for (const rule of rules.filter((name, index) => rules.indexOf(name) !== index)) {
  problems.push(`docs/rules.md has ${rule} twice`);
}
for (const rule of later.filter((name) => !rules.includes(name))) {
  problems.push(`.ci/rules-later.txt names ${rule}, which docs/rules.md does not have`);
}
for (const title of titles) {
  for (const rule of title.match(ruleName) ?? []) {
    if (!rules.includes(rule)) problems.push(`unknown rule ${rule} in "${title}"`);
  }
}

console.log(`\n${rules.length} rules, ${later.length} of them later; ${titles.length} tests`);
for (const problem of problems) console.error(`error: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

function collectedTitles() {
  const list = '.cache/tests.json';
  mkdirSync('.cache', { recursive: true });
  const vitest = ['node_modules/vitest/vitest.mjs', 'list', `--json=${list}`];
  const { status } = spawnSync(process.execPath, vitest, { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  return JSON.parse(readFileSync(list, 'utf8')).map(({ name }) => name);
}

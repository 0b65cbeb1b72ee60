// Compares the rules of docs/rules.md with the tests whose titles name them, and fails when the two disagree. Titles are
// those that vitest collects, so generated titles count and comments do not. `--list` prints the tests of each rule.
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { createVitest } from 'vitest/node';

const page = 'docs/rules.md';
const planned = '.ci/rules-later.txt';
const ruleLine = /^- \*\*([A-Z]-\d\d)\*\*/;
const ruleName = /\b[AWMITQSHG]-\d\d\b/g;
const list = process.argv.includes('--list');

const rules = readFileSync(page, 'utf8')
  .split('\n')
  .flatMap((line) => ruleLine.exec(line)?.[1] ?? []);
const later = readFileSync(planned, 'utf8')
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');
const tests = await collectedTests();
const byRule = testsByRule();

const problems = [];
if (rules.length === 0) problems.push(`${page} has no rule`);
for (const rule of new Set(rules)) {
  const named = byRule.get(rule) ?? [];
  const isLater = later.includes(rule);
  if (list) print(rule, named, isLater);
  if (named.length === 0 && !isLater) problems.push(`no test names ${rule}`);
  if (named.length > 0 && isLater) problems.push(`${rule} has tests: remove it from ${planned}`);
}
for (const rule of rules.filter((name, index) => rules.indexOf(name) !== index)) {
  problems.push(`${page} has ${rule} twice`);
}
for (const rule of later.filter((name) => !rules.includes(name))) {
  problems.push(`${planned} names ${rule}, which ${page} does not have`);
}
for (const [rule, named] of byRule) {
  if (rules.includes(rule)) continue;
  for (const { title, file } of named) problems.push(`${file}: unknown rule ${rule} in "${title}"`);
}

console.log(`${rules.length} rules (${later.length} planned), ${tests.length} tests`);
for (const problem of problems) console.error(`error: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The title and the file of each test that runs on this machine. */
async function collectedTests() {
  const vitest = await createVitest('test', { watch: false });
  try {
    const { testModules, unhandledErrors } = await vitest.collect();
    const errors = [...unhandledErrors, ...testModules.flatMap((module) => module.errors())];
    for (const error of errors) console.error(error);
    if (errors.length > 0) process.exit(1);
    return testModules.flatMap((module) => {
      const file = relative('.', module.moduleId).split(sep).join('/');
      const run = [...module.children.allTests()].filter(({ options }) => options.mode !== 'skip');
      return run.map(({ fullName }) => ({ title: fullName, file }));
    });
  } finally {
    await vitest.close();
  }
}

function testsByRule() {
  const result = new Map();
  for (const test of tests) {
    for (const rule of new Set(test.title.match(ruleName))) {
      const named = result.get(rule) ?? [];
      result.set(rule, named);
      named.push(test);
    }
  }
  return result;
}

function print(rule, named, isLater) {
  console.log(`${rule}  ${named.length}${isLater ? ' (planned)' : ''}`);
  for (const file of new Set(named.map((test) => test.file))) {
    console.log(`  ${file}`);
    for (const { title } of named.filter((test) => test.file === file))
      console.log(`    ${title.length > 110 ? `${title.slice(0, 109)}…` : title}`);
  }
}

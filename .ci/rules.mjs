// Lists each rule of docs/rules.md with the tests whose titles name it, and fails where the two disagree. Titles are
// those that vitest collects, so a generated title counts and a comment does not. The page has the files of these tests
// under each rule: UPDATE_TABLES=1 writes them anew, where every database and a browser are.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { createVitest } from 'vitest/node';

const page = 'docs/rules.md';
const ruleLine = /^- \*\*([A-Z]-\d\d)\*\*/;
const ruleName = /\b[AWMITQSH]-\d\d\b/g;

const tests = await collectedTests();
const lines = readFileSync(page, 'utf8').split('\n');
const rules = lines.flatMap((line) => ruleLine.exec(line)?.[1] ?? []);
const later = readFileSync('.ci/rules-later.txt', 'utf8')
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');

const problems = [];
if (rules.length === 0) problems.push(`${page} names no rule`);
for (const rule of new Set(rules)) {
  const titles = testsOf(rule).map(({ title }) => title);
  const note = later.includes(rule) ? ' (later)' : '';
  console.log(`${rule}  ${titles.length}${note}`);
  for (const title of titles) console.log(`      ${title.length > 110 ? `${title.slice(0, 109)}…` : title}`);
  if (titles.length === 0 && note === '') problems.push(`${rule} is named by no test`);
  if (titles.length > 0 && note !== '') problems.push(`${rule} has tests: take it off .ci/rules-later.txt`);
}
for (const rule of rules.filter((name, index) => rules.indexOf(name) !== index)) {
  problems.push(`${page} has ${rule} twice`);
}
for (const rule of later.filter((name) => !rules.includes(name))) {
  problems.push(`.ci/rules-later.txt names ${rule}, which ${page} does not have`);
}
for (const { title } of tests) {
  for (const rule of title.match(ruleName) ?? []) {
    if (!rules.includes(rule)) problems.push(`unknown rule ${rule} in "${title}"`);
  }
}
if (process.env.UPDATE_TABLES === '1') writeFileSync(page, linkedPage());
else problems.push(...staleLinks());

console.log(`\n${rules.length} rules, ${later.length} of them later; ${tests.length} tests`);
for (const problem of problems) console.error(`error: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The title and the file of every test that is run here. */
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

function testsOf(rule) {
  return tests.filter(({ title }) => title.match(ruleName)?.includes(rule));
}

function filesOf(rule) {
  return [...new Set(testsOf(rule).map(({ file }) => file))].sort();
}

/** The page with the links of each rule in the line below it. */
function linkedPage() {
  const linked = lines.flatMap((line) => {
    if (isLinkLine(line)) return [];
    const rule = ruleLine.exec(line)?.[1];
    const files = rule === undefined ? [] : filesOf(rule);
    if (files.length === 0) return [line];
    const links = files.map((file) => `[\`${file.replace(/^test\//, '')}\`](../${file})`);
    return [line, `  - ${links.join(', ')}`];
  });
  return linked.join('\n');
}

function isLinkLine(line) {
  return line.startsWith('  - [`');
}

/** Where the page links to other files than those whose tests name the rule. */
function staleLinks() {
  return lines.flatMap((line, index) => {
    const rule = ruleLine.exec(line)?.[1];
    if (rule === undefined) return [];
    const next = lines[index + 1] ?? '';
    const linked = isLinkLine(next) ? [...next.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file]) => file) : [];
    const files = filesOf(rule);
    const missing = files.filter((file) => !linked.includes(file));
    // Tests are left out where a database or a browser is missing, which only on a CI is a failure.
    const isKnown = (file) => process.env.CI === 'true' || !existsSync(file);
    const extra = linked.filter((file) => !files.includes(file) && isKnown(file));
    return [
      ...missing.map((file) => `${page} does not link ${rule} to ${file}`),
      ...extra.map((file) => `${page} links ${rule} to ${file}, which does not name it`),
    ].map((problem) => `${problem}: UPDATE_TABLES=1 npm run rules writes it anew`);
  });
}

// Runs the tests against mutants of some areas of src (all of them by default). Prints the mutants that no test detects,
// with the reasons from mutants.reasons.json, and writes them to .cache/mutants/survivors.md. `--list` does so from the
// last runs. Fails when fewer than 90 % are detected, a survivor has no reason, or a reason has no survivor.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const MINIMUM_PERCENT = 90;
const areas = ['core', 'commands', 'tokens', 'service'];
const reportFile = '.cache/mutants/survivors.md';
const words = process.argv.slice(2);

if (!words.includes('--list'))
  for (const area of areas.filter((name) => words.length === 0 || words.includes(name)))
    for (const round of ['near', 'far']) {
      keepDetected(area);
      const env = { ...process.env, MUTATE: area, ROUND: round };
      const options = ['stryker', 'run', '.ci/stryker.config.mjs'];
      const { status } = spawnSync('npx', options, { stdio: 'inherit', env });
      if (status !== 0) process.exit(1);
    }

// A reason is keyed by the code that was changed, not by its file: code moves between files.
const reasons = JSON.parse(readFileSync(new URL('mutants.reasons.json', import.meta.url), 'utf8'));
const results = areas.filter((area) => existsSync(resultFile(area))).map(resultOf);
if (results.length === 0) {
  console.error('error: no results yet: run `npm run mutants` without --list first');
  process.exit(1);
}
const survivors = results.flatMap(({ files }) => files.flatMap((file) => file.survivors));
const unexplained = survivors.filter(({ reason }) => reason === undefined);
// only a run of all areas shows that a reason is out of date
const unused =
  results.length < areas.length
    ? []
    : reasons.filter((reason) => !survivors.some((survivor) => survivor.reason === reason));

mkdirSync('.cache/mutants', { recursive: true });
writeFileSync(reportFile, report());
console.log(report());

for (const { name, code } of unexplained)
  console.error(`error: ${name}: add a reason to .ci/mutants.reasons.json, or a test: ${code}`);
for (const { code } of unused)
  console.error(`error: .ci/mutants.reasons.json: remove the reason, no mutant survives there: ${code}`);
if (unexplained.length > 0 || unused.length > 0 || results.some(({ percent }) => percent < MINIMUM_PERCENT))
  process.exitCode = 1;

function resultFile(area) {
  return `.cache/mutants/${area}.json`;
}

/**
 * Removes the survivors from the last result, so that they run again. Stryker itself would run them only when a test that
 * covers them changed, and no test covers code that runs while a module is loaded.
 */
function keepDetected(area) {
  const file = `.cache/mutants/${area}.incremental.json`;
  if (!existsSync(file)) return;
  const result = JSON.parse(readFileSync(file, 'utf8'));
  for (const one of Object.values(result.files)) one.mutants = one.mutants.filter(isDetected);
  writeFileSync(file, JSON.stringify(result));
}

function isDetected({ status }) {
  return status === 'Killed' || status === 'Timeout';
}

function resultOf(area) {
  const { files } = JSON.parse(readFileSync(resultFile(area), 'utf8'));
  const counted = Object.values(files).flatMap(({ mutants }) =>
    mutants.filter(({ status }) => status !== 'Ignored'),
  );
  const detected = counted.filter(isDetected).length;
  return {
    area,
    counted: counted.length,
    detected,
    // rounded down: 89.99 is not 90
    percent: Math.floor((1000 * detected) / counted.length) / 10,
    files: Object.entries(files)
      .map(([name, file]) => ({ name, survivors: survivorsOf(name, file) }))
      .filter((file) => file.survivors.length > 0),
  };
}

/**
 * The code of a file that was changed without any test failing, in order, with its mutants. Code is whole lines: part of
 * one, such as `} catch {`, would match any catch of the file.
 */
function survivorsOf(name, { source, mutants }) {
  const lines = source.split('\n');
  const byCode = new Map();
  const survived = mutants.filter((mutant) => mutant.status !== 'Ignored' && !isDetected(mutant));
  for (const mutant of survived.sort((a, b) => a.location.start.line - b.location.start.line)) {
    const { start, end } = mutant.location;
    const code = inOneLine(lines.slice(start.line - 1, end.line).join('\n'));
    const reason = reasons.find((one) => one.code === code);
    const survivor = byCode.get(code) ?? { name, code, reason, mutants: [] };
    survivor.mutants.push(shortened(mutated(lines, mutant)));
    byCode.set(code, survivor);
  }
  return [...byCode.values()];
}

function mutated(lines, { location: { start, end }, replacement }) {
  const before = lines[start.line - 1].slice(0, start.column - 1);
  const after = lines[end.line - 1].slice(end.column - 1);
  return `${before}${replacement}${after}`;
}

function inOneLine(code) {
  return code.replace(/\s+/g, ' ').trim();
}

function shortened(code) {
  const text = inOneLine(code);
  return text.length > 120 ? `${text.slice(0, 120)} ...` : text;
}

function report() {
  const scores = results.map(
    ({ area, counted, detected, percent }) => `- \`src/${area}\`: ${percent} %, ${detected} of ${counted}`,
  );
  const sections = results.flatMap(({ files }) =>
    files.flatMap((file) => [
      `## ${file.name}`,
      ...file.survivors.map(({ code, mutants, reason }) =>
        [
          `${reason?.why ?? 'no reason yet'}:`,
          '',
          '```diff',
          `- ${shortened(code)}`,
          ...mutants.map((text) => `+ ${text}`),
          '```',
        ].join('\n'),
      ),
    ]),
  );
  return `${[
    '# Mutants that no test detects',
    'A mutant is the code with one change. The tests detected',
    scores.join('\n'),
    'and not these, each with the reason above it.',
    ...sections,
  ].join('\n\n')}\n`;
}

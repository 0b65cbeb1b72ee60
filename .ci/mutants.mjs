// Runs the tests against mutants of src/domain, src/tokens and src/service, or of those that are named, and writes
// test/mutants.md: how many were noticed, and which were not, with the reasons in mutants.reasons.json. `--list` writes it
// from the last runs; an area that was never run is not in it. Fails where fewer than 90 % are noticed, or one that is not
// has no reason.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const LEAST = 90;
const areas = ['domain', 'tokens', 'service'];
const words = process.argv.slice(2);

if (!words.includes('--list'))
  for (const area of areas.filter((name) => words.length === 0 || words.includes(name)))
    for (const round of ['near', 'far']) {
      keepNoticed(area);
      const env = { ...process.env, MUTATE: area, ROUND: round };
      const { status } = spawnSync('npx', ['stryker', 'run'], { stdio: 'inherit', env });
      if (status !== 0) process.exit(1);
    }

const reasons = JSON.parse(readFileSync(new URL('mutants.reasons.json', import.meta.url), 'utf8'));
const results = areas.filter((area) => existsSync(resultFile(area))).map(resultOf);
const places = results.flatMap(({ files }) => files.flatMap(({ places }) => places));
const unexplained = places.filter(({ reason }) => reason === undefined);
const unused = reasons.filter((reason) => !places.some((place) => place.reason === reason));
writeFileSync('test/mutants.md', report());

for (const { area, percent } of results) console.log(`${area}: ${percent} % noticed`);
for (const { name, code } of unexplained)
  console.error(`no reason in mutants.reasons.json: ${name}: ${code}`);
for (const { file, code } of unused)
  console.error(`a reason for what is noticed, or not there: ${file}: ${code}`);
if (unexplained.length > 0 || unused.length > 0 || results.some(({ percent }) => percent < LEAST))
  process.exit(1);

function resultFile(area) {
  return `.cache/mutants/${area}.json`;
}

/**
 * What was not noticed is run again: Stryker itself, where nothing but tests was added, goes by the tests that run through
 * a place, and none runs through what a module does when it is loaded.
 */
function keepNoticed(area) {
  const file = `.cache/mutants/${area}.incremental.json`;
  if (!existsSync(file)) return;
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const one of Object.values(report.files)) one.mutants = one.mutants.filter(isNoticed);
  writeFileSync(file, JSON.stringify(report));
}

function isNoticed({ status }) {
  return status === 'Killed' || status === 'Timeout';
}

function resultOf(area) {
  const { files } = JSON.parse(readFileSync(resultFile(area), 'utf8'));
  const counted = Object.values(files).flatMap(({ mutants }) =>
    mutants.filter(({ status }) => status !== 'Ignored'),
  );
  const noticed = counted.filter(isNoticed).length;
  return {
    area,
    counted: counted.length,
    noticed,
    // rounded down, so that 90 is 90
    percent: Math.floor((1000 * noticed) / counted.length) / 10,
    files: Object.entries(files)
      .map(([name, file]) => ({ name, places: placesOf(name, file) }))
      .filter(({ places }) => places.length > 0),
  };
}

/**
 * The places of a file where something survived, in order, with what each might have been. A place is the lines that a
 * mutant touches, whole: `} catch {` alone would be any catch of the file.
 */
function placesOf(name, { source, mutants }) {
  const texts = source.split('\n');
  const places = new Map();
  const survivors = mutants.filter((mutant) => mutant.status !== 'Ignored' && !isNoticed(mutant));
  for (const mutant of survivors.sort((a, b) => a.location.start.line - b.location.start.line)) {
    const { start, end } = mutant.location;
    const code = inOneLine(texts.slice(start.line - 1, end.line).join('\n'));
    const reason = reasons.find((one) => one.file === name && one.code === code);
    const place = places.get(code) ?? { name, code, reason, becomes: [] };
    place.becomes.push(shown(mutated(texts, mutant)));
    places.set(code, place);
  }
  return [...places.values()];
}

function mutated(texts, { location: { start, end }, replacement }) {
  const before = texts[start.line - 1].slice(0, start.column - 1);
  const after = texts[end.line - 1].slice(end.column - 1);
  return `${before}${replacement}${after}`;
}

function inOneLine(code) {
  return code.replace(/\s+/g, ' ').trim();
}

function shown(code) {
  const text = inOneLine(code);
  return text.length > 120 ? `${text.slice(0, 120)} ...` : text;
}

function report() {
  const scores = results.map(
    ({ area, counted, noticed, percent }) => `- \`src/${area}\`: ${percent} %, ${noticed} of ${counted}`,
  );
  const sections = results.flatMap(({ files }) =>
    files.flatMap(({ name, places }) => [
      `## ${name}`,
      ...places.map(({ code, becomes, reason }) =>
        [
          `${reason?.why ?? 'no reason yet'}:`,
          '',
          '```diff',
          `- ${shown(code)}`,
          ...becomes.map((text) => `+ ${text}`),
          '```',
        ].join('\n'),
      ),
    ]),
  );
  return `${[
    '# Mutants that no test notices',
    'Written by `npm run mutants`, which changes the code in one place at a time and runs the tests. Noticed were',
    scores.join('\n'),
    'and these were not, each for the reason above it.',
    ...sections,
  ].join('\n\n')}\n`;
}

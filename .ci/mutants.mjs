// Runs the tests against mutants of src/domain, src/tokens and src/service, or of those that are named, and writes
// test/mutants.md: how many were noticed, and which were not, with the reasons in mutants.reasons.json. `--list` writes it
// from the last runs. Fails where fewer than 90 % are noticed, or one that is not has no reason.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const LEAST = 90;
const areas = ['domain', 'tokens', 'service'];
const words = process.argv.slice(2);

if (!words.includes('--list'))
  for (const area of areas.filter((name) => words.length === 0 || words.includes(name)))
    for (const round of ['near', 'far']) {
      const env = { ...process.env, MUTATE: area, ROUND: round };
      const { status } = spawnSync('npx', ['stryker', 'run'], { stdio: 'inherit', env });
      if (status !== 0) process.exit(1);
    }

const reasons = JSON.parse(readFileSync(new URL('mutants.reasons.json', import.meta.url), 'utf8'));
const results = areas.map((area) => resultOf(area));
const unexplained = results.flatMap(({ files }) =>
  files.flatMap(({ name, lines }) => lines.filter(({ why }) => !why).map(({ code }) => `${name}: ${code}`)),
);
const usedReasons = new Set(
  results.flatMap(({ files }) => files.flatMap(({ lines }) => lines.map((line) => line.why))),
);
const unused = reasons.filter(({ why }) => !usedReasons.has(why)).map(({ file, code }) => `${file}: ${code}`);
writeFileSync('test/mutants.md', report());

for (const { area, percent } of results) console.log(`${area}: ${percent} % noticed`);
for (const line of unexplained) console.error(`no reason in mutants.reasons.json: ${line}`);
for (const line of unused) console.error(`a reason for what is noticed: ${line}`);
if (unexplained.length > 0 || unused.length > 0 || results.some(({ percent }) => percent < LEAST))
  process.exit(1);

function resultOf(area) {
  const { files } = JSON.parse(readFileSync(`.cache/mutants/${area}.json`, 'utf8'));
  const counted = Object.values(files).flatMap(({ mutants }) =>
    mutants.filter(({ status }) => status !== 'Ignored'),
  );
  const noticed = counted.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  return {
    area,
    counted: counted.length,
    noticed,
    // rounded down, so that 90 is 90
    percent: Math.floor((1000 * noticed) / counted.length) / 10,
    files: Object.entries(files)
      .map(([name, file]) => ({ name, lines: linesOf(name, file) }))
      .filter(({ lines }) => lines.length > 0),
  };
}

/** The lines of a file in which something survived, in order, with what each might have been. */
function linesOf(name, { source, mutants }) {
  const texts = source.split('\n');
  const survivors = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const lines = [...new Set(survivors.map(({ location }) => location.start.line))].sort((a, b) => a - b);
  return lines.map((line) => {
    const code = texts[line - 1].trim();
    const here = survivors.filter(({ location }) => location.start.line === line);
    return {
      code,
      becomes: here.map((mutant) => shown(mutated(texts, mutant))),
      why: reasons.find((reason) => reason.file === name && reason.code === code)?.why,
    };
  });
}

function mutated(texts, { location: { start, end }, replacement }) {
  const before = texts[start.line - 1].slice(0, start.column - 1);
  const after = texts[end.line - 1].slice(end.column - 1);
  return `${before}${replacement}${after}`;
}

function shown(code) {
  const text = code.replace(/\s+/g, ' ').trim();
  return text.length > 120 ? `${text.slice(0, 120)} ...` : text;
}

function report() {
  const scores = results.map(
    ({ area, counted, noticed, percent }) => `- \`src/${area}\`: ${percent} %, ${noticed} of ${counted}`,
  );
  const sections = results.flatMap(({ files }) =>
    files.flatMap(({ name, lines }) => [
      `## ${name}`,
      ...lines.map(({ code, becomes, why = 'no reason yet' }) =>
        [`${why}:`, '', '```diff', `- ${code}`, ...becomes.map((text) => `+ ${text}`), '```'].join('\n'),
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

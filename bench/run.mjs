// Runs every flow of every topic in a fresh process, one after another; keeps what they measured in results.json, and writes
// results.md from it, the plots, and the marked parts of docs/performance.md.
// With names of topics as arguments it runs those alone, prints them and writes nothing; behind `--into-results` it puts
// them into the results, in place of what was measured of them before, and leaves the other topics as they are.
// `--draw` measures nothing, and writes everything from results.json anew.
// BENCH_ROUNDS=1 goes through everything quickly, and writes nothing: it shows that the benchmarks run.
import { fork } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isShort } from './lib/interleave.mjs';
import { drawPlots } from './lib/plots.mjs';
import { missedTable, report } from './lib/report.mjs';
import { merged, newResults, readResults, writeResults } from './lib/results.mjs';

const ORDER = [
  ...['can', 'authorize', 'commands', 'tokens', 'quota', 'parallel', 'races', 'size', 'memory', 'start'],
  ...['round-trips', 'sql-ratios', 'concurrency', 'sql-peers', 'sql-growth', 'finding', 'http'],
];
const OPTIONS = ['--into-results', '--draw'];
const chosen = process.argv.slice(2).filter((word) => !OPTIONS.includes(word));
const asked = (option) => process.argv.includes(option);
const known = readdirSync(new URL('topics/', import.meta.url)).map((file) => file.replace('.mjs', ''));
for (const name of chosen)
  if (!known.includes(name)) throw new Error(`no topic '${name}': ${known.join(', ')}`);

if (asked('--draw')) await writeAll(readResults());
else {
  const names = ORDER.filter(
    (topic) => known.includes(topic) && (chosen.length === 0 || chosen.includes(topic)),
  );
  const topics = {};
  for (const name of names) topics[name] = await measured(name);
  const fresh = newResults(topics);
  console.log(report(fresh, await sectionsOf(fresh)));
  if (!isShort && chosen.length === 0) await writeAll(fresh);
  else if (!isShort && asked('--into-results')) await writeAll(merged(readResults(), topics));
}

function topicFile(name) {
  return new URL(`topics/${name}.mjs`, import.meta.url);
}

async function measured(name) {
  const { flows } = await import(topicFile(name));
  const rows = [];
  const points = [];
  const begun = Date.now();
  const since = (from) => `${((Date.now() - from) / 1000).toFixed(1)} s`;
  for (const flow of Object.keys(flows)) {
    const started = Date.now();
    try {
      const answer = await inFreshProcess(topicFile(name), flow);
      rows.push(...answer.rows);
      points.push(...answer.points);
    } catch (error) {
      process.exitCode = 1;
      rows.push({ work: `${flow}: failed (${error.message})`, met: false });
    }
    console.error(`${name}: ${flow} (${since(started)})`);
  }
  console.error(`${name}: all of it (${since(begun)})`);
  return { rows, points };
}

function inFreshProcess(topic, flow) {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('lib/child.mjs', import.meta.url), [topic.href, flow], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      execArgv: ['--expose-gc', '--max-old-space-size=8192'],
    });
    let answer = null;
    child.on('message', (message) => {
      answer = message;
    });
    child.on('error', reject);
    child.on('exit', (code) => (answer ? resolve(answer) : reject(new Error(`exit code ${code}`))));
  });
}

/**
 * Titles, notes and what holds the rows that are missed are the topics' own: what they say may be mended without measuring
 * again. `holds` has a sentence for all works that match.
 */
async function sectionsOf({ topics }) {
  const names = ORDER.filter((name) => topics[name] !== undefined);
  return Promise.all(
    names.map(async (name) => {
      const { title, notes = [], holds = [] } = await import(topicFile(name));
      const reasonOf = ({ work }) => holds.find(([works]) => works.test(work))?.[1];
      const rows = topics[name].rows.map((row) => ({ ...row, holds: reasonOf(row) }));
      return { title, notes, ...topics[name], rows };
    }),
  );
}

async function writeAll(results) {
  writeResults(results);
  const sections = await sectionsOf(results);
  writeFileSync(new URL('results.md', import.meta.url), report(results, sections));
  const points = Object.values(results.topics).flatMap((topic) => topic.points);
  const drawn = await drawPlots(points, new URL('../docs/bench/', import.meta.url));
  const images = (plots) =>
    drawn
      .filter(({ plot }) => plots.includes(plot))
      .map(({ file, alt }) => `![${alt}](bench/${file})`)
      .join('\n\n');
  const page = new URL('../docs/performance.md', import.meta.url);
  const parts = {
    size: images(['workspaces', 'members']),
    concurrency: images(['concurrency']),
    missed: missedTable(sections),
  };
  writeFileSync(page, Object.entries(parts).reduce(withPart, readFileSync(page, 'utf8')));
}

/** The page with a generated part of it in place of the one that it had. */
function withPart(text, [name, part]) {
  const marked = new RegExp(`(<!-- ${name}: written by npm run bench -->\n)[\\s\\S]*?(\n<!-- to here -->)`);
  if (!marked.test(text)) throw new Error(`docs/performance.md has no place for ${name}`);
  return text.replace(marked, (_all, before, after) => `${before}\n${part}\n${after}`);
}

// Runs every flow of every topic in a fresh process, one after another, and writes results.md.
// With names of topics as arguments it runs those alone, prints them and writes nothing; behind `--into-results` it puts
// them into results.md, in place of what was measured of them before, and leaves the other topics as they are.
import { fork } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { merged, report } from './lib/report.mjs';

const ORDER = [
  ...['can', 'authorize', 'commands', 'tokens', 'quota', 'parallel', 'races', 'size', 'memory', 'start'],
  ...['sql-ratios', 'sql-peers', 'sql-growth', 'http'],
];
const INTO_RESULTS = '--into-results';
const results = new URL('results.md', import.meta.url);
const chosen = process.argv.slice(2).filter((word) => word !== INTO_RESULTS);
const known = readdirSync(new URL('topics/', import.meta.url)).map((file) => file.replace('.mjs', ''));
for (const name of chosen)
  if (!known.includes(name)) throw new Error(`no topic '${name}': ${known.join(', ')}`);

const sections = [];
let failed = false;
for (const name of ORDER.filter((topic) => chosen.length === 0 || chosen.includes(topic))) {
  const topic = new URL(`topics/${name}.mjs`, import.meta.url);
  const { title, notes = [], flows } = await import(topic);
  const rows = [];
  for (const flow of Object.keys(flows)) {
    const started = Date.now();
    try {
      rows.push(...(await inFreshProcess(topic, flow)));
    } catch (error) {
      failed = true;
      rows.push({ work: `${flow}: failed (${error.message})`, met: false });
    }
    console.error(`${name}: ${flow} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  }
  sections.push({ title, notes, rows });
}

const text = report(sections);
console.log(text);
if (chosen.length === 0) writeFileSync(results, text);
else if (process.argv.includes(INTO_RESULTS)) {
  writeFileSync(results, merged(readFileSync(results, 'utf8'), sections, await titlesInOrder()));
}
process.exitCode = failed ? 1 : 0;

async function titlesInOrder() {
  const topics = await Promise.all(
    ORDER.map((name) => import(new URL(`topics/${name}.mjs`, import.meta.url))),
  );
  return topics.map(({ title }) => title);
}

function inFreshProcess(topic, flow) {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('lib/child.mjs', import.meta.url), [topic.href, flow], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      execArgv: ['--expose-gc', '--max-old-space-size=8192'],
    });
    let rows = null;
    child.on('message', (message) => {
      rows = message.rows;
    });
    child.on('error', reject);
    child.on('exit', (code) => (rows ? resolve(rows) : reject(new Error(`exit code ${code}`))));
  });
}

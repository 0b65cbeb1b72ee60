// Runs the story on every runtime with the package as users have it: packed, and installed into empty projects.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { makeProjects, projects } from './install.mjs';
import { runsIn } from './runs.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };
const folder = mkdtempSync(join(tmpdir(), 'tenantry-runtimes-'));
try {
  makeProjects(folder, pack());
  for (const project of Object.keys(projects)) fill(join(folder, project));
  for (const run of runsIn(folder)) {
    const { outcome, line, output = '' } = resultOf(run);
    counts[outcome] += 1;
    console.log(line);
    if (outcome === 'failed')
      console.log(output.trim().split('\n').slice(-40).join('\n').replaceAll(/^/gm, '  | '));
  }
} finally {
  rmSync(folder, { recursive: true });
}
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
if (counts.failed > 0) process.exitCode = 1;

/** @returns {string} the tarball */
function pack() {
  const words = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(execFileSync('npm', words, { encoding: 'utf8' }));
  return join(folder, filename);
}

/** Copies the story and its entries into a project, in each module format. */
function fill(project) {
  const here = import.meta.dirname;
  cpSync(here, project, { recursive: true });
  copyFileSync(join(here, '../dist/conformance.node-test.mjs'), join(project, 'conformance.mjs'));
  for (const name of ['consumer', 'sql-consumer']) {
    for (const end of ['mts', 'cts']) copyFileSync(join(here, `${name}.ts`), join(project, `${name}.${end}`));
  }
  const written = (name) => ({ absWorkingDir: project, entryPoints: [name], logLevel: 'warning' });
  buildSync({ ...written('story.mjs'), outfile: 'story.cjs', format: 'cjs' });
  // as the bundlers of worker platforms do
  const conditions = ['workerd', 'worker', 'browser'];
  buildSync({
    ...written('worker.mjs'),
    outfile: 'worker.bundle.mjs',
    format: 'esm',
    bundle: true,
    conditions,
  });
}

function resultOf({ who, form, what, words, project, said, unit }) {
  const title = `${`${who.name} ${who.version}`.padEnd(22)}  ${form}  ${what.padEnd(38)}`;
  if (who.problem !== null) {
    const outcome = process.env.CI === 'true' ? 'failed' : 'skipped';
    return { outcome, line: `${title}  ${outcome}: ${who.problem}` };
  }
  const [command, ...flags] = who.command;
  const { status, error, stdout, stderr } = spawnSync(command, [...flags, ...words], {
    cwd: project,
    encoding: 'utf8',
    timeout: 120_000,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      DENO_NO_UPDATE_CHECK: '1',
    },
  });
  const output = `${stdout}${stderr}${error ?? ''}`;
  const count = Number(said.global ? output.match(said)?.length : said.exec(output)?.[1]);
  // a run without output has checked nothing
  if (status !== 0 || !(count > 0)) return { outcome: 'failed', line: `${title}  failed`, output };
  return { outcome: 'passed', line: `${title}  ${count} ${unit}` };
}

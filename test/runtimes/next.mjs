// The recipe for Next.js, as the packed guide has it: one build with a route on each runtime of Next.js, and requests to
// both. The argument is the folder in which Next.js is installed.
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const runtimes = ['nodejs', 'edge'];
/** What Next.js reports about every app with a route on the edge runtime, and in a CI without a cache. */
const expected = [
  '⚠ The Edge Runtime is deprecated.',
  '⚠ Using edge runtime on a page currently disables static generation',
  '⚠ No build cache found.',
];
// inside the project, so that the package is found in the folder above, and only Next.js in its own
const app = resolve('next');
// run.mjs sends it when the time is up; the handlers of `exit` stop Next.js
process.once('SIGTERM', () => process.exit(1));
let checks = 0;

createApp(process.argv[2]);
await build();
const address = await start();
for (const runtime of runtimes) await play(runtime);
console.log(`${checks} checks`);
process.exit();

function createApp(installed) {
  cpSync(join(installed, 'node_modules'), join(app, 'node_modules'), { recursive: true });
  writeFileSync(join(app, 'package.json'), '{ "private": true }');
  const config = { turbopack: { root: process.cwd() } };
  writeFileSync(join(app, 'next.config.mjs'), `export default ${JSON.stringify(config)};`);
  const guide = readFileSync('node_modules/tenantry/docs/http.md', 'utf8');
  const [, recipe] = /<!-- next:begin -->\s+```ts ignore\n(.*?)```/s.exec(guide);
  for (const runtime of runtimes) {
    const folder = join(app, 'app', runtime, '[...path]');
    mkdirSync(folder, { recursive: true });
    copyFileSync('next-host.ts', join(folder, 'host.ts'));
    const route = recipe.replace("basePath: '/api'", `basePath: '/${runtime}'`);
    writeFileSync(join(folder, 'route.ts'), `${route}export const runtime = '${runtime}';\n`);
  }
}

async function build() {
  const builder = next('build');
  const exit = new Promise((done) => builder.once('exit', done));
  const [code, ...outputs] = await Promise.all([exit, text(builder.stdout), text(builder.stderr)]);
  const output = outputs.join('');
  same(`the exit code of the build, which printed\n${output}`, code, 0);
  const lines = output.split('\n').filter((line) => !expected.some((start) => line.startsWith(start)));
  // a module of the package in a warning or in its import trace has a path
  const warnings = lines.filter((line) => /⚠|\bwarn|node_modules/i.test(line));
  same(`the warnings of the build, which printed\n${output}`, warnings, []);
  const { functions } = JSON.parse(readFileSync(join(app, '.next/server/middleware-manifest.json'), 'utf8'));
  same('the routes on the edge runtime', Object.keys(functions), ['/edge/[...path]/route']);
}

/** Starts the server on a free port of the loopback interface, and returns its address. */
function start() {
  const server = next('start', '--hostname', '127.0.0.1', '--port', '0');
  server.stderr.pipe(process.stderr);
  return new Promise((done, reject) => {
    let output = '';
    server.stdout.on('data', (chunk) => {
      output += chunk;
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
      if (url !== undefined && output.includes('Ready')) done(url);
    });
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output}`)));
  });
}

function next(...words) {
  const child = spawn(process.execPath, ['node_modules/next/dist/bin/next', ...words], {
    cwd: app,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

async function play(runtime) {
  const ask = async (path, { method = 'GET', body, as = 'ada' } = {}) => {
    const response = await fetch(`${address}/${runtime}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...(as && { Cookie: `user=${as}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    return { ...(answer && JSON.parse(answer)), status: response.status };
  };
  const on = (title) => `${title}, on ${runtime}`;

  const anonymous = await ask('/workspaces', { as: null });
  same(on('without a cookie'), [anonymous.status, anonymous.code], [401, 'UNAUTHENTICATED']);
  const list = await ask('/workspaces?limit=1');
  same(on('a list'), [list.status, list.items?.map(({ workspace }) => workspace.name)], [200, ['ada']]);
  const created = await ask('/workspaces', { method: 'POST', body: { name: 'hello' } });
  same(on('a creation'), [created.status, created.name], [201, 'hello']);
  const path = `/workspaces/${created.id}`;
  const found = await ask(path);
  same(on('a parameter in the path'), [found.status, found.id, found.name], [200, created.id, 'hello']);
  same(on('one in the path and one in the query'), await ask(`${path}/can?permission=workspace%3Aview`), {
    allowed: true,
    status: 200,
  });
  const missing = await ask(`${path}/members/auth0%7Cben%2F1`, { method: 'DELETE' });
  same(
    on('an encoded parameter'),
    [missing.code, missing.details?.userId],
    ['MEMBER_NOT_FOUND', 'auth0|ben/1'],
  );
  const renamed = await ask(path, { method: 'PATCH', body: { name: 'world' } });
  same(on('a change'), [renamed.status, renamed.name], [200, 'world']);

  // the name of the catch-all segment is not among the unknown keys
  const unknown = await ask('/workspaces?limit=1&unknown=1');
  const issues = unknown.details?.issues?.map((issue) => issue.path);
  same(on('an unknown key'), [unknown.code, issues], ['INVALID_INPUT', ['input.unknown']]);
  same(on('a deletion'), await ask(path, { method: 'DELETE' }), { status: 204 });
}

function same(title, actual, wanted) {
  checks += 1;
  const [is, should] = [JSON.stringify(actual), JSON.stringify(wanted)];
  if (is !== should) throw new Error(`${title}: ${is}, and not ${should}`);
}

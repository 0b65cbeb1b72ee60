// The desk as a process: it is stopped by a signal and started again with its data.
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { spawnDesk } from './program.js';

const running = new Set<ChildProcess>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-desk-'));
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true }));

interface Process {
  readonly origin: string;
  readonly output: () => string;
  /** Resolves to the exit code. */
  readonly stop: (signal: NodeJS.Signals) => Promise<number | null>;
}

function run(cwd: string, settings: Readonly<Record<string, string>> = {}) {
  const child = spawnDesk(cwd, { settings });
  running.add(child);
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const lines = createInterface(child.stdout).on('line', (line) => (output += `${line}\n`));
  const ended = new Promise<number | null>((done) => {
    child.on('close', (code) => {
      running.delete(child);
      done(code);
    });
  });
  return { child, lines, ended, output: () => output };
}

async function start(cwd: string, settings: Readonly<Record<string, string>> = {}): Promise<Process> {
  const { child, lines, ended, output } = run(cwd, settings);
  const origin = await new Promise<string>((done, failed) => {
    lines.on('line', (line) => {
      const [, found] = /^The desk is running at (\S+)$/.exec(line) ?? [];
      if (found !== undefined) done(found);
    });
    void ended.then((code) => failed(new Error(`it ended with ${String(code)}: ${output()}`)));
  });
  return {
    origin,
    output,
    stop: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

function post(origin: string, path: string, fields: Record<string, string>, cookie = ''): Promise<Response> {
  const body = new URLSearchParams(fields);
  return fetch(origin + path, { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
}

test('stops on SIGTERM with open streams, and keeps people, workspaces and links over a restart', async () => {
  const cwd = await mkdtemp(join(folder, 'own-'));
  const first = await start(cwd, { PORT: '0' });
  expect(first.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const signIn = await post(first.origin, '/sign-in', { name: 'Ada' });
  const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const created = await post(first.origin, '/workspaces', { name: 'hello' }, cookie);
  const at = created.headers.get('location') ?? '';
  expect(at).toMatch(/^\/w\/ws-/);
  const page = await (await post(first.origin, `${at}/invite`, { role: 'developer' }, cookie)).text();
  const [, token = ''] = /\/join#([^"]+)"/.exec(page) ?? [];
  expect(page).toContain(`value="${first.origin}/join#${token}"`);

  const live = await fetch(`${first.origin}/live`, { headers: { cookie } });
  expect(live.status).toBe(200);
  const streamed = live.text();
  expect(await first.stop('SIGTERM')).toBe(0);
  expect(await streamed).toContain(': open');
  await expect(fetch(first.origin)).rejects.toThrow();

  const second = await start(cwd, { PORT: new URL(first.origin).port });
  expect(second.origin).toBe(first.origin);
  expect(await (await fetch(second.origin + at, { headers: { cookie } })).text()).toContain(
    'Your role: owner.',
  );
  const ben = (await post(second.origin, '/sign-in', { name: 'Ben' })).headers
    .get('set-cookie')
    ?.split(';')[0];
  const joined = await post(second.origin, '/join/accept', { token }, ben);
  expect(joined.headers.get('location')).toBe(at);
  expect(await second.stop('SIGINT')).toBe(0);

  const secret = (await readFile(join(cwd, 'desk.secret'), 'utf8')).trim();
  expect(secret).toHaveLength(43);
  expect((await stat(join(cwd, 'desk.secret'))).mode & 0o777).toBe(0o600);
  expect((await readFile(join(cwd, 'desk.sqlite'))).includes(secret)).toBe(false);
  for (const { output } of [first, second]) {
    expect(output()).not.toContain(token);
    expect(output()).not.toContain(secret);
    expect(output().split('\n')[1]).toBe('Data is stored in SQLite, desk.sqlite.');
  }
});

test('closing a page frees its stream', async () => {
  const desk = await start(await mkdtemp(join(folder, 'own-')), { PORT: '0', DATABASE_URL: 'memory:' });
  const signIn = await post(desk.origin, '/sign-in', { name: 'Ada' });
  const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const open = async () => {
    const controller = new AbortController();
    const { status } = await fetch(`${desk.origin}/live`, { headers: { cookie }, signal: controller.signal });
    return { status, close: () => controller.abort() };
  };
  const all = await Promise.all(Array.from({ length: 8 }, open));
  expect((await open()).status).toBe(429);
  for (const { close } of all) close();
  // the server notices a closed connection after a while
  await expect.poll(async () => (await open()).status, { timeout: 10_000 }).toBe(200);
  expect(await desk.stop('SIGTERM')).toBe(0);
});

test('uses a free port if port 3000 is taken and none is configured', async () => {
  const occupant = createServer();
  await new Promise<void>((done) => {
    // it is fine if another process already uses the port
    occupant.once('error', () => done()).listen(3000, '127.0.0.1', () => done());
  });
  try {
    const desk = await start(await mkdtemp(join(folder, 'own-')), { DATABASE_URL: 'memory:' });
    expect(new URL(desk.origin).port).not.toBe('3000');
    expect((await fetch(`${desk.origin}/sign-in`)).status).toBe(200);
    expect(await desk.stop('SIGTERM')).toBe(0);
  } finally {
    occupant.close();
  }
});

test.each([
  [{ DATABASE_URL: 'oracle://x' }, 2, /^DATABASE_URL starts with 'oracle:'/],
  [
    { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/x' },
    1,
    /^PostgreSQL, 127\.0\.0\.1:1\/x: cannot be opened/,
  ],
  [{ DESK_SECRET: 'short' }, 1, /^DESK_SECRET must have at least 32 characters\n$/],
  [{ PORT: '70000' }, 1, /port/i],
  [{ PORT: 'http' }, 1, /PORT must be/],
  [{ PUBLIC_URL: 'desk.example' }, 1, /PUBLIC_URL must be/],
  [{ PUBLIC_URL: 'http://desk.example' }, 1, /PUBLIC_URL must be as/],
  [{ HOST: '192.0.2.7' }, 1, /PUBLIC_URL must be given/],
])('exits with one line for %j', async (env, code, line) => {
  const cwd = await mkdtemp(join(folder, 'own-'));
  const { ended, output } = run(cwd, { PORT: '0', DATABASE_URL: 'memory:', ...env });
  expect(await ended).toBe(code);
  expect(output()).toMatch(line);
  expect(output().trim().split('\n')).toHaveLength(1);
  expect(output()).not.toContain('secret@');
});

test('creates links to localhost if it listens on every address', async () => {
  const cwd = await mkdtemp(join(folder, 'own-'));
  const desk = await start(cwd, { PORT: '0', HOST: '0.0.0.0', DATABASE_URL: 'memory:' });
  expect(desk.origin).toMatch(/^http:\/\/localhost:\d+$/);
  expect((await fetch(`${desk.origin.replace('localhost', '127.0.0.1')}/sign-in`)).status).toBe(200);
  expect(await desk.stop('SIGTERM')).toBe(0);
});

test('uses an existing secret and never overwrites it', async () => {
  const cwd = await mkdtemp(join(folder, 'own-'));
  const kept = 'another secret of more than 32 characters';
  await writeFile(join(cwd, 'desk.secret'), kept);
  const desk = await start(cwd, { PORT: '0', DATABASE_URL: 'memory:' });
  await desk.stop('SIGTERM');
  expect(await readFile(join(cwd, 'desk.secret'), 'utf8')).toBe(kept);
});

// A PostgreSQL server of a test's own, to be stopped and started: the one of the machine belongs to others, too.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './cutting-proxy.js';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

export interface PrivatePostgres {
  readonly url: string;
  /** As a power cut: nothing is written that was not written yet. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** The directory of the PostgreSQL server's programs, or why there is none. */
export async function postgresPrograms(): Promise<
  { readonly folder: string } | { readonly missing: string }
> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => b - a)[0];
  const folder =
    process.env['TEST_POSTGRES_BIN'] ?? (newest === undefined ? '' : join(root, String(newest), 'bin'));
  try {
    await asServer(folder, 'initdb', '--version');
    return { folder };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

export async function privatePostgres(folder: string): Promise<PrivatePostgres> {
  const home = await mkdtemp(join(tmpdir(), 'tenantry-postgres-'));
  if (isRoot) await run('chown', ['postgres', home]);
  const data = join(home, 'data');
  const port = await freePort();
  const control = (...args: readonly string[]) => asServer(folder, 'pg_ctl', '-D', data, '-w', ...args);
  const settings = `-p ${port} -k ${home} -c listen_addresses=127.0.0.1`;
  const server = {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await control('-m', 'immediate', 'stop');
    },
    async start() {
      await control('-o', settings, '-l', join(home, 'log'), 'start');
    },
    async remove() {
      await server.stop().catch(() => undefined);
      await rm(home, { recursive: true, force: true });
    },
  };
  try {
    await asServer(folder, 'initdb', '-D', data, '-U', 'postgres', '--auth=trust', '--no-sync');
    await server.start();
    return server;
  } catch (error) {
    await server.remove();
    throw error;
  }
}

/** PostgreSQL refuses to run as root. */
function asServer(folder: string, program: string, ...args: readonly string[]) {
  const path = join(folder, program);
  return isRoot
    ? run('runuser', ['-u', 'postgres', '--', path, ...args], { cwd: '/' })
    : run(path, [...args]);
}

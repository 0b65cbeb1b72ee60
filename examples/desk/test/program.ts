// The desk as people start it: a process of its own, on the built package, with only the settings that a test gives it.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface RunningDesk {
  /** As `http://127.0.0.1:43210`. */
  readonly origin: string;
  /** @throws Error if it exits with an error, or wrote one while it ran */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** @default a new SQLite file */
  readonly databaseUrl?: string;
  /**
   * The package to start.
   * @default the desk of this repository
   */
  readonly folder?: string;
}

// `tsx` as a loader, not as a command: the command starts a second process, and a signal must reach the desk itself.
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const ownFolder = fileURLToPath(new URL('..', import.meta.url));
const CLOSED = 'driver has already been destroyed';

/** Starts the desk on a free port, in a new empty folder. */
export async function startDesk({ databaseUrl, folder }: StartOptions = {}): Promise<RunningDesk> {
  const cwd = await mkdtemp(join(tmpdir(), 'tenantry-desk-'));
  const settings = {
    PORT: '0',
    DATABASE_URL: databaseUrl ?? 'sqlite:desk.sqlite',
    DESK_SECRET: 'a secret that is good for tests alone',
  };
  const child = spawnDesk(cwd, { settings, folder });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<number | null>((done, failed) => {
    child.on('error', failed).on('close', done);
  });
  const opened = new Promise<string>((done) => {
    createInterface(child.stdout).on('line', (line) => {
      const [, origin] = /^The desk is running at (http:\S+)$/.exec(line) ?? [];
      if (origin !== undefined) done(origin);
    });
  });
  const origin = await Promise.race([opened, ended]);
  if (typeof origin !== 'string') throw new Error(`the desk did not open: ${errors}`);

  return {
    origin,
    async stop() {
      child.kill('SIGTERM');
      const exitCode = await ended;
      await rm(cwd, { recursive: true });
      // A page that a browser left during a refresh may still be rendered when the database closes; no one reads it.
      const complaints = errors.split('\n').filter((line) => line !== '' && !line.endsWith(CLOSED));
      if (exitCode !== 0 || complaints.length > 0) {
        throw new Error(`the desk ended with ${exitCode}, and wrote: ${complaints.join('\n')}`);
      }
    },
  };
}

export function spawnDesk(
  cwd: string,
  {
    settings,
    folder = ownFolder,
  }: { readonly settings: Readonly<Record<string, string>>; readonly folder?: string | undefined },
): ChildProcessWithoutNullStreams {
  const { DATABASE_URL: _, PORT: __, HOST: ___, PUBLIC_URL: ____, DESK_SECRET: _____, ...env } = process.env;
  return spawn(process.execPath, ['--import', loader, join(folder, 'src/main.ts')], {
    cwd,
    // tsx looks for a tsconfig.json in the current folder, and needs the one that says how to compile JSX
    env: { ...env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json'), ...settings },
  });
}

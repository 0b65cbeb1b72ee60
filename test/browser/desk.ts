// The desk as people run it: a process of its own, on the built package, with a folder for what it keeps.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

export interface Desk {
  /** As `http://127.0.0.1:43210`. */
  readonly origin: string;
  /** @throws Error where it did not end well, or complained of something while it ran */
  stop(): Promise<void>;
}

// One process, not the two of tsx's own command: a signal must reach the one that works.
const loader = pathToFileURL(resolve('node_modules/tsx/dist/loader.mjs')).href;
const program = resolve('examples/desk/main.ts');
const CLOSED = 'driver has already been destroyed';

/** On a free port; without a URL, on a new SQLite file. */
export async function startDesk(databaseUrl?: string): Promise<Desk> {
  const cwd = await mkdtemp(join(tmpdir(), 'tenantry-desk-'));
  const { HOST: _, PUBLIC_URL: __, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', loader, program], {
    cwd,
    env: {
      ...env,
      PORT: '0',
      DATABASE_URL: databaseUrl ?? 'sqlite:desk.sqlite',
      DESK_SECRET: 'a secret that is good for tests alone',
      // elsewhere than in the current folder, tsx does not find how JSX is compiled
      TSX_TSCONFIG_PATH: resolve('tsconfig.json'),
    },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<number | null>((done, failed) => {
    child.on('error', failed).on('close', done);
  });
  const opened = new Promise<string>((done) => {
    createInterface(child.stdout).on('line', (line) => {
      const [, origin] = /^The desk is open at (http:\S+)$/.exec(line) ?? [];
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
      // A page that was left in the middle of a refresh is still being made when the database is closed; nobody reads it.
      const complaints = errors.split('\n').filter((line) => line !== '' && !line.endsWith(CLOSED));
      if (exitCode !== 0 || complaints.length > 0) {
        throw new Error(`the desk ended with ${exitCode}, and said: ${complaints.join('\n')}`);
      }
    },
  };
}

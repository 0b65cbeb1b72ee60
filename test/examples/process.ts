// The quick start as a process, on the built package.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

export interface Run {
  /** `null` if it was killed. */
  readonly exitCode: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

export interface RunOptions {
  /** `null` leaves DATABASE_URL unset. @default 'memory:', which stores nothing */
  readonly url?: string | null;
  /** @default the working folder of the tests */
  readonly cwd?: string;
  /** Called for each line of output. Returning `true` kills the process immediately. */
  readonly kill?: (line: string, count: number) => boolean;
}

// `tsx` as a loader, not as a command: the command starts a second process, and a kill must hit this one.
const loader = pathToFileURL(resolve('node_modules/tsx/dist/loader.mjs')).href;
const program = resolve('examples/quickstart.ts');

export async function quickstart(
  files: readonly string[],
  { url = 'memory:', cwd = '.', kill }: RunOptions = {},
): Promise<Run> {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', loader, program, ...files], {
    cwd,
    env: url === null ? env : { ...env, DATABASE_URL: url },
  });
  const lines: string[] = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    if (kill?.(line, lines.length) === true) child.kill('SIGKILL');
  });
  const exitCode = await new Promise<number | null>((done, failed) => {
    child.on('error', failed).on('close', done);
  });
  return { exitCode, lines, errors };
}

// The example as people run it: a process of its own, on the built package.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

export interface Run {
  /** `null` where it was killed. */
  readonly exitCode: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

export interface RunOptions {
  /** @default 'memory:', which leaves nothing behind; `null` sets none */
  readonly url?: string | null;
  /** @default the folder of the tests' own process */
  readonly cwd?: string;
  /** Asked at each line of output: the answer `true` kills the process there and then. */
  readonly kill?: (line: string, count: number) => boolean;
}

// One process, not the two of tsx's own command: a kill must hit the one that works.
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

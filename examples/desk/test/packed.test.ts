// The desk on the packed library: with the tarball that npm would publish, and without this repository around it.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDesk } from './program.js';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../..', import.meta.url));
const desk = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-packed-'));
  for (const part of ['src', 'public', 'package.json', 'tsconfig.json']) {
    await cp(join(desk, part), join(folder, 'desk', part), { recursive: true });
  }
  await linkPackages(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: repository,
  });
  await mkdir(join(folder, 'node_modules/tenantry'));
  const tarball = join(folder, stdout.trim());
  await run('tar', ['-xzf', tarball, '-C', join(folder, 'node_modules/tenantry'), '--strip-components=1']);
});
afterAll(() => rm(folder, { recursive: true }));

test('the desk runs on the packed library', async () => {
  const running = await startDesk({ folder: join(folder, 'desk') });
  try {
    const form = { method: 'POST', body: new URLSearchParams({ name: 'Ada' }), redirect: 'manual' } as const;
    const signIn = await fetch(`${running.origin}/sign-in`, form);
    expect(signIn.status).toBe(303);
    const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const desktop = await fetch(running.origin, { headers: { cookie } });
    expect(await desktop.text()).toContain('Your personal workspace');
  } finally {
    await running.stop();
  }
});

/** Links each installed package, but not those of this repository. */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to);
  const names = await readdir(from);
  const links = names.filter((name) => !name.startsWith('.') && !name.startsWith('tenantry'));
  await Promise.all(links.map((name) => symlink(join(from, name), join(to, name), 'junction')));
}

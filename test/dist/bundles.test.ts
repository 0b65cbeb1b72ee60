// The built package in bundles for runtimes without Node's modules: no condition or plugin is needed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { afterAll, expect, test } from 'vitest';

const folder = await mkdtemp(join(tmpdir(), 'tenantry-bundles-'));
afterAll(() => rm(folder, { recursive: true }));

const program = `
  import { WorkspaceService, defaultMatrix } from 'tenantry';
  import { memoryStorage } from 'tenantry/memory';
  import { sessionActor, workspaceApi } from 'tenantry/http';

  const secret = 'a secret of at least 32 bytes, from your vault';
  const tokens = { keys: [{ kid: 'a', alg: 'HS256', secret }], issuer: 'a', invitationUrl: 'https://a.example/join' };
  const workspaces = new WorkspaceService({ storage: memoryStorage(), permissions: defaultMatrix, tokens });
  const { workspace } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
  const { token } = await workspaces.switchWorkspace({ userId: 'u1' }, { workspaceId: workspace.id });
  const api = workspaceApi({ workspaces, actor: (request) => sessionActor(workspaces, request) });
  const headers = { Authorization: \`Bearer \${token}\` };
  export const { status } = await api.fetch(new Request('https://a.example/workspaces', { headers }));
`;

test.each<[string, BuildOptions]>([
  ['a neutral platform', { platform: 'neutral' }],
  ['a worker', { platform: 'neutral', conditions: ['workerd', 'worker'] }],
  ['an edge runtime', { platform: 'neutral', conditions: ['edge-light'] }],
  ['a browser', { platform: 'browser' }],
])('bundles and runs for %s, without a warning, and without compression of jose', async (name, options) => {
  const outfile = join(folder, `${name.replaceAll(' ', '-')}.mjs`);
  const { warnings, metafile } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL('../..', import.meta.url)) },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    metafile: true,
    logLevel: 'silent',
    outfile,
    ...options,
  });
  // A chunk that is imported for nothing is left out, as intended.
  const others = warnings.filter(({ id }) => id !== 'ignored-bare-import');
  expect(others.map(({ text }) => text)).toEqual([]);
  const inputs = Object.keys(metafile?.inputs ?? {});
  expect(inputs.length).toBeGreaterThan(10);
  expect(inputs.filter((file) => /deflate|node:/.test(file))).toEqual([]);
  expect(await import(pathToFileURL(outfile).href)).toMatchObject({ status: 200 });
});

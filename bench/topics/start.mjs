// What an application pays before its first command: time to import, and bytes to ship.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bytes, figure, median, time } from '../lib/rows.mjs';

export const title = 'Import and size';
export const notes = [
  'Fresh processes in turn, 15 rounds, wall time over that of a bare Node. Size: bundled and minified by esbuild, gzip.',
];
export const holds = [
  [
    /`tenantry` without zod and jose/,
    'By minified bytes the service, with its methods, checks and views, is two fifths; the domain without its commands (records from events, invariants, permissions, quantities) three tenths; the commands with their schemas a fifth; the tokens a twelfth. All but a tenth of it is what `WorkspaceService` takes.',
  ],
];

const ROUNDS = 15;
const FIRST_SERVICE = `
  import { WorkspaceService, defaultMatrix } from 'tenantry';
  import { memoryStorage } from 'tenantry/memory';
  new WorkspaceService({
    storage: memoryStorage(),
    permissions: defaultMatrix,
    tokens: {
      keys: [{ kid: 'bench', alg: 'HS256', secret: 'a secret of the benchmarks: 32 bytes or more' }],
      issuer: 'https://app.example',
      invitationUrl: 'https://app.example/join',
    },
  });
`;
const PROGRAMS = {
  bare: '',
  tenantry: FIRST_SERVICE,
  jose: "import 'jose';",
  'zod/mini': "import 'zod/mini';",
  'better-auth': "import 'better-auth'; import 'better-auth/plugins/organization';",
};

export const flows = {
  import() {
    const samples = Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, []]));
    for (let round = -1; round < ROUNDS; round++) {
      for (const [name, program] of Object.entries(PROGRAMS)) {
        const taken = wallTime(program);
        if (round >= 0) samples[name].push(taken);
      }
    }
    const over = (name) => median(samples[name].map((taken, round) => taken - samples.bare[round]));
    const ours = over('tenantry');
    return [
      figure('import of `tenantry` and a first service', {
        ours: time(ours),
        budget: 'under 100 ms',
        met: ours < 100e6,
      }),
      ...['jose', 'zod/mini', 'better-auth'].map((name) => ({
        ...figure('import alone', { ours: null }),
        other: name === 'better-auth' ? 'peer: better-auth' : `part of ours: ${name}`,
        theirs: time(over(name)),
      })),
    ];
  },
  async size() {
    const others = ['zod', 'zod/*', 'jose'];
    const core = await gzipped("export * from 'tenantry';", others);
    const used = await gzipped("export { WorkspaceService } from 'tenantry';", others);
    const all = await gzipped("export { WorkspaceService } from 'tenantry';", []);
    return [
      figure('`tenantry` without zod and jose', {
        ours: bytes(core),
        budget: 'under 15 kB',
        met: core < 15_000,
      }),
      figure('of it, what `WorkspaceService` takes', { ours: bytes(used) }),
      figure('`WorkspaceService` with all that it depends on', { ours: bytes(all) }),
    ];
  },
};

/** Nanoseconds from starting the process to its end. */
function wallTime(program) {
  const from = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  const taken = Number(process.hrtime.bigint() - from);
  if (status !== 0) throw new Error(`a program ended with ${status}`);
  return taken;
}

async function gzipped(contents, external) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external,
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

// Which folder may import which. `allowed` is the whole list: any other import is an error.
const { existsSync, readdirSync } = require('node:fs');

const zod = 'node_modules/zod/(mini|v4/core)/';

// the package that an adapter's folder is written for; an adapter without an entry imports none
const adapterPackages = { sql: 'kysely' };

const folders = existsSync('src/adapters') ? readdirSync('src/adapters') : [];
const adapters = folders.map((folder) => {
  const own = adapterPackages[folder];
  const targets = [
    `^src/adapters/${folder}/`,
    '^src/(ports|core|commands)/',
    ...(own ? [`node_modules/${own}/`] : []),
  ];
  return { from: { path: `^src/adapters/${folder}/` }, to: { path: targets } };
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  allowedSeverity: 'error',
  allowed: [
    { from: { path: '^src/core/' }, to: { path: ['^src/core/', zod] } },
    { from: { path: '^src/commands/' }, to: { path: ['^src/(commands|core)/', zod] } },
    { from: { path: '^src/ports/' }, to: { path: '^src/(core|ports)/', dependencyTypes: ['type-only'] } },
    { from: { path: '^src/errors\\.ts$' }, to: { path: '^src/core/' } },
    {
      from: { path: '^src/tokens/' },
      to: { path: ['^src/(tokens|ports|core|commands)/', '^src/errors\\.ts$', 'node_modules/jose/', zod] },
    },
    {
      from: { path: '^src/service/' },
      to: {
        path: [
          '^src/(service|tokens|ports|core|commands)/',
          '^src/errors\\.ts$',
          'node_modules/(mitt|nanoid)/',
          zod,
        ],
      },
    },
    ...adapters,
    // a part of the command, which runs on Node alone
    { from: { path: '^src/adapters/sql/migrate-url\\.ts$' }, to: { dependencyTypes: ['core'] } },
    {
      from: { path: '^src/http/' },
      to: { path: ['^src/(http|service|core|commands)/', '^src/errors\\.ts$', zod] },
    },
    {
      from: { path: '^src/testing/' },
      to: { path: ['^src/', 'node_modules/'], pathNot: '^src/index\\.ts$' },
    },
    { from: { path: '^src/testing/' }, to: { dependencyTypes: ['core'] } },
    {
      from: { path: '^src/index\\.ts$' },
      to: { path: ['^src/(core|commands|ports|tokens|service)/', '^src/errors\\.ts$'] },
    },
  ],
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-catch-all-folder',
      severity: 'error',
      from: {},
      to: { path: '/(types|utils|helpers|common)/', pathNot: 'node_modules/' },
    },
  ],
  options: {
    // subpaths of packages, such as jose/errors
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
  },
};

// Who may import whom. `allowed` is the whole list: what it does not name is refused.
const { existsSync, readdirSync } = require('node:fs');

const zod = 'node_modules/zod/(mini|v4/core)/';

// the one package that an adapter's folder is for; an adapter without an entry needs none
const adapterPackages = { sql: 'kysely' };

const folders = existsSync('src/adapters') ? readdirSync('src/adapters') : [];
const adapters = folders.map((folder) => {
  const own = adapterPackages[folder];
  const targets = [
    `^src/adapters/${folder}/`,
    '^src/(ports|domain)/',
    ...(own ? [`node_modules/${own}/`] : []),
  ];
  return { from: { path: `^src/adapters/${folder}/` }, to: { path: targets } };
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  allowedSeverity: 'error',
  allowed: [
    { from: { path: '^src/domain/' }, to: { path: ['^src/domain/', zod] } },
    { from: { path: '^src/ports/' }, to: { path: '^src/(domain|ports)/', dependencyTypes: ['type-only'] } },
    { from: { path: '^src/errors\\.ts$' }, to: { path: '^src/domain/' } },
    {
      from: { path: '^src/tokens/' },
      to: { path: ['^src/(tokens|ports|domain)/', '^src/errors\\.ts$', 'node_modules/jose/', zod] },
    },
    {
      from: { path: '^src/service/' },
      to: {
        path: [
          '^src/(service|tokens|ports|domain)/',
          '^src/errors\\.ts$',
          'node_modules/(mitt|nanoid)/',
          zod,
        ],
      },
    },
    ...adapters,
    {
      from: { path: '^src/http/' },
      to: { path: ['^src/(http|service|domain)/', '^src/errors\\.ts$', zod] },
    },
    {
      from: { path: '^src/testing/' },
      to: { path: ['^src/', 'node_modules/'], pathNot: '^src/index\\.ts$' },
    },
    { from: { path: '^src/testing/' }, to: { dependencyTypes: ['core'] } },
    {
      from: { path: '^src/index\\.ts$' },
      to: { path: ['^src/(domain|ports|tokens|service)/', '^src/errors\\.ts$'] },
    },
  ],
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'a-thing-lives-with-its-noun',
      severity: 'error',
      from: {},
      to: { path: '/(types|utils|helpers|common)/', pathNot: 'node_modules/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
  },
};

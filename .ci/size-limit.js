// How large each entry may be, minified and gzipped, with everything that it imports except optional peers: as measured,
// plus 5 %. A change that needs more raises the limit in the same commit, with its reason.

const budgets = [
  { name: 'tenantry', path: '../dist/index.js', limit: '59.9 kB' },
  {
    name: 'tenantry, without its dependencies',
    path: '../dist/index.js',
    ignore: ['jose', 'mitt', 'nanoid', 'zod'],
    limit: '42.9 kB',
  },
  // The routes come from the registry of commands, so it contains their decisions.
  { name: 'tenantry/http', path: '../dist/http.js', limit: '46.9 kB' },
  { name: 'tenantry/memory', path: '../dist/memory.js', limit: '17.2 kB' },
  { name: 'tenantry/quantity', path: '../dist/quantity.js', limit: '1.5 kB' },
  { name: 'tenantry/sql', path: '../dist/sql.js', limit: '34.8 kB' },
  // With `explore`, which visits every state of a workspace.
  { name: 'tenantry/testing', path: '../dist/testing.js', ignore: ['node:*'], limit: '102.1 kB' },
];

export default budgets.map((budget) => ({
  ...budget,
  gzip: true,
  // "sideEffects": false makes esbuild warn about each import that it leaves out
  modifyEsbuildConfig: (config) => ({ ...config, logOverride: { 'ignored-bare-import': 'silent' } }),
}));

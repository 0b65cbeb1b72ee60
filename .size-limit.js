// How much each entry may come to, minified and gzipped, with all that it imports but the optional peers: as measured,
// and a twentieth more. A change that needs more says so here.

const budgets = [
  { name: 'tenantry', path: 'dist/index.js', limit: '39.8 kB' },
  {
    name: 'tenantry, its own part',
    path: 'dist/index.js',
    ignore: ['jose', 'mitt', 'nanoid', 'zod'],
    limit: '23.2 kB',
  },
  { name: 'tenantry/http', path: 'dist/http.js', limit: '29.7 kB' },
  { name: 'tenantry/memory', path: 'dist/memory.js', limit: '13.4 kB' },
  { name: 'tenantry/quantity', path: 'dist/quantity.js', limit: '1.5 kB' },
  { name: 'tenantry/sql', path: 'dist/sql.js', limit: '25.9 kB' },
  { name: 'tenantry/testing', path: 'dist/testing.js', ignore: ['node:*'], limit: '63.9 kB' },
];

export default budgets.map((budget) => ({
  ...budget,
  gzip: true,
  // "sideEffects": false makes esbuild say what it leaves out
  modifyEsbuildConfig: (config) => ({ ...config, logOverride: { 'ignored-bare-import': 'silent' } }),
}));

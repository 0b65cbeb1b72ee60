import { defineConfig } from 'tsup';

const library = {
  entry: {
    index: 'src/index.ts',
    http: 'src/http/index.ts',
    memory: 'src/adapters/memory/index.ts',
    quantity: 'src/core/quantity/index.ts',
    sql: 'src/adapters/sql/index.ts',
    testing: 'src/testing/index.ts',
  },
};
// the command is started, never imported: it needs one format and no declarations
const command = { entry: { cli: 'src/adapters/sql/cli.ts' } };

// One config for all entries: two would each bundle a copy of the shared classes, which breaks instanceof.
export default defineConfig({
  entry: { ...library.entry, ...command.entry },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  // Outside browsers, nanoid imports node:crypto, which edge runtimes and neutral bundles lack. Its build for browsers uses
  // the global `crypto`, which every runtime has: it becomes part of the package.
  noExternal: ['nanoid'],
  // tsup 8 strips "node:" by default
  removeNodeProtocol: false,
  splitting: true,
  treeshake: true,
  sourcemap: true,
  clean: true,
  // tsup 8.5.1 sets a baseUrl for its declaration bundler, which TypeScript 6 deprecates
  dts: { ...library, compilerOptions: { ignoreDeprecations: '6.0' } },
  esbuildOptions(options, { format }) {
    options.conditions = ['browser'];
    if (format === 'cjs') options.entryPoints = library.entry;
  },
});

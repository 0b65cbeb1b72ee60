import { defineConfig } from 'tsup';

const library = {
  entry: {
    index: 'src/index.ts',
    http: 'src/http/index.ts',
    memory: 'src/adapters/memory/index.ts',
    quantity: 'src/domain/quantity.ts',
    sql: 'src/adapters/sql/index.ts',
    testing: 'src/testing/index.ts',
  },
};
// nobody imports it: one form will do, and no declarations
const command = { entry: { cli: 'src/adapters/sql/cli.ts' } };

// One config for all entries: two would each bundle their own copy of the shared classes and break instanceof.
export default defineConfig({
  entry: { ...library.entry, ...command.entry },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  // tsup 8 strips "node:" unless told not to
  removeNodeProtocol: false,
  splitting: true,
  treeshake: true,
  sourcemap: true,
  clean: true,
  // tsup 8.5.1 hands its declaration bundler a baseUrl, which TypeScript 6 calls deprecated
  dts: { ...library, compilerOptions: { ignoreDeprecations: '6.0' } },
  esbuildOptions(options, { format }) {
    if (format === 'cjs') options.entryPoints = library.entry;
  },
});

import { defineConfig } from 'tsup';

// One config for all entries: two would each bundle their own copy of the shared classes and break instanceof.
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    http: 'src/http/index.ts',
    memory: 'src/adapters/memory/index.ts',
    quantity: 'src/domain/quantity.ts',
    sql: 'src/adapters/sql/index.ts',
    cli: 'src/adapters/sql/cli.ts',
    testing: 'src/testing/index.ts',
  },
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
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
});

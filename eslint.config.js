// The only linter: ESLint's recommended rules, typescript-eslint's strict rules, and the project's own rules for source
// and pure code. Formatting is biome's task.
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const typescript = ['**/*.ts', '**/*.tsx'];
const scripts = ['**/*.js', '**/*.mjs', '**/*.cjs'];
const pureCode = ['src/core/**/*.ts', 'src/commands/**/*.ts'];

const sourceSyntax = [
  { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'Use a named export.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals instead of an enum.' },
  {
    selector: 'TSAsExpression > TSAsExpression[typeAnnotation.type="TSUnknownKeyword"]',
    message: 'Do not cast with `as unknown as`: narrow or parse the value.',
  },
  {
    selector: 'ImportDeclaration[source.value=/^\\./] > ImportNamespaceSpecifier',
    message: 'Import names, not a namespace, from files of this project.',
  },
  {
    selector: 'MemberExpression[object.name="URL"][property.name="canParse"]',
    message:
      'Call urlOf: in Node 20, URL.canParse answers wrongly for letters beyond ASCII, once it is optimized.',
  },
];

const pure =
  'src/core and src/commands are pure: pass time, ids and randomness in as data, and await in the service.';
const impureSyntax = [
  'AwaitExpression',
  'ForOfStatement[await=true]',
  ':function[async=true]',
  'MemberExpression[object.name="Date"][property.name="now"]',
  'MemberExpression[object.name="Date"][property.value="now"]',
  'NewExpression[callee.name="Date"][arguments.length=0]',
  'CallExpression[callee.name="Date"]',
  'MemberExpression[object.name="Math"][property.name="random"]',
  'MemberExpression[object.name="Math"][property.value="random"]',
].map((selector) => ({ selector, message: pure }));
const impureGlobals = [
  'crypto',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
].map((name) => ({ name, message: pure }));

export default defineConfig(
  globalIgnores(['.cache', 'bench', 'coverage', 'dist', 'doctest', 'site', 'test/types/mistakes']),
  {
    extends: [js.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // scripts run on Node and in browsers, and the compiler checks the names in TypeScript
      'no-undef': 'off',
      'array-callback-return': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-eval': 'error',
      'no-script-url': 'error',
      'no-self-compare': 'error',
      radix: 'error',
    },
  },
  { files: scripts, extends: [tseslint.configs.strict] },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // a number in a message reads well
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => log(x)` is clear enough
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // an async method of a port turns a throw into a rejection, with or without an await
      '@typescript-eslint/require-await': 'off',
      // `[...text]` counts code points
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  { files: ['src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...sourceSyntax] } },
  {
    files: pureCode,
    rules: {
      'no-restricted-syntax': ['error', ...sourceSyntax, ...impureSyntax],
      'no-restricted-globals': ['error', ...impureGlobals],
    },
  },
);

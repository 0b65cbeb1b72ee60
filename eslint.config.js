import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const inSource = [
  { selector: 'ExportDefaultDeclaration', message: 'No default exports: a thing has one name.' },
  {
    selector: 'ExportSpecifier[exported.name="default"]',
    message: 'No default exports: a thing has one name.',
  },
  { selector: 'TSEnumDeclaration', message: 'No enums: use a union of literals.' },
  {
    selector: 'TSAsExpression > TSAsExpression[typeAnnotation.type="TSUnknownKeyword"]',
    message: 'No `as unknown as`.',
  },
  {
    selector: 'ImportDeclaration[source.value=/^\\./] > ImportNamespaceSpecifier',
    message: 'No namespace imports of our own.',
  },
];

const pure = 'The core is pure: time, ids and randomness come in as data, and only the service awaits.';
const inDomain = [
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
  globalIgnores(['bench', 'coverage', 'dist', 'doctest', 'site']),
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'examples/**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // noise: a number reads well in a message
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // noise: `() => log(x)` is fine
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // noise: an async method of a port need not await, and turns a throw into a rejection
      '@typescript-eslint/require-await': 'off',
      // noise: `[...text]` is how code points are counted
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  { files: ['src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...inSource] } },
  {
    files: ['src/domain/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...inSource, ...inDomain],
      'no-restricted-globals': ['error', ...impureGlobals],
    },
  },
);

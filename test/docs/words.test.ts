// The word check: which text counts as prose, where it reports an expression, and when it fails.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const script = resolve('.ci/words.mjs');

/** Runs the check on a project of these files. Its hits are keyed by file. */
function check(files: Readonly<Record<string, string>>, ...options: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'words-'));
  onTestFinished(() => {
    rmSync(cwd, { recursive: true });
  });
  execFileSync('git', ['init', '--quiet'], { cwd });
  for (const folder of ['.ci', 'src']) mkdirSync(join(cwd, folder));
  cpSync('.ci/words.json', join(cwd, '.ci/words.json'));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, file), text);
  const { status, stderr } = spawnSync(process.execPath, [script, ...options], { cwd, encoding: 'utf8' });
  const hits = stderr.split('\n').filter((line) => /^\S+:\d+: /.test(line));
  return { status, hits: Object.fromEntries(hits.map((hit) => [hit.slice(0, hit.indexOf(': ')), hit])) };
}

test('reports each discouraged expression in prose with its line and the alternative', () => {
  const { status, hits } = check({
    'src/line.ts': 'const a = 1; // nobody reads it\n',
    'src/doc.ts': '/**\n * Returns it\n * anew.\n */\nexport const a = 1;\n',
    'src/empty-block.ts': 'try {\n  run();\n} catch {\n  // nobody reads it\n}\n',
    'src/two-lines.ts': '// it lasts for\n// ever\n',
    'src/error.ts': "throw new TypeError('nobody');\n",
    'src/template.ts': 'throw new Error(`${name} told it`);\n',
    'src/schema.ts': "z.string({ error: 'is none' });\n",
    'src/title.ts': "test('tells it', run);\n",
    'src/table.ts': "test.each([1])('tells %s', run);\n",
    'SECURITY.md': '# Title\n\n`nobody` [link](nobody.md)\n\n```ts\nnobody();\n```\n\nNobody came.\n',
  });
  expect(Object.keys(hits).sort()).toEqual([
    'SECURITY.md:9',
    'src/doc.ts:3',
    'src/empty-block.ts:4',
    'src/error.ts:1',
    'src/line.ts:1',
    'src/schema.ts:1',
    'src/table.ts:1',
    'src/template.ts:1',
    'src/title.ts:1',
    'src/two-lines.ts:1',
  ]);
  expect(hits['src/doc.ts:3']).toBe('src/doc.ts:3: "anew": write again');
  expect(status).toBe(1);
});

test('leaves out code, examples and other strings', () => {
  const files = {
    'src/code.ts': 'const nobody = stands.at(once);\n',
    'src/string.ts': "const name = 'nobody';\n",
    'src/inline.ts': '// call `nobody` first\n',
    'src/example.ts': '/**\n * Adds.\n * @example\n * ```ts\n * nobody();\n * ```\n */\n',
    'src/longer.ts': '// a standard, an outstanding one\n',
    'src/apart.ts': '// for\nrun();\n// ever\n',
  };
  expect(check(files, '--all')).toEqual({ status: 0, hits: {} });
});

test('passes within the budget, and prints the hits when asked', () => {
  const files = { 'src/a.ts': `// nobody ${'plain '.repeat(1000)}\n` };
  expect(check(files)).toEqual({ status: 0, hits: {} });
  expect(Object.keys(check(files, '--all').hits)).toEqual(['src/a.ts:1']);
});

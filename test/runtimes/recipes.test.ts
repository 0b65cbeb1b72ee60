// The recipes in the guides are the files that are run.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test.each([
  ['node-sqlite.mjs', 'sql.md'],
  ['bun-sqlite.mjs', 'sql.md'],
  ['libsql.mjs', 'sql.md'],
  ['jest.config.cjs', 'testing.md'],
])('%s is what docs/%s shows', (recipe, guide) => {
  expect(read(`../../docs/${guide}`)).toContain(`\`\`\`js\n${read(recipe)}\`\`\`\n`);
});

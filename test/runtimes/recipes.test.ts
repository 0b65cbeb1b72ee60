// The recipes in the guides are equal to the files that are run.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test.each([
  ['node-sqlite.mjs', 'sql.md'],
  ['bun-sqlite.mjs', 'sql.md'],
  ['libsql.mjs', 'sql.md'],
  ['jest.config.cjs', 'testing.md'],
])('%s is equal to the recipe in docs/%s', (recipe, guide) => {
  expect(read(`../../docs/${guide}`)).toContain(`\`\`\`js\n${read(recipe)}\`\`\`\n`);
});

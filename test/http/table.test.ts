// The HTTP guide and the code agree: routes, recipes and codes. UPDATE_TABLES=1 rewrites the tables.
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { httpStatus } from '../../src/http/index.js';
import { routeNames, routesOf, type Route } from '../../src/http/route.js';
import { createTestWorkspaces } from '../../src/testing/index.js';

const GUIDE = new URL('../../docs/http.md', import.meta.url);
const ERRORS = new URL('../../docs/errors.md', import.meta.url);
const RECIPES = ['hono', 'express', 'fastify', 'next', 'worker'] as const;

const WHO: Readonly<Record<Route['caller'], string>> = {
  anyone: 'anyone',
  subject: 'a user or an operator',
  actor: 'a user or an operator',
  user: 'a user',
  operator: 'an operator',
};

test('the guide to HTTP has every route', async () => {
  const routes = routesOf(createTestWorkspaces().workspaces);
  const rows = routes.map(([name, { verb, path, caller, schema, answer, status = 200 }]) => [
    `\`${verb} ${path}\``,
    `\`${name}\``,
    fieldsOf(schema, path),
    `${WHO[caller]}${routeNames.includes(name) ? '' : ', if named'}`,
    answer === null ? '204' : `${status} \`${answer}\``,
  ]);
  await expectTold('routes', tableOf([['route', 'method', 'takes', 'who', 'answer'], ...rows]));
});

test.each(RECIPES)('the HTTP guide has the recipe that is run: %s', async (name) => {
  const recipe = await readFile(new URL(`recipes/${name}.ts`, import.meta.url), 'utf8');
  const asHosts = recipe
    .replace('../../../src/http/index.js', 'tenantry/http')
    .replace('../../../src/index.js', 'tenantry');
  // compiled and run here already, where `./host.js` exists
  await expectTold(name, `\`\`\`ts ignore\n${asHosts}\`\`\``);
});

test('the guides have every code with its status', async () => {
  const [errors, guide] = await Promise.all([readFile(ERRORS, 'utf8'), readFile(GUIDE, 'utf8')]);
  const row = /^\| `([A-Z_]+)` +\| (\d{3}) /gm;
  const told = [...`${errors}\n${guide}`.matchAll(row)].map(([, code, status]) => [code, Number(status)]);
  const codes = (told: readonly (readonly unknown[])[]) => told.map(([code]) => String(code)).sort();
  expect(codes(told)).toEqual(codes(Object.entries(httpStatus)));
  expect(Object.fromEntries(told)).toEqual(httpStatus);
});

/** The fields outside the path, with a `?` after optional ones. */
function fieldsOf(schema: z.ZodMiniType, path: string): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.keys(properties)
    .filter((field) => !path.includes(`{${field}}`))
    .map((field) => `\`${field}${required.includes(field) ? '' : '?'}\``)
    .join(', ');
}

async function expectTold(name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const guide = await readFile(GUIDE, 'utf8');
  const [before = '', rest = ''] = guide.split(begin);
  const [told, after] = rest.split(end);
  if (told === undefined || after === undefined) throw new Error(`docs/http.md has no place for ${name}`);
  if (process.env['UPDATE_TABLES'] === '1') {
    await writeFile(GUIDE, `${before}${begin}\n\n${text}\n\n${end}${after}`);
  } else {
    expect(told.trim(), 'UPDATE_TABLES=1 writes it again').toBe(text);
  }
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, place) => Math.max(...rows.map((cells) => cells[place]?.length ?? 0)));
  const line = (cells: readonly string[], filling = ' '): string =>
    `| ${cells.map((cell, place) => cell.padEnd(widths[place] ?? 0, filling)).join(' | ')} |`;
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...body.map((cells) => line(cells)),
  ].join('\n');
}

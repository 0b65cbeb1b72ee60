// The subpaths and npm scripts that the documents name exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const manifestOf = (folder: string): Manifest => JSON.parse(read(`${folder}package.json`)) as Manifest;

const manifest = manifestOf('');
const subpaths = Object.keys(manifest.exports).map((key) => key.replace(/^\./, 'tenantry'));
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'UPGRADING.md'].filter((file) =>
    existsSync(new URL(file, root)),
  ),
  ...filesIn('docs/', '.md'),
];
const sources = ['src/', 'examples/'].flatMap((folder) => filesIn(folder, '.ts', '.tsx'));
const workflows = ['.ci/run', ...filesIn('.github/workflows/', '.yml')];

test.each(documents)('%s names only subpaths that the package exports', (file) => {
  expect(unknownSubpathsIn(file)).toEqual([]);
});

test('the sources and the examples name only exported subpaths, in code and in comments', () => {
  expect(Object.fromEntries(sources.map((file) => [file, unknownSubpathsIn(file)]))).toEqual(
    Object.fromEntries(sources.map((file) => [file, []])),
  );
});

test('the table of README has every subpath that the package exports', () => {
  const rows = [...read('README.md').matchAll(/^\| `(tenantry[^`]*)`/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(subpaths.filter((name) => name !== 'tenantry/package.json').sort());
});

test.each([...documents, ...workflows])('%s names only scripts of package.json', (file) => {
  const missing = scriptsIn(read(file)).filter(
    ({ folder, name }) => !Object.hasOwn(manifestOf(folder).scripts, name),
  );
  expect(missing).toEqual([]);
});

describe('the search itself', () => {
  test('finds subpaths in code and in prose, and does not mistake file paths for them', () => {
    const text = `import { a } from 'tenantry/nope'; \`tenantry/what\`, tenantry/that. ../tenantry/tenantry-0.1.0.tgz`;
    expect(subpathsIn(text)).toEqual(['tenantry/nope', 'tenantry/what', 'tenantry/that']);
    expect(documents.flatMap((file) => subpathsIn(read(file))).length).toBeGreaterThan(50);
  });

  test('finds scripts in every form of npm run', () => {
    const text =
      'npm run a:b, `npm run c`; npm test && npm start; npm --prefix bench run d; npm run\n  e. npm install';
    expect(scriptsIn(text)).toEqual([
      { folder: '', name: 'a:b' },
      { folder: '', name: 'c' },
      { folder: '', name: 'test' },
      { folder: '', name: 'start' },
      { folder: 'bench/', name: 'd' },
      { folder: '', name: 'e' },
    ]);
    expect(documents.flatMap((file) => scriptsIn(read(file))).length).toBeGreaterThan(30);
  });
});

function unknownSubpathsIn(file: string): string[] {
  return subpathsIn(read(file)).filter((name) => !subpaths.includes(name));
}

function subpathsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w./-])tenantry\/[a-z][\w-]*(?:[./][\w-]+)*/g)].map(([name]) => name);
}

function scriptsIn(text: string): { readonly folder: string; readonly name: string }[] {
  return [...text.matchAll(/\bnpm\s+(?:--prefix\s+(\S+)\s+)?(?:run\s+([\w:-]+)|(test|start)\b)/g)].map(
    ([, folder, run, short]) => ({ folder: folder ? `${folder}/` : '', name: run ?? short ?? '' }),
  );
}

function filesIn(folder: string, ...endings: readonly string[]): string[] {
  return readdirSync(fileURLToPath(new URL(folder, root)), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => `${folder}${name}`)
    .sort();
}

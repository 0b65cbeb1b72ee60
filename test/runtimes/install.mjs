// Installs exact versions: the runtimes, which are kept between runs, and fresh projects that use the package.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Never a devDependency: its command is called `node`, so every script of this repository would run on it. */
const node = `node-${process.platform}-${process.arch}`;

const runtimes = {
  node22: { [node]: '22.23.3' },
  node24: { [node]: '24.21.0' },
  node26: { [node]: '26.10.0' },
  bun: { bun: '1.4.5' },
  deno: { deno: '2.9.6' },
  workerd: { workerd: '1.20261117.1' },
  jest: { jest: '30.5.2', '@babel/plugin-transform-modules-commonjs': '7.29.14' },
  // Next.js would install the last three itself, to check routes in TypeScript
  next: {
    next: '16.4.6',
    react: '19.3.1',
    'react-dom': '19.3.1',
    typescript: '6.0.3',
    '@types/react': '19.3.3',
    '@types/node': '20.19.43',
  },
};

/** Installed with the package. Newer versions of Kysely and nanoid need Node 22. */
export const projects = {
  plain: {},
  libsql: { kysely: '0.28.18', libsql: '0.5.29' },
  sql: { kysely: '0.29.9', nanoid: '6.0.2' },
};

/** A runtime by name, installed if it is missing; `problem` says why that failed. */
export function runtime(name) {
  const folder = resolve('.cache/runtimes', name);
  const packages = runtimes[name];
  const [[main, version]] = Object.entries(packages);
  const isThere = Object.entries(packages).every(([each, wanted]) => versionIn(folder, each) === wanted);
  try {
    if (!isThere) install(folder, packages);
    return { version, folder, problem: null };
  } catch ({ stderr }) {
    const [, reason = 'npm failed'] = /^npm error (?!code )(.+)$/m.exec(stderr) ?? [];
    return { version, folder, problem: `${main} ${version} could not be installed: ${reason}` };
  }
}

/** Creates every project in a folder outside this repository, whose modules would be found otherwise. */
export function makeProjects(folder, tarball) {
  for (const [name, packages] of Object.entries(projects)) {
    install(join(folder, name), { ...packages, tenantry: `file:${tarball}` });
  }
}

/** The version of a package that is installed in a folder; `null` if it is not. */
export function versionIn(folder, name) {
  const file = join(folder, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null;
}

function install(folder, dependencies) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const options = ['--no-package-lock', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  execFileSync('npm', ['install', '--prefix', folder, ...options], { stdio: 'pipe' });
}

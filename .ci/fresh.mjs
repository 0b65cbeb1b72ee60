// Builds dist, unless it is the result of the same sources already, so that successive checks share one build.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const stamp = '.cache/build';
const inputs = ['src', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsup.config.ts'];

const sources = digest(inputs);
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources + digest(['dist'])) {
  console.log('dist is up to date');
} else {
  execFileSync('npm', ['run', 'build'], { stdio: 'inherit' });
  mkdirSync('.cache', { recursive: true });
  writeFileSync(stamp, sources + digest(['dist']));
}

function digest(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesIn)) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function filesIn(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

// Checks the subjects of the commits since a base (the merge base with main, unless one is named) against the rule of
// CONTRIBUTING.md: `type(scope): imperative summary`, at most 72 characters.
import { execFileSync } from 'node:child_process';

const types = ['feat', 'fix', 'perf', 'refactor', 'docs', 'test', 'build', 'chore'];
const subject = new RegExp(`^(${types.join('|')})(\\([a-z0-9-]+\\))?!?: [a-z].*[^.]$`);
const MAX_LENGTH = 72;

const base = process.argv[2] ?? mergeBase();
if (base === null) {
  console.log('no branch main to compare with: no commit is checked');
} else {
  const commits = git('log', '--no-merges', '--format=%h %s', `${base}..HEAD`).split('\n').filter(Boolean);
  const wrong = commits.filter((commit) => !isValid(commit.slice(commit.indexOf(' ') + 1)));
  for (const commit of wrong)
    console.error(
      `error: ${commit}: write "type(scope): imperative summary" in at most ${MAX_LENGTH} characters; types: ${types.join(', ')}`,
    );
  if (wrong.length > 0) process.exitCode = 1;
  else console.log(`${commits.length} commits have valid subjects`);
}

function isValid(text) {
  return text.length <= MAX_LENGTH && subject.test(text);
}

function mergeBase() {
  for (const branch of ['origin/main', 'main']) {
    try {
      return git('merge-base', branch, 'HEAD').trim();
    } catch {
      // the clone has no such branch
    }
  }
  return null;
}

function git(...options) {
  return execFileSync('git', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

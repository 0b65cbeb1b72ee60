// Refuses a release whose tag, package.json and CHANGELOG.md differ, or whose repository npm cannot verify:
// `node .ci/release-check.mjs v0.1.0`. CONTRIBUTING.md explains the steps, under Release a version.
import { readFileSync } from 'node:fs';

const [tag] = process.argv.slice(2);
const { version, repository, private: isPrivate } = JSON.parse(readFileSync('package.json', 'utf8'));
const [section] = readFileSync('CHANGELOG.md', 'utf8').match(/^## .*$/m) ?? [];
const [, released, date] = /^## \[(.+)\] - (.+)$/.exec(section ?? '') ?? [];

const problems = [];
if (tag !== `v${version}`) problems.push(`the tag is ${tag ?? 'missing'}, and package.json says ${version}`);
if (released !== version) {
  problems.push(`the first section of CHANGELOG.md is '${section ?? ''}', and must be that of ${version}`);
} else if (!isDay(date)) {
  problems.push(`CHANGELOG.md says '${date}' of ${version}, and must say the day, as 2026-11-30`);
}
if (isPrivate) problems.push('package.json is private');
const home = /^git\+https:\/\/github\.com\/([^/]+\/[^/]+)\.git$/.exec(repository?.url ?? '')?.[1];
const here = process.env.GITHUB_REPOSITORY;
if (home === undefined) {
  problems.push(
    "package.json names no repository: its url must be as 'git+https://github.com/owner/name.git'",
  );
} else if (here !== undefined && home !== here) {
  problems.push(`package.json names the repository ${home}, and this is ${here}`);
}

for (const problem of problems) console.error(`error: ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${version} of ${date} can be released`);

function isDay(text) {
  const time = Date.parse(text);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
  );
}

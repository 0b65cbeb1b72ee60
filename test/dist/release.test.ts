// .ci/release-check.mjs: the releases that it accepts and rejects.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const script = fileURLToPath(new URL('../../.ci/release-check.mjs', import.meta.url));

interface Release {
  readonly tag: string | null;
  readonly section: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  /** The environment of the workflow. */
  readonly place: string;
}

const good: Release = {
  tag: 'v1.2.3',
  section: '## [1.2.3] - 2026-11-30',
  manifest: {
    version: '1.2.3',
    repository: { type: 'git', url: 'git+https://github.com/someone/tenantry.git' },
  },
  place: 'someone/tenantry',
};

function check(release: Partial<Release>) {
  const { tag, section, manifest, place } = { ...good, ...release };
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'CHANGELOG.md'), `# Changelog\n\n${section}\n\n## [1.2.2] - 2026-10-01\n`);
  const { status, stderr } = spawnSync(process.execPath, [script, ...(tag === null ? [] : [tag])], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GITHUB_REPOSITORY: place },
  });
  return { status, stderr };
}

test('accepts a release whose tag, version, date and repository agree', () => {
  expect(check({})).toEqual({ status: 0, stderr: '' });
});

test.each<[string, Partial<Release>, string]>([
  ['no tag', { tag: null }, 'the tag is missing'],
  ['a tag of another version', { tag: 'v1.2.4' }, 'the tag is v1.2.4'],
  ['a tag without its v', { tag: '1.2.3' }, 'the tag is 1.2.3'],
  ['no day', { section: '## [1.2.3] - unreleased' }, "says 'unreleased'"],
  ['an impossible date', { section: '## [1.2.3] - 2026-02-30' }, "says '2026-02-30'"],
  ['a section of another version', { section: '## [1.3.0] - 2026-11-30' }, 'must be that of 1.2.3'],
  ['a section with another heading', { section: '## Unreleased' }, 'must be that of 1.2.3'],
  ['a private package', { manifest: { ...good.manifest, private: true } }, 'is private'],
  ['no repository', { manifest: { version: '1.2.3' } }, 'names no repository'],
  ['a repository elsewhere', { place: 'another/tenantry' }, 'this is another/tenantry'],
])('rejects %s', (_what, change, reason) => {
  const { status, stderr } = check(change);
  expect(status).toBe(1);
  expect(stderr).toContain(reason);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

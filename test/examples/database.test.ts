// The quick start on databases: the next run continues after the last one, however that ended.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../examples/database-url.js';
import type { Database } from '../../examples/database.js';
import { play } from '../../examples/play.js';
import { readStory, type Story } from '../../examples/story.js';
import { quickstart } from './process.js';
import { onNewDatabase, servers } from '../../examples/desk/test/servers.js';

interface Kind {
  readonly name: string;
  readonly on: (test: (url: string) => Promise<void>) => Promise<void>;
}

const kinds: readonly Kind[] = [
  { name: 'SQLite', on: async (run) => run(`sqlite:${join(await ownFolder(), 'story.sqlite')}`) },
  ...servers.map((server) => ({
    name: server.name,
    on: (run: (url: string) => Promise<void>) => onNewDatabase(server, run),
  })),
];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-story-'));
});
afterAll(() => rm(folder, { recursive: true }));

function ownFolder(): Promise<string> {
  return mkdtemp(join(folder, 'own-'));
}

async function fileOf(content: unknown): Promise<string> {
  const file = join(await ownFolder(), 'story.json');
  await writeFile(file, JSON.stringify(content));
  return file;
}

const opening = [
  { do: 'open', by: 'ada' },
  { do: 'open', by: 'ben' },
  { do: 'create', by: 'ada', workspace: 'team', name: 'Tëam' },
  { do: 'invite', by: 'ada', workspace: 'team', role: 'developer', link: 'welcome' },
  { do: 'switch', by: 'ada', workspace: 'team' },
];

function story(steps: readonly unknown[]): object {
  return { title: 'a test', people: { ada: {}, ben: {} }, quota: { pods: '5' }, steps };
}

/** The numbers of the played steps. */
function numbersIn(lines: readonly string[]): number[] {
  return lines.flatMap((line) => /^ {0,2}(\d+) {2}/.exec(line)?.[1] ?? []).map(Number);
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

test.concurrent('without DATABASE_URL, uses a file in the current folder, and a second run shows its content', async () => {
  const cwd = await ownFolder();

  const first = await quickstart([], { url: null, cwd });
  expect(first.errors).toBe('');
  expect(first.exitCode).toBe(0);
  expect(first.lines.slice(0, 2)).toEqual(['A workspace called hello', 'on SQLite, tenantry.sqlite']);
  expect(first.lines.at(-1)).toBe('25 steps, 6 of them fail, all as expected');
  expect(await readdir(cwd)).toEqual(['tenantry.sqlite']);

  const second = await quickstart([], { url: null, cwd });
  expect(second.errors).toBe('');
  expect(second.exitCode).toBe(0);
  const id = /creates 'hello' +has (ws-\w+)/.exec(first.lines.join('\n'))?.[1];
  expect(id).toBeDefined();
  const text = second.lines.join('\n');
  expect(text).toMatch(
    /ben {3}lists their workspaces +2 workspaces\n +owner {6}'ben'\n +developer {2}'hello'\n/,
  );
  expect(text).toMatch(
    /lists the members of 'hello' +2 members\n +owner {6}Ada Lovelace\n +developer {2}Ben Ohm\n/,
  );
  expect(text).toMatch(/^ +limits\.memory +16Gi +1536Mi +7Gi$/m);
  expect(text).toMatch(/previews 'welcome' +used: 'hello' as developer, from Ada Lovelace/);
  expect(text).toMatch(/previews 'forged' +error: INVITATION_INVALID/);
  const trail = (lines: readonly string[]): string[] => lines.filter((line) => /^ +\d+\.\d /.test(line));
  expect(trail(second.lines)).toEqual(trail(first.lines));
  expect(trail(second.lines)).toHaveLength(4);
  expect(second.lines.at(-1)).toBe(
    '25 steps, all played before. To play them again, delete tenantry.sqlite*',
  );
});

test.concurrent('plays two stories about the same people on one database', async () => {
  const url = `file:${join(await ownFolder(), 'story.sqlite')}`;
  await quickstart([], { url });

  const { exitCode, lines, errors } = await quickstart(['examples/stories/handover.json'], { url });

  expect(errors).toBe('');
  expect(exitCode).toBe(0);
  expect(lines.at(-1)).toBe('36 steps, 10 of them fail, all as expected');
});

describe.each(kinds)('on $name', ({ name, on }) => {
  test.concurrent('links, sessions and reservations of one process are valid in the next', () =>
    on(async (url) => {
      const ada = { by: 'ada', workspace: 'team' };
      const reserved = { do: 'reserve', ...ada, reservation: 'db', amounts: { pods: '2' } };
      const first = await quickstart([await fileOf(story([...opening, reserved]))], { url });
      expect(first.errors).toBe('');
      expect(first.lines[1]).toContain(`on ${name}, `);
      expect(numbersIn(first.lines)).toEqual(upTo(6));

      const more = [
        { do: 'verify', by: 'ada' },
        { do: 'accept', by: 'ben', link: 'welcome' },
        { do: 'commit', ...ada, reservation: 'db' },
        { do: 'quota', ...ada },
      ];
      const second = await quickstart([await fileOf(story([...opening, reserved, ...more]))], { url });

      expect(second.errors).toBe('');
      expect(second.exitCode).toBe(0);
      const text = second.lines.join('\n');
      expect(text).toContain('6 of 10 steps were played before. Continuing:');
      expect(numbersIn(second.lines)).toEqual([7, 8, 9, 10]);
      expect(text).toMatch(/accepts 'welcome' +developer of 'Tëam'/);
      expect(text).toMatch(/^ +pods +5 +2 +0$/m);
      expect(second.lines.at(-1)).toBe('10 steps, 0 of them fail, all as expected');
    }));

  test.concurrent('the next process continues after one that was killed', () =>
    on(async (url) => {
      // More output than the pipe buffers: the process cannot pass this step before it is killed.
      const note = 'x'.repeat(1024 * 1024);
      const file = await fileOf(
        story([
          ...opening,
          { do: 'accept', by: 'ben', link: 'welcome', note },
          { do: 'leave', by: 'ben', workspace: 'team' },
          { do: 'audit', by: 'ada', workspace: 'team' },
        ]),
      );
      const killed = await quickstart([file], { url, kill: (line) => line.startsWith('  5  ') });
      expect(killed.exitCode).toBeNull();
      expect(numbersIn(killed.lines)).toEqual(upTo(5));

      const { exitCode, lines, errors } = await quickstart([file], { url });

      expect(errors).toBe('');
      expect(exitCode).toBe(0);
      // It ended before or after the sixth step, but not within it.
      expect([
        [6, 7, 8],
        [7, 8],
      ]).toContainEqual(numbersIn(lines));
      const types = lines.flatMap((line) => /^ +\d+\.\d .* ([a-z]+\.[a-z]+) /.exec(line)?.[1] ?? []);
      expect(types).toEqual([
        'workspace.created',
        'invitation.created',
        'invitation.accepted',
        'member.joined',
        'member.left',
      ]);
    }));

  test.concurrent('a run that ends within any step neither loses nor repeats it', () =>
    on(async (url) => {
      const whole = readStory('examples/story.json');
      const lines: string[] = [];
      for (const index of whole.steps.keys()) {
        // the first transaction reads the progress, the second plays one step
        const failing = index === 0 ? 2 : 3;
        const run = playOn(url, whole, { lines, wrap: (database) => failingAt(failing, database) });
        await expect(run).rejects.toThrow('the power is out');
      }

      expect(await playOn(url, whole, { lines })).toBeNull();

      expect(numbersIn(lines)).toEqual(upTo(25));
      expect(lines.filter((line) => /^ +\d+\.\d /.test(line))).toHaveLength(4);
      expect(lines.filter((line) => line.startsWith('           pods ')).at(-1)).toMatch(/ 20 +1 +3$/);
    }));

  test.concurrent('a step that differs is rolled back, and repeated when it is fixed', () =>
    on(async (url) => {
      const create = { do: 'create', by: 'ada', workspace: 'team' };
      const wrong = story([opening[0], { ...create, expect: 'NAME_TAKEN' }]);
      const right = story([opening[0], create]);
      const file = await fileOf(wrong);
      const fixed = await fileOf(right);

      expect(await playOn(url, readStory(file))).toBe(
        'steps[1] (create, line 2) succeeds, but NAME_TAKEN is expected',
      );
      const lines: string[] = [];
      expect(await playOn(url, readStory(fixed), { lines })).toBeNull();
      expect(numbersIn(lines)).toEqual([2]);
    }));

  test.concurrent('of two processes that play one story concurrently, one fails', () =>
    on(async (url) => {
      const whole = readStory(await fileOf(story(opening)));
      let begun = false;
      const overtaken = playOn(url, whole, {
        wrap: (database) => ({
          ...database,
          transaction: async (work) => {
            if (begun) expect(await playOn(url, whole)).toBeNull();
            begun = true;
            return database.transaction(work);
          },
        }),
      });

      await expect(overtaken).rejects.toThrow('another process is playing this story on this database');
    }));
});

test('a story whose played steps were changed is rejected', async () => {
  const file = join(await ownFolder(), 'story.sqlite');
  const url = `sqlite:${file}`;
  expect(await playOn(url, readStory(await fileOf(story(opening))))).toBeNull();
  const [ada, ben, create, ...rest] = opening;

  const noted = story([{ ...ada, note: 'Good morning.' }, ben, create, ...rest]);
  expect(await playOn(url, readStory(await fileOf(noted)))).toBeNull();

  const changed = story([ada, ben, { ...create, name: 'Band' }, ...rest]);
  const problem = `steps[2] (line 3) differs from the step that was played on this database: give the story another title, or delete ${file}*`;
  expect(await playOn(url, readStory(await fileOf(changed)))).toBe(problem);
  const shortened = readStory(await fileOf(story([ada, ben])));
  expect(await playOn(url, shortened)).toBe(problem);
});

describe('a missing database is reported in one line', () => {
  const schemes = 'sqlite:, file:, postgres:, postgresql:, mysql:, mariadb: or memory:';

  test.concurrent('an unknown scheme ends with exit code 2', async () => {
    const { exitCode, lines, errors } = await quickstart([], {
      url: 'mongodb://ada:a-password@127.0.0.1/story',
    });

    expect(errors).toBe(`DATABASE_URL starts with 'mongodb:': it must start with ${schemes}\n`);
    expect(lines).toEqual([]);
    expect(exitCode).toBe(2);
  });

  test.concurrent('a server that does not answer ends with exit code 1', async () => {
    const { exitCode, lines, errors } = await quickstart([], {
      url: 'postgres://ada:a-password@127.0.0.1:1/story',
    });

    expect(errors).toBe(
      'PostgreSQL, 127.0.0.1:1/story: cannot be opened: connect ECONNREFUSED 127.0.0.1:1\n',
    );
    expect(lines).toEqual([]);
    expect(exitCode).toBe(1);
  });

  const cases: readonly [string, boolean, string][] = [
    ['a-password', true, `DATABASE_URL is not a URL: it must start with ${schemes}`],
    ['sqlite:', true, 'DATABASE_URL names no file: sqlite:'],
    ['file:package.json', false, 'SQLite, package.json: cannot be opened: file is not a database'],
    [
      'mysql://ada:a-password@127.0.0.1:1/story',
      false,
      'MySQL, 127.0.0.1:1/story: cannot be opened: connect ECONNREFUSED 127.0.0.1:1',
    ],
    [
      'mariadb://ada:a-password@127.0.0.1:1/story',
      false,
      'MariaDB, 127.0.0.1:1/story: cannot be opened: connect ECONNREFUSED 127.0.0.1:1',
    ],
    [
      'postgres://ada:a-password@127.0.0.1:port/story',
      false,
      'PostgreSQL, DATABASE_URL: cannot be opened: Invalid URL',
    ],
    [
      'mysql://ada:a-password@127.0.0.1:port/story',
      false,
      'MySQL, DATABASE_URL: cannot be opened: Invalid URL',
    ],
  ];
  test.each(cases)('%s', async (url, isUsage, message) => {
    await expect(openDatabase(url)).rejects.toMatchObject({ isUsage, message });
  });
});

async function playOn(
  url: string,
  whole: Story,
  {
    lines = [],
    wrap = (database) => database,
  }: { readonly lines?: string[]; readonly wrap?: (database: Database) => Database } = {},
): Promise<string | null> {
  const database = await openDatabase(url, whole.quota);
  try {
    return await play(whole, { database: wrap(database), print: (line) => lines.push(line) });
  } finally {
    await database.close();
  }
}

/** Does all work of this transaction and then fails before the commit. */
function failingAt(number: number, database: Database): Database {
  let begun = 0;
  return {
    ...database,
    transaction(work) {
      begun += 1;
      if (begun !== number) return database.transaction(work);
      return database.transaction(async (adapters) => {
        await work(adapters);
        throw new Error('the power is out');
      });
    },
  };
}

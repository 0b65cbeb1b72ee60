// The quick start as a process, on the built package: its output and its exit codes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryDatabase } from '../../examples/database.js';
import { syntaxProblem } from '../../examples/json-syntax.js';
import { play } from '../../examples/play.js';
import { readStory } from '../../examples/story.js';
import { quickstart } from './process.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-story-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Plays a story in memory, in this process. */
function playHere(file: string, print: (line: string) => void = () => undefined): Promise<string | null> {
  const story = readStory(file);
  return play(story, { database: memoryDatabase(story.quota), print });
}

let files = 0;

/** The name of the file as the quick start prints it. */
async function fileOf(content: unknown): Promise<string> {
  const file = join(folder, `${files++}.json`);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return relative('', file);
}

function story(steps: readonly unknown[], people: object = { ada: {}, ben: {} }): object {
  return { title: 'a test', people, steps };
}

describe('a story that succeeds', () => {
  test.concurrent('the default story: a workspace, a link, permissions, errors, a quota, the audit log', async () => {
    const { exitCode, lines, errors } = await quickstart([]);

    expect(errors).toBe('');
    expect(exitCode).toBe(0);
    const text = lines.join('\n');
    expect(text).toMatch(/ada {3}signs in +has ws-[a-z0-9]{16}, personal/);
    expect(text).toMatch(/^ +https:\/\/app\.example\/join#[\w-]+\.[\w-]+\.[\w-]+$/m);
    expect(text).toMatch(/ben {3}previews 'welcome' +open: 'hello' as developer, from Ada Lovelace/);
    expect(text).toMatch(/ben {3}accepts 'welcome' +developer of 'hello'/);
    expect(text).toMatch(/resource:view in 'hello' +yes: granted to developer/);
    expect(text).toMatch(/resource:create in 'hello' +no: not-granted to developer/);
    expect(text).toMatch(/eve {3}accepts 'welcome' +error: INVITATION_USED/);
    expect(text).toMatch(/eve {3}accepts 'forged' +error: INVITATION_INVALID/);
    expect(text).toMatch(/ada {3}invites a developer to 'ada' +error: PERSONAL_WORKSPACE/);
    expect(text).toMatch(/ada {3}deletes 'ada' +error: PERSONAL_WORKSPACE/);
    expect(text).toMatch(
      /ada {3}commits 'database' +committed: limits\.cpu 1500m, limits\.memory 1536Mi, pods 1/,
    );
    const denied = lines.findIndex((line) => line.endsWith('error: QUOTA_EXCEEDED'));
    expect(lines.slice(denied + 1, denied + 4).map((line) => line.slice(11))).toEqual([
      'resource       requested    used  reserved  limit  exceeded by',
      'limits.cpu             3   1500m         0      4         500m',
      'limits.memory        7Gi  1536Mi         0    8Gi        512Mi',
    ]);
    expect(text).toMatch(/^ +limits\.memory +16Gi +1536Mi +7Gi$/m);
    const trail = ['workspace.created', 'invitation.created', 'invitation.accepted', 'member.joined'];
    expect(lines.flatMap((line) => trail.filter((type) => line.includes(type)))).toEqual(trail);
    expect(lines.at(-1)).toBe('25 steps, 6 of them fail, all as expected');
  });

  test.concurrent('the handover story', async () => {
    const { exitCode, lines, errors } = await quickstart(['examples/stories/handover.json']);

    expect(errors).toBe('');
    expect(exitCode).toBe(0);
    const text = lines.join('\n');
    expect(text).toMatch(/accept 'one seat' +1 of 3 joined/);
    expect(text.match(/(linus|mia|noor): developer/g)).toHaveLength(1);
    expect(text).toContain('issuer-lost-right');
    expect(text).toMatch(/verifies the last session token +error: SESSION_STALE/);
    expect(lines.at(-1)).toBe('36 steps, 10 of them fail, all as expected');
  });

  test.concurrent('a story with the steps that those two leave out', async () => {
    const file = await fileOf(
      story(
        [
          { do: 'open', by: 'ada' },
          { do: 'open', by: 'ben' },
          { do: 'renameAccount', by: 'ada', to: 'countess' },
          { do: 'create', by: 'ada', workspace: 'team', name: 'The Team' },
          { do: 'invite', by: 'ada', workspace: 'team', role: 'developer', person: 'ben', link: 'no' },
          { do: 'decline', by: 'ben', link: 'no' },
          { do: 'accept', by: 'ben', link: 'no', expect: 'INVITATION_DECLINED' },
          { do: 'invite', by: 'host', workspace: 'team', role: 'developer', uses: 'unlimited', link: 'all' },
          { do: 'preview', by: 'ben', link: 'all', status: 'open' },
          { do: 'accept', by: 'ben', link: 'all' },
          { do: 'revoke', by: 'ada', link: 'all' },
          { do: 'changeRole', by: 'ada', workspace: 'team', person: 'ben', role: 'manager' },
          { do: 'can', by: 'host', workspace: 'team', permission: 'workspace:delete', allowed: true },
          { do: 'switch', by: 'ben', workspace: 'team' },
          { do: 'verify', by: 'ben' },
          { do: 'workspaces', by: 'ben' },
          { do: 'leave', by: 'ben', workspace: 'team' },
        ],
        { ada: {}, ben: {}, host: { operator: true } },
      ),
    );

    const { exitCode, lines, errors } = await quickstart([file]);

    expect(errors).toBe('');
    expect(exitCode).toBe(0);
    const text = lines.join('\n');
    expect(text).toMatch(/ada {3}takes the username 'countess' +is now 'countess'/);
    expect(text).toMatch(/open: 'The Team' as developer, from the host/);
    expect(text).toMatch(/host {2}asks for workspace:delete in 'team' +yes: operator/);
    expect(text).toMatch(/ben {3}verifies the last session token +valid, as manager/);
    expect(text).toMatch(/^ +manager +'The Team'$/m);
  });
});

test('a story without quotas admits no reservation until an operator sets a limit', async () => {
  const ada = { by: 'ada', workspace: 'ada' };
  const pods = { reservation: 'pods', amounts: { pods: '3' } };
  const file = await fileOf(
    story(
      [
        { do: 'open', by: 'ada' },
        { do: 'reserve', ...ada, ...pods, expect: 'INVALID_INPUT' },
        { do: 'setQuota', by: 'host', workspace: 'ada', limits: { pods: '3', gpus: 'unlimited' } },
        { do: 'reserve', ...ada, ...pods, minutes: 1 },
        { do: 'wait', days: 0.5 },
        { do: 'commit', ...ada, reservation: 'pods' },
        { do: 'setQuota', by: 'host', workspace: 'ada', limits: { pods: '2' } },
        { do: 'release', ...ada, reservation: 'pods' },
        { do: 'commit', ...ada, reservation: 'pods', expect: 'RESERVATION_NOT_FOUND' },
        { do: 'quota', ...ada },
      ],
      { ada: {}, host: { operator: true } },
    ),
  );
  const lines: string[] = [];

  expect(await playHere(file, (line) => lines.push(line))).toBeNull();
  expect(lines.filter((line) => line.includes('pods  ')).map((line) => line.trim())).toEqual([
    'pods              3     0         0',
    'pods              2     3         0  over limit',
    'pods              2     0         0',
  ]);
});

describe('a story that differs ends with exit code 1 and the position', () => {
  const open = { do: 'open', by: 'ada' };
  const cases: readonly [string, readonly unknown[], string][] = [
    [
      'succeeds where an error is expected',
      [open, { do: 'create', by: 'ada', workspace: 'team', expect: 'NAME_TAKEN' }],
      'steps[1] (create, line 2) succeeds, but NAME_TAKEN is expected',
    ],
    [
      'fails where no error is expected',
      [open, { do: 'create', by: 'ben', workspace: 'team' }],
      'steps[1] (create, line 2) fails with ACCOUNT_NOT_FOUND: the account does not exist',
    ],
    [
      'fails with another code',
      [open, { do: 'delete', by: 'ada', workspace: 'ada', expect: 'OWNER_REQUIRED' }],
      'steps[1] (delete, line 2) fails with PERSONAL_WORKSPACE, not with OWNER_REQUIRED',
    ],
    [
      'allowed where it should not be',
      [open, { do: 'can', by: 'ada', workspace: 'ada', permission: 'resource:view', allowed: false }],
      'steps[1] (can, line 2) is allowed: granted',
    ],
  ];
  test.each(cases)('%s', async (_title, steps, problem) => {
    expect(await playHere(await fileOf(story(steps)))).toBe(problem);
  });

  test.concurrent('as a process', async () => {
    const file = await fileOf(story([{ ...open, expect: 'USERNAME_TAKEN' }]));

    const { exitCode, lines, errors } = await quickstart([file]);

    expect(lines.at(-1)).toMatch(/^ {2}1 {2}ada {2}signs in {2}has ws-/);
    expect(errors).toBe(`${file}: steps[0] (open, line 1) succeeds, but USERNAME_TAKEN is expected\n`);
    expect(exitCode).toBe(1);
  });
});

describe('an invalid file ends with exit code 2 and one line', () => {
  test.concurrent('a missing file', async () => {
    const { exitCode, lines, errors } = await quickstart(['no/such/story.json']);

    expect(errors).toBe('no/such/story.json: no such file\n');
    expect(lines).toEqual([]);
    expect(exitCode).toBe(2);
  });

  test.concurrent('a file that is not JSON', async () => {
    const file = await fileOf('{\n  "title": "x",\n  "people": {}\n  "steps": []\n}\n');

    const { exitCode, errors } = await quickstart([file]);

    expect(errors).toBe(`${file}:4:3: ',' or '}' is expected here\n`);
    expect(exitCode).toBe(2);
  });

  test.concurrent('a step that does not exist', async () => {
    const file = await fileOf(story([{ do: 'fly', by: 'ada' }]));

    const { exitCode, errors } = await quickstart([file]);

    expect(errors).toMatch(/: steps\[0\]\.do is not a step. The steps are open, .+, wait\n$/);
    expect(exitCode).toBe(2);
  });

  test.concurrent('more than one file', async () => {
    const { exitCode, errors } = await quickstart(['one.json', 'two.json']);

    expect(errors).toBe('usage: [DATABASE_URL=...] npm run quickstart [-- story.json]\n');
    expect(exitCode).toBe(2);
  });
});

describe('an invalid story is reported with the position', () => {
  const open = { do: 'open', by: 'ada' };
  const ada = { by: 'ada', workspace: 'ada' };
  const cases: readonly [string, unknown, string][] = [
    ['a list', [], 'the story must be of type object'],
    ['no steps', story([]), 'steps must not be empty'],
    ['a step without a verb', story([{ by: 'ada' }]), 'steps[0].do is missing'],
    ['a number for a step', story([1]), 'steps[0] must be of type object'],
    ['an unknown key', story([{ ...open, rolle: 1 }]), 'steps[0].rolle is not a known key'],
    [
      'an unknown key of a person',
      story([open], { ada: { emial: '' } }),
      'people.ada.emial is not a known key',
    ],
    [
      'a person of the wrong type',
      story([open], { ada: { email: 4 } }),
      'people.ada.email must be of type string',
    ],
    ['a missing field', story([open, { do: 'rename', ...ada }]), 'steps[1].to is missing'],
    [
      'an unknown role',
      story([open, { do: 'invite', ...ada, role: 'king' }]),
      "steps[1].role must be 'manager' or 'developer'",
    ],
    [
      'an unknown person',
      story([open, { do: 'remove', ...ada, person: 'zoe' }]),
      "steps[1].person is 'zoe', who is not among the people",
    ],
    [
      'a name that every object inherits',
      story([{ do: 'open', by: 'constructor' }]),
      "steps[0].by is 'constructor', who is not among the people",
    ],
    [
      'an unknown workspace',
      story([open, { do: 'members', by: 'ada', workspace: 'team' }]),
      "steps[1].workspace is 'team', which no earlier step has created",
    ],
    [
      'an unknown link',
      story([open, { do: 'accept', by: 'ada', link: 'welcome' }]),
      "steps[1].link is 'welcome', which no earlier step has created",
    ],
    [
      'an operator who signs in',
      story([open], { ada: { operator: true } }),
      "steps[0].by is 'ada', an operator, but this step is for people",
    ],
    [
      'a name used twice',
      story([open, { do: 'create', ...ada }]),
      "steps[1].workspace is 'ada', a label that is in use: choose another, and set 'name'",
    ],
    [
      'an invalid code',
      story([{ ...open, expect: 'no' }]),
      'steps[0].expect must be an error code, such as INVITATION_USED',
    ],
    [
      'an invalid limit',
      { ...story([open]), quota: { pods: '-1' } },
      "quota.pods must be a quantity from 0, such as 500m or 2Gi, or 'unlimited'",
    ],
    [
      'a limit of the wrong type',
      { ...story([open]), quota: { pods: 20 } },
      'quota.pods must be of type string',
    ],
    [
      'a person who sets a quota',
      story([open, { do: 'setQuota', ...ada, limits: { pods: '1' } }]),
      "steps[1].by is 'ada', but this step is for operators",
    ],
    [
      'a wait of zero days',
      story([{ do: 'wait', days: 0 }]),
      'steps[0].days must be more than 0 and at most 3650',
    ],
  ];
  test.each(cases)('%s', async (_title, content, problem) => {
    const file = await fileOf(content);

    expect(() => readStory(file)).toThrow(`${file}: ${problem}`);
  });
});

describe('the position of a JSON syntax error', () => {
  const cases: readonly [string, string, number, number][] = [
    ['an empty text', '', 1, 1],
    ['a comma too many', '[1,\n  ]', 2, 3],
    ['a comma too few', '[1 2]', 1, 4],
    ['a bare name', '{a: 1}', 1, 2],
    ['a missing colon', '{"a" 1}', 1, 6],
    ['a string without an end', '{\n"a": "b\n}', 2, 6],
    ['a bad escape', '["\\q"]', 1, 2],
    ['a number with a leading zero', '[01]', 1, 2],
    ['something after the end', '{} x', 1, 4],
    ['an open list', '[[1]', 1, 5],
  ];
  test.each(cases)('%s', (_title, text, line, column) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(syntaxProblem(text)).toMatchObject({ line, column });
  });

  test.each(['{}', ' [ 1 , -0.5e+3, "\\u00e9\\n" , { "a" : [ ] } , true, null ] ', '"\u2028"'])(
    'none in %s',
    (text) => {
      JSON.parse(text);
      expect(syntaxProblem(text)).toBeNull();
    },
  );
});

// What operators find: accounts and workspaces of all tenants, by filters, page by page.
import { beforeAll, describe, expect, test } from 'vitest';
import type { WorkspaceService } from '../../src/index.js';
import { call } from '../methods.js';
import { aroundStorage } from './around-storage.js';
import {
  ada,
  createTeam,
  dev,
  everyItem,
  mia,
  openAccounts,
  outcome,
  root,
  sam,
  serviceOn,
  type Team,
} from './team.js';

let team: Team;
let workspaces: WorkspaceService;
let suspended: string;

beforeAll(async () => {
  team = await createTeam();
  ({ workspaces } = team);
  await openAccounts(workspaces, 'adam', 'Adele', 'zoe', '\u{1F600} smile');
  suspended = (await workspaces.createWorkspace(mia, { name: 'Held' })).id;
  await workspaces.suspendWorkspace(root, { workspaceId: suspended, reason: 'unpaid' });
  await workspaces.closeAccount(root, { userId: 'zoe' });
  const failing = aroundStorage(team.storage, (run, { method }) =>
    method === 'listWorkspaces' ? Promise.reject(new Error('lost')) : run(),
  );
  await outcome(serviceOn(failing).closeAccount(root, { userId: 'adam' }));
});

describe('findAccounts', () => {
  const found = async (filter: object) =>
    (await everyItem((cursor) => workspaces.findAccounts(root, { ...filter, limit: 2, cursor }))).map(
      ({ userId }) => userId,
    );

  test('T-13 finds all accounts once, page by page, also closed ones', async () => {
    expect(await found({})).toEqual(['zoe', 'ada', 'adam', 'Adele', 'dev', 'mia', 'sam', '\u{1F600} smile']);
  });

  test.each<[filter: object, userIds: readonly string[]]>([
    [{ usernamePrefix: 'AD' }, ['ada', 'adam', 'Adele']],
    [{ usernamePrefix: 'ad', status: 'open' }, ['ada', 'Adele']],
    [{ usernamePrefix: 'ad', status: 'closing' }, ['adam']],
    [{ usernamePrefix: 'zoe' }, []],
    [{ status: 'closed' }, ['zoe']],
    [{ userId: 'zoe' }, ['zoe']],
    [{ userId: 'zoe', status: 'open' }, []],
    [{ userId: 'ada', usernamePrefix: 'ada' }, ['ada']],
    [{ userId: 'ada', usernamePrefix: 'z' }, []],
    [{ userId: 'never' }, []],
    [{ usernamePrefix: '\u{1F600}' }, ['\u{1F600} smile']],
  ])('T-13 %j', async (filter, userIds) => {
    expect(await found(filter)).toEqual(userIds);
  });

  test('an account is shown with its status and the number of owned teams', async () => {
    const { items } = await workspaces.findAccounts(root, { userId: 'ada' });
    const { account } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    expect(items).toEqual([{ ...account, status: 'open', ownedTeams: 1 }]);
    expect(Object.isFrozen(items[0])).toBe(true);
  });
});

describe('findWorkspaces', () => {
  const found = (filter: object) =>
    everyItem((cursor) => workspaces.findWorkspaces(root, { ...filter, limit: 2, cursor }));

  test('T-13 finds all workspaces once, by id, page by page', async () => {
    const all = await found({});
    expect(all.map(({ id }) => id)).toEqual(
      team.storage
        .dump()
        .workspaces.map(({ id }) => id)
        .sort(),
    );
  });

  test('T-13 every filter, alone and with others', async () => {
    const { workspaceId } = team;
    const ids = async (filter: object) => (await found(filter)).map(({ id }) => id);
    expect(await ids({ kind: 'team' })).toEqual([workspaceId, suspended].sort());
    expect(await ids({ ownerId: 'ada', kind: 'team' })).toEqual([workspaceId]);
    expect((await found({ ownerId: 'mia' })).map(({ name }) => name).sort()).toEqual(['Held', 'mia']);
    expect(await ids({ status: 'suspended' })).toEqual([suspended]);
    expect(await ids({ status: 'suspended', ownerId: 'ada' })).toEqual([]);
    expect(await ids({ status: 'suspended', kind: 'personal' })).toEqual([]);
    expect(await ids({ workspaceId })).toEqual([workspaceId]);
    expect(await ids({ workspaceId, ownerId: 'mia' })).toEqual([]);
    expect(await ids({ workspaceId, kind: 'personal' })).toEqual([]);
    expect(await ids({ workspaceId, status: 'suspended' })).toEqual([]);
    expect(await ids({ workspaceId: 'ws-none' })).toEqual([]);
  });
});

test('T-13 a cursor is good for its list and its filters alone', async () => {
  const { nextCursor: cursor } = await workspaces.findAccounts(root, { limit: 1, usernamePrefix: 'ad' });
  const { nextCursor: other } = await workspaces.findWorkspaces(root, { limit: 1, kind: 'personal' });
  expect(await outcome(workspaces.findAccounts(root, { usernamePrefix: 'AD', cursor }))).toBe('ok');
  for (const call of [
    workspaces.findAccounts(root, { cursor }),
    workspaces.findAccounts(root, { usernamePrefix: 'a', cursor }),
    workspaces.findAccounts(root, { usernamePrefix: 'ad', status: 'open', cursor }),
    workspaces.findWorkspaces(root, { cursor: other }),
    workspaces.findWorkspaces(root, { kind: 'team', cursor: other }),
    workspaces.findWorkspaces(root, { cursor }),
  ]) {
    expect(await outcome(call)).toBe('INVALID_INPUT');
  }
});

test('T-03 T-13 a username of the longest key has a cursor', async () => {
  const owned = await createTeam({ uniqueUsernames: false });
  const userId = 'u'.repeat(256);
  // 100 characters whose folded form is the longest.
  const username = '\u{1D400}'.repeat(100);
  for (const id of [userId, `${userId.slice(1)}v`])
    await owned.workspaces.openAccount({ userId: id, username });
  const all = await everyItem((cursor) => owned.workspaces.findAccounts(root, { limit: 1, cursor }));
  expect(all).toHaveLength(6);
});

test.each([ada, mia, dev, sam])('T-01 no user finds anything: %j', async (actor) => {
  for (const name of ['findAccounts', 'findWorkspaces'] as const) {
    expect(await outcome(call(workspaces, name, { actor, input: {} }))).toBe('INVALID_INPUT');
  }
});

test('T-02 an answer of the storage that the filter does not admit is UNAVAILABLE', async () => {
  const { storage } = team;
  const all = { after: null, limit: 50 };
  const wrong = serviceOn({
    ...storage,
    findAccounts: () => storage.findAccounts(all),
    findWorkspaces: () => storage.findWorkspaces(all),
  });
  expect(await outcome(wrong.findAccounts(root, { usernamePrefix: 'ad' }))).toBe('UNAVAILABLE');
  expect(await outcome(wrong.findAccounts(root, { status: 'open' }))).toBe('UNAVAILABLE');
  expect(await outcome(wrong.findWorkspaces(root, { kind: 'team' }))).toBe('UNAVAILABLE');
  expect(await outcome(wrong.findWorkspaces(root, { status: 'active' }))).toBe('UNAVAILABLE');
  expect(await outcome(wrong.findWorkspaces(root, { ownerId: 'ada' }))).toBe('UNAVAILABLE');
});

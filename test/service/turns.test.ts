// The queue of a workspace: whose turn it is, who is not let in, and what is not old when its turn comes.
import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../../src/index.js';
import { createTestWorkspaces, fixedClock } from '../../src/testing/index.js';
import { ada, createTeam, outcome } from './team.js';

async function start() {
  const loaded: string[] = [];
  let before = 0;
  const { workspaces, workspaceId } = await createTeam({}, (storage) => ({
    ...storage,
    load: (readSet) => {
      loaded.push(...(readSet.members ?? []));
      return storage.load(readSet);
    },
    commit: (commit) => {
      before = loaded.length;
      return storage.commit(commit);
    },
  }));
  loaded.length = 0;
  const rename = (userId: string, name: string) =>
    outcome(workspaces.renameWorkspace({ userId }, { workspaceId, name }));
  return { rename, loaded, loadedBeforeCommit: () => before };
}

describe('the queue of a workspace', () => {
  test('T-16 callers without access do not hold it up, in any number', async () => {
    const { rename, loaded, loadedBeforeCommit } = await start();
    const strangers = Array.from({ length: 200 }, (_, number) => rename(`eve-${number}`, 'mine'));
    expect(await rename('ada', 'ours')).toBe('ok');
    expect(new Set(await Promise.all(strangers))).toEqual(new Set(['WORKSPACE_NOT_FOUND']));
    // The one that ran, those that waited before there were many, and the owner.
    expect(loaded).toHaveLength(10);
    expect(loadedBeforeCommit()).toBeLessThanOrEqual(10);
  });

  test('T-16 one caller who sends many commands leaves a turn to every other caller', async () => {
    const { rename, loaded } = await start();
    const many = Array.from({ length: 100 }, (_, number) => rename('mia', `name ${number}`));
    expect(await rename('ada', 'ours')).toBe('ok');
    expect(loaded.length).toBeLessThanOrEqual(4);
    expect(new Set(await Promise.all(many))).toEqual(new Set(['PERMISSION_DENIED']));
  });
});

test('I-09 an invitation that waits in the queue longer than it lives is issued when its turn comes', async () => {
  const clock = fixedClock();
  let answer = (): void => undefined;
  let waits = false;
  let ask = (): void => undefined;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const limits = async () => {
    if (waits) {
      waits = false;
      ask();
      await new Promise<void>((resolve) => (answer = resolve));
    }
    return defaultLimits;
  };
  const { workspaces } = createTestWorkspaces({ clock, limits });
  await workspaces.openAccount({ ...ada, username: 'ada' });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'team' });
  waits = true;
  const first = workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
  const second = workspaces.inviteMember(ada, { workspaceId, role: 'developer', expiresInSeconds: 60 });
  await asked;
  clock.advance(61_000);
  answer();
  await first;
  const { invitation, token } = await second;
  expect(invitation.status).toBe('open');
  expect((await workspaces.previewInvitation({ token })).status).toBe('open');
});

// The desk without a mouse: which controls the keys reach, that the focus is visible, and that a live refresh keeps it.
import { expect, test } from 'vitest';
import { controlsOf, focusOf, walkByTab } from './focus.js';
import type { Person } from './person.js';
import { bring, createWorkspace, invite, send } from './setup.js';
import { onStage } from './stage.js';
import { button, field, heading, row, see, seeNoMore, watch } from './steps.js';

onStage((stage) => {
  test('the first Tab reaches the skip link, and the keyboard opens, closes and uses the switcher', async () => {
    const ada = await stage.person('Ada');
    const { keyboard } = ada.page;
    await createWorkspace(ada, 'Alder');
    await createWorkspace(ada, 'Birch');
    await ada.page.goto('/');
    await see(heading(ada, 'Birch'));

    await keyboard.press('Tab');
    expect(await focusOf(ada)).toEqual({ name: 'Skip to content', isSeen: true });
    await keyboard.press('Enter');
    await keyboard.press('Tab');
    expect(await focusOf(ada)).toEqual({ name: 'Members', isSeen: true });

    const opener = { name: 'Workspace: Birch, Owner. Switch workspace', isSeen: true };
    for (let presses = 0; presses < 2; presses++) await keyboard.press('Shift+Tab');
    while ((await focusOf(ada)).name !== opener.name) await keyboard.press('Shift+Tab');
    expect(await focusOf(ada)).toEqual(opener);
    const switcher = ada.page.getByRole('navigation', { name: 'Workspaces' });
    await keyboard.press('Enter');
    await see(switcher);
    await keyboard.press('Tab');
    await keyboard.press('Escape');
    await seeNoMore(switcher);
    expect(await focusOf(ada)).toEqual(opener);

    await keyboard.press('Space');
    await see(switcher);
    while (!(await focusOf(ada)).name.startsWith('AAlder')) await keyboard.press('Tab');
    expect((await focusOf(ada)).isSeen).toBe(true);
    await keyboard.press('Enter');
    await see(heading(ada, 'Alder'));
  });

  test('Tab reaches each control in page order, with a visible focus', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Stops');
    await bring(ada, workspace, { person: ben, role: 'developer' });
    await invite(ada, workspace);
    for (const path of [workspace, `${workspace}/members`, '/workspaces', `${workspace}/activity`]) {
      await reachesAll(ada, path);
    }
    await reachesAll(ben, '/account');
  });

  test('a live refresh keeps the focus, also in an open menu', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Lamp');
    await bring(ada, workspace, { person: ben, role: 'manager' });
    await invite(ada, workspace, { role: 'manager' });
    await watch(ada, `${workspace}/members`);

    const revoke = button(ada, 'Revoke the invitation of one person with the link as manager');
    await revoke.focus();
    // an element that a script focuses matches :focus-visible only after a key press
    await ada.page.keyboard.press('Shift+Tab');
    await ada.page.keyboard.press('Tab');
    const before = await focusOf(ada);
    expect(before.isSeen).toBe(true);
    const cleo = await stage.person('Cleo');
    await bring(ada, workspace, { person: cleo, role: 'developer' });
    await see(row(ada, cleo.name));
    expect(await focusOf(ada)).toEqual(before);

    await ada.page.locator('#workspace-menu > summary').focus();
    await ada.page.keyboard.press('Enter');
    await ada.page.keyboard.press('Tab');
    const inMenu = await focusOf(ada);
    await send(ada, `${workspace}/rename`, { name: 'Lantern' });
    await see(ada.page.getByRole('navigation', { name: 'Workspaces' }).getByText('Lantern'));
    expect(await focusOf(ada)).toEqual(inMenu);
  });

  test('an invitation can be created with the keyboard alone', async () => {
    const ada = await stage.person('Ada');
    const { keyboard } = ada.page;
    await ada.page.goto(`${await createWorkspace(ada, 'Keys')}/invite`);
    const until = async (name: string): Promise<void> => {
      do await keyboard.press('Tab');
      while (!(await focusOf(ada)).name.startsWith(name));
    };

    await until('Developer');
    await keyboard.press('ArrowUp');
    await until('One person');
    await keyboard.press('ArrowDown');
    await until('Number of people');
    await keyboard.press('ArrowUp');
    await until('Create link');
    await keyboard.press('Enter');

    await see(ada.page.getByText('6 people can use it to join Keys as manager'));
    await see(field(ada, 'Link to send'));
  });
});

async function reachesAll(person: Person, path: string): Promise<void> {
  await person.page.goto(path);
  const stops = await walkByTab(person);
  expect(stops.map(({ name }) => name)).toEqual(await controlsOf(person));
  expect(stops.filter(({ isSeen }) => !isSeen)).toEqual([]);
}

// Two people in two browsers: each sees the changes of the other without reloading the page.
import type { Route } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Person } from './person.js';
import { bring, createResource, createWorkspace, invite, send } from './setup.js';
import { onStage } from './stage.js';
import { button, field, heading, link, notice, row, see, seeNoMore, unfold, watch } from './steps.js';

onStage((stage) => {
  test('a new member appears in the list; a new role and a new name appear in the top bar', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Larder');
    const url = await invite(ada, workspace);
    await watch(ada, `${workspace}/members`);
    await mark(ada);

    await ben.page.goto(url);
    await button(ben, 'Accept').click();
    await see(heading(ben, 'Larder'), row(ada, ben.name), ada.page.getByText('No open invitations.'));
    await see(notice(ada, 'This page was updated.'));
    await seeMark(ada);

    await watch(ben, workspace);
    await mark(ben);
    await field(ada, `Role of ${ben.name}`).selectOption('Manager');
    await button(ada, `Change the role of ${ben.name}`).click();
    await see(ben.page.getByLabel('Workspace: Larder, Manager. Switch workspace'), link(ben, 'Invite'));

    await ada.page.goto('/workspaces');
    await unfold(row(ada, 'Larder'), 'Rename…');
    await field(ada, 'New name of Larder').fill('Pantry');
    await button(ada, 'Rename Larder').click();
    await see(ben.page.getByLabel('Workspace: Pantry, Manager. Switch workspace'), heading(ben, 'Pantry'));
    expect(await ben.page.title()).toBe('Pantry · Desk');
    await seeMark(ben);
  });

  test('a new resource appears in the list and in the quota', async () => {
    const people = [
      await stage.person('Ada'),
      await stage.person('Ben'),
      await stage.person('Cleo'),
    ] as const;
    const [ada, ben, cleo] = people;
    const workspace = await createWorkspace(ada, 'Kiln');
    await bring(ada, workspace, { person: ben, role: 'developer' });
    await bring(ada, workspace, { person: cleo, role: 'manager' });
    await watch(ben, `${workspace}/resources`);
    await watch(cleo, `${workspace}/activity`);
    await Promise.all([mark(ben), mark(cleo)]);

    await createResource(ada, workspace, { name: 'orders', kind: 'database' });
    await see(row(ben, 'orders'), ben.page.getByText('1 used, 0 reserved, limit 10'));
    await ben.page.locator('[data-key="pods"] rect.used[width="10"]').waitFor({ state: 'attached' });

    await createResource(ada, workspace, { name: 'mail', kind: 'worker', how: 'start' });
    await see(row(ben, 'mail').getByText('Building, quota reserved until'));
    await see(ben.page.getByText('1 used, 2 reserved, limit 10'));
    await ben.page.locator('[data-key="pods"] rect.reserved[width="20"]').waitFor({ state: 'attached' });

    await send(ada, `${workspace}/rename`, { name: 'Oven' });
    await see(
      cleo.page.getByRole('listitem').getByText(`${ada.name} renamed the workspace from “Kiln” to “Oven”.`),
    );
    await Promise.all([seeMark(ben), seeMark(cleo)]);
  });

  test('a change between loading a page and opening its stream is not missed', async () => {
    const ada = await stage.person('Ada');
    const workspace = await createWorkspace(ada, 'Gap');
    const change = async (route: Route): Promise<void> => {
      await createResource(ada, workspace, { name: 'early' });
      await route.continue();
    };
    await ada.page.route('**/live', change, { times: 1 });

    await watch(ada, `${workspace}/resources`);

    await see(row(ada, 'early'));
  });

  test('a notice stays on the page when it is refreshed', async () => {
    const ada = await stage.person('Ada');
    const workspace = await createWorkspace(ada, 'Echo');
    await watch(ada, `${workspace}?notice=left`);

    await send(ada, `${workspace}/rename`, { name: 'Answer' });

    await see(heading(ada, 'Answer'), notice(ada, 'You left the workspace.'));
    expect(new URL(ada.page.url()).search).toBe('');
  });

  test('a refresh keeps form input and marks an outdated form', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Draft');
    await bring(ada, workspace, { person: ben, role: 'manager' });

    await watch(ben, `${workspace}/resources`);
    await field(ben, 'Name').fill('half a na');
    await ben.page.getByRole('radio', { name: /^Cache/ }).check();
    await field(ben, 'Name').focus();
    await createResource(ada, workspace, { name: 'orders' });
    await see(row(ben, 'orders'));
    await ben.page.keyboard.type('me');
    expect(await field(ben, 'Name').inputValue()).toBe('half a name');
    expect(await ben.page.getByRole('radio', { name: /^Cache/ }).isChecked()).toBe(true);
    await button(ben, 'Create').click();
    await see(row(ben, 'half a name').getByRole('cell', { name: 'Cache', exact: true }));

    await watch(ada, '/workspaces');
    await unfold(row(ada, 'Draft'), 'Rename…');
    await field(ada, 'New name of Draft').fill('Dra');
    await send(ada, `${workspace}/rename`, { name: 'Final' });
    await see(row(ada, 'Final').getByText('This page has changed.'));
    expect(await row(ada, 'Final').getByRole('textbox').first().inputValue()).toBe('Dra');
    await button(ada, 'Refresh').click();
    await seeNoMore(ada.page.getByText('This page has changed.'));
    await unfold(row(ada, 'Final'), 'Rename…');
    expect(await field(ada, 'New name of Final').inputValue()).toBe('Final');
  });
});

/** Marks a page. A reload removes the mark. */
async function mark({ page }: Person): Promise<void> {
  await page.evaluate('globalThis.isMarked = true');
}

async function seeMark({ page }: Person): Promise<void> {
  expect(await page.evaluate('globalThis.isMarked')).toBe(true);
}

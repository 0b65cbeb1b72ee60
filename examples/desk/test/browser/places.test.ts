// Workspaces and their members: limits of a personal workspace; joining, changing roles, transferring and leaving.
import { expect, test } from 'vitest';
import { bring, createWorkspace, personalOf } from './setup.js';
import { onStage } from './stage.js';
import {
  button,
  field,
  heading,
  link,
  notice,
  openSwitcher,
  row,
  see,
  seeNoMore,
  unfold,
  watch,
} from './steps.js';

onStage((stage) => {
  test('A-05 a personal workspace does not offer to invite or delete, and its forms say why', async () => {
    const ada = await stage.person('Ada');
    const personal = await personalOf(ada);
    for (const path of [personal, `${personal}/members`, '/workspaces']) {
      await ada.page.goto(path);
      await see(ada.page.getByRole('main'));
      for (const control of ['link', 'button', 'radio'] as const) {
        expect(await ada.page.getByRole(control, { name: /invit|delete|leave|remove|rename/i }).count()).toBe(
          0,
        );
      }
      expect(await ada.page.getByText(/^(Delete|Rename|Leave)/).count()).toBe(0);
    }

    await ada.page.goto(`${personal}/invite`);
    await see(ada.page.getByText('You cannot invite people to a personal workspace.'));
    await seeNoMore(button(ada, 'Create link'));
    expect(ada.refusals()).toEqual(['409 GET /w/:id/invite']);

    const answer = await ada.context.request.post(`${personal}/delete`, { form: { confirmName: ada.name } });
    expect(answer.status()).toBe(409);
    expect(await answer.text()).toContain('A personal workspace cannot be renamed, shared or deleted');
  });

  test('W-05 W-09 T-11 a deleted workspace sends its visitors to their own with a notice, and returns when it is restored', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Sandcastle');
    await bring(ada, workspace, { person: ben, role: 'manager' });
    await watch(ben, `${workspace}/resources`);

    await ada.page.goto('/workspaces');
    await unfold(row(ada, 'Sandcastle'), 'Delete…');
    await field(ada, 'Type Sandcastle to confirm').fill('sandcastle');
    await button(ada, 'Delete Sandcastle').click();
    await see(
      ada.page.getByText('The name that you typed is not the name of the workspace. Nothing was deleted.'),
    );
    expect(ada.refusals()).toEqual(['409 POST /w/:id/delete']);
    await link(ada, 'Go back').click();
    await unfold(row(ada, 'Sandcastle'), 'Delete…');
    await field(ada, 'Type Sandcastle to confirm').fill('Sandcastle');
    await button(ada, 'Delete Sandcastle').click();
    await see(notice(ada, 'The workspace was deleted.'));
    await seeNoMore(row(ada, 'Sandcastle').getByText('Delete…'));

    await see(heading(ben, ben.name), notice(ben, 'This workspace no longer exists'));
    // the page fetched itself once more and got a 404
    expect(ben.refusals()).toEqual(['404 GET /w/:id/resources']);
    const switcher = await openSwitcher(ben);
    await see(switcher.getByRole('button', { name: `${ben.name} Personal` }));
    await seeNoMore(switcher.getByRole('button', { name: /Sandcastle/ }));

    await watch(ben, '/workspaces');
    await button(ada, 'Restore Sandcastle').click();
    await see(notice(ada, 'The workspace was restored.'), row(ada, 'Sandcastle').getByText('Delete…'));
    await seeNoMore(button(ada, 'Restore Sandcastle'));
    await see(row(ben, 'Sandcastle'));
  });

  test('M-02 M-04 role changes and an ownership transfer are visible immediately', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Baton');
    await bring(ada, workspace, { person: ben, role: 'developer' });
    await ada.page.goto(`${workspace}/members`);
    await watch(ben, `${workspace}/members`);
    await see(ada.page.getByText('The owner cannot leave.'));

    await field(ada, `Role of ${ben.name}`).selectOption('Manager');
    await button(ada, `Change the role of ${ben.name}`).click();
    await see(row(ben, ben.name).getByRole('cell', { name: 'Manager' }), link(ben, 'Invite people'));

    await unfold(row(ada, ben.name), 'Make owner…');
    const transfer = button(ada, `Transfer ownership to ${ben.name}`);
    await transfer.click();
    // the box is not ticked, so the browser does not send the form
    await see(transfer);
    await field(ada, `${ben.name} becomes the owner of Baton, and I become a manager`).check();
    await transfer.click();

    await see(row(ada, ben.name).getByRole('cell', { name: 'Owner' }));
    await see(row(ada, ada.name).getByRole('cell', { name: 'Manager' }));
    await seeNoMore(field(ada, `Role of ${ben.name}`));
    await see(field(ben, `Role of ${ada.name}`), ben.page.getByText('The owner cannot leave.'));
  });

  test('M-05 a manager removes a developer, and leaves', async () => {
    const [ada, ben, cleo] = [
      await stage.person('Ada'),
      await stage.person('Ben'),
      await stage.person('Cleo'),
    ];
    const workspace = await createWorkspace(ada, 'Crew');
    await bring(ada, workspace, { person: ben, role: 'manager' });
    await bring(ada, workspace, { person: cleo, role: 'developer' });
    await ben.page.goto(`${workspace}/members`);
    await watch(cleo, workspace);
    expect(await row(ben, ada.name).getByText('Remove…').count()).toBe(0);

    await unfold(row(ben, cleo.name), 'Remove…');
    await button(ben, `Remove ${cleo.name}`).click();
    await seeNoMore(row(ben, cleo.name));
    await see(notice(cleo, 'you are no longer a member of it'), heading(cleo, cleo.name));
    expect(cleo.refusals()).toEqual(['404 GET /w/:id']);

    await unfold(ben.page.getByRole('main'), 'Leave this workspace…');
    await button(ben, 'Leave Crew').click();
    await see(heading(ben, ben.name), notice(ben, 'You left the workspace.'));
    await ben.page.goto(`${workspace}/members`);
    await see(heading(ben, 'Not found'));
    expect(ben.refusals()).toEqual(['404 GET /w/:id/members']);
    await ada.page.goto(`${workspace}/members`);
    await seeNoMore(row(ada, ben.name), row(ada, cleo.name));
  });

  test('A-09 closing an account ends at a page without a session, and the name is free', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Estate');
    await bring(ada, workspace, { person: ben, role: 'manager' });
    await watch(ada, `${workspace}/members`);
    await see(row(ada, ben.name));
    await ben.page.goto(workspace);
    await ben.page.locator('#account-menu > summary').click();
    await link(ben, 'Your account').click();
    await see(heading(ben, 'Your account'));
    await field(ben, 'Display name (optional)').fill('Benjamin');
    await button(ben, 'Save names').click();
    await see(notice(ben, 'Your names were saved.'));

    await unfold(ben.page.getByRole('main'), 'Close this account…');
    await field(ben, `Type ${ben.name} to confirm`).fill(ben.name);
    await button(ben, 'Close the account').click();
    await see(heading(ben, 'Your account is closed'));
    await seeNoMore(row(ada, ben.name));
    await link(ben, 'Sign in as another person').click();
    await field(ben, 'Your name').fill(ben.name);
    await button(ben, 'Sign in').click();
    await see(heading(ben, ben.name));
    await ben.page.goto(workspace);
    await see(heading(ben, 'Not found'));
    expect(ben.refusals()).toEqual(['404 GET /w/:id']);
  });
});

// Workspaces and who is in them: what a personal one refuses, and members who come, change, hand over and go.
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
  test('A-05 a personal workspace offers no invitation and no deletion, and its addresses say why', async () => {
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
    await see(
      ada.page.getByText(
        'This is a personal workspace: it belongs to you alone, so nobody can be invited to it.',
      ),
    );
    await seeNoMore(button(ada, 'Make the link'));
    expect(ada.refusals()).toEqual(['409 GET /w/:id/invite']);

    const answer = await ada.context.request.post(`${personal}/delete`, { form: { confirmName: ada.name } });
    expect(answer.status()).toBe(409);
    expect(await answer.text()).toContain('A personal workspace stays as it is');
  });

  test('W-05 T-11 who is on a page of a workspace that is deleted comes to their own, with a notice', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Sandcastle');
    await bring(ada, workspace, { person: ben, role: 'manager' });
    await watch(ben, `${workspace}/resources`);

    await ada.page.goto('/workspaces');
    await unfold(row(ada, 'Sandcastle'), 'Delete…');
    await field(ada, 'Type Sandcastle to confirm').fill('sandcastle');
    await button(ada, 'Delete Sandcastle').click();
    await see(
      ada.page.getByText('The name that you typed is not the name of the workspace, so nothing was deleted.'),
    );
    expect(ada.refusals()).toEqual(['409 POST /w/:id/delete']);
    await link(ada, 'Go back').click();
    await unfold(row(ada, 'Sandcastle'), 'Delete…');
    await field(ada, 'Type Sandcastle to confirm').fill('Sandcastle');
    await button(ada, 'Delete Sandcastle').click();
    await see(notice(ada, 'The workspace was deleted.'));
    await seeNoMore(row(ada, 'Sandcastle'));

    await see(heading(ben, ben.name), notice(ben, 'That workspace is not there any more'));
    // the page asked once more, and was told that there is nothing
    expect(ben.refusals()).toEqual(['404 GET /w/:id/resources']);
    const switcher = await openSwitcher(ben);
    await see(switcher.getByRole('button', { name: `${ben.name} Personal` }));
    await seeNoMore(switcher.getByRole('button', { name: /Sandcastle/ }));
  });

  test('M-02 M-04 roles are changed by a menu, and ownership is handed over and shown at once', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Baton');
    await bring(ada, workspace, { person: ben, role: 'developer' });
    await ada.page.goto(`${workspace}/members`);
    await watch(ben, `${workspace}/members`);
    await see(ada.page.getByText('The owner cannot leave.'));

    await field(ada, `Role of ${ben.name}`).selectOption('Manager');
    await button(ada, `Change the role of ${ben.name}`).click();
    await see(row(ben, ben.name).getByRole('cell', { name: 'Manager' }), link(ben, 'Invite somebody'));

    await unfold(row(ada, ben.name), 'Make owner…');
    const transfer = button(ada, `Transfer ownership to ${ben.name}`);
    await transfer.click();
    // the box was not ticked: the browser itself does not send the form
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
    await see(notice(cleo, 'you are not a member of it any more'), heading(cleo, cleo.name));
    expect(cleo.refusals()).toEqual(['404 GET /w/:id']);

    await unfold(ben.page.getByRole('main'), 'Leave this workspace…');
    await button(ben, 'Leave Crew').click();
    await see(heading(ben, ben.name), notice(ben, 'You left the workspace.'));
    await ben.page.goto(`${workspace}/members`);
    await see(heading(ben, 'Not done'));
    expect(ben.refusals()).toEqual(['404 GET /w/:id/members']);
    await ada.page.goto(`${workspace}/members`);
    await seeNoMore(row(ada, ben.name), row(ada, cleo.name));
  });
});

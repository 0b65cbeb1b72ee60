// Invitation links that several people have: who joins, and what the others see.
import { expect, test } from 'vitest';
import { raceForLink } from './race.js';
import { createWorkspace, invite } from './setup.js';
import { onStage } from './stage.js';
import { button, field, heading, link, notice, problem, row, see, seeNoMore } from './steps.js';

onStage((stage) => {
  test('I-12 of two people who accept a link for one, one joins and the other sees that it was used', async () => {
    const { results, joined } = await raceForLink(stage, 1);

    expect([...results].sort()).toEqual(['in', 'used']);
    expect(joined).toBe(1);
  });

  test('I-12 two people who accept a link for two both join', async () => {
    expect(await raceForLink(stage, 2)).toEqual({ results: ['in', 'in'], joined: 2 });
  });

  test('I-21 accepting an invitation that was revoked while it was open says so', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Quay');
    const url = await invite(ada, workspace);
    await ben.page.goto(url);
    await see(heading(ben, 'Join Quay'));

    await ada.page.goto(`${workspace}/members`);
    await button(ada, 'Revoke the invitation of one person with the link as developer').click();
    await see(ada.page.getByText('No open invitations.'));
    await button(ben, 'Accept').click();

    await see(problem(ben, 'This invitation was revoked.'));
    expect(ben.refusals()).toEqual(['410 POST /join/accept']);
    await ada.page.reload();
    await seeNoMore(row(ada, ben.name));
  });

  test('I-03 I-11 a new link is shown once, and the old one no longer works', async () => {
    const [ada, ben, cleo] = await Promise.all([
      stage.person('Ada'),
      stage.person('Ben'),
      stage.person('Cleo'),
    ]);
    const workspace = await createWorkspace(ada, 'Harbour');
    const old = await invite(ada, workspace);
    await ada.page.goto(`${workspace}/members`);
    const renew = button(
      ada,
      'Create a new link for the invitation of one person with the link as developer',
    );
    await renew.click();
    const fresh = await field(ada, 'Link to send').inputValue();
    expect(fresh).not.toBe(old);

    await link(ada, 'Back to members').click();
    await see(renew);
    const token = fresh.slice(fresh.indexOf('#') + 1);
    for (const path of ['/members', '/activity', '/invite', '', '/invitations/reissue']) {
      await ada.page.goto(workspace + path);
      expect(await ada.page.content()).not.toContain(token);
    }
    // the page was the response to a form: its address redirects to the list
    await see(renew);

    await ben.page.goto(old);
    await see(problem(ben, 'it is incomplete, or a newer link replaced it'));
    expect(ben.refusals()).toEqual(['400 POST /join']);
    await cleo.page.goto(fresh);
    await button(cleo, 'Accept').click();
    await see(heading(cleo, 'Harbour'));
  });

  test('a link opened in the tab of another link is shown and removed from the address bar', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const sluice = await invite(ada, await createWorkspace(ada, 'Sluice'));
    const weir = await invite(ada, await createWorkspace(ada, 'Weir'));

    await ben.page.goto('/join#nothing');
    await see(problem(ben, 'This invitation link does not work'));
    for (const [url, name] of [
      [sluice, 'Join Sluice'],
      [weir, 'Join Weir'],
    ] as const) {
      // a change of the fragment loads no page: only the script notices it
      await ben.page.goto(url);
      await see(heading(ben, name));
      expect(new URL(ben.page.url()).hash).toBe('');
    }
    expect(ben.refusals()).toEqual(['400 POST /join']);
  });

  test('I-18 a link for an e-mail address admits only its owner, and says why', async () => {
    const ada = await stage.person('Ada');
    const [ben, cleo, dora] = [
      await stage.stranger('Ben'),
      await stage.stranger('Cleo'),
      await stage.person('Dora'),
    ];
    const workspace = await createWorkspace(ada, 'Locks');
    await ada.page.goto(`${workspace}/invite`);
    await field(ada, 'Only for this e-mail address (optional)').fill('ben@example.org');
    await button(ada, 'Create link').click();
    await see(ada.page.getByText('It works only for ben@example.org.'));
    const url = await field(ada, 'Link to send').inputValue();

    const signIn = async (person: typeof ben, email: string): Promise<void> => {
      await person.page.goto(url);
      await field(person, 'Your name').fill(person.name);
      await field(person, 'E-mail address (optional)').fill(email);
      await button(person, 'Sign in').click();
      await button(person, 'Accept').click();
    };
    await signIn(cleo, 'cleo@example.org');
    await see(problem(cleo, 'This invitation is for another person.'));
    expect(cleo.refusals()).toEqual(['403 POST /join/accept']);

    await dora.page.goto(url);
    await button(dora, 'Accept').click();
    await see(problem(dora, 'This invitation is for an e-mail address, and you signed in without one.'));
    expect(dora.refusals()).toEqual(['403 POST /join/accept']);

    await signIn(ben, 'Ben@Example.org');
    await see(heading(ben, 'Locks'));
  });

  test('a declined link says so', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const url = await invite(ada, await createWorkspace(ada, 'Ferry'));
    await ben.page.goto(url);
    await button(ben, 'Decline').click();
    await see(heading(ben, ben.name), notice(ben, 'You declined the invitation.'));

    await ben.page.goto(url);
    await see(problem(ben, 'This invitation was declined.'));
    expect(ben.refusals()).toEqual(['410 POST /join']);
  });
});

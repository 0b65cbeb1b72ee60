// The first hour of a team in seven steps, by two people in two browsers.
import { expect } from 'vitest';
import type { Person, PersonOptions } from './person.js';
import type { Stage } from './stage.js';
import { button, field, heading, link, openSwitcher, problem, row, see, seeNoMore } from './steps.js';

/** Without a script, the only difference is that the link must be pasted. */
export async function walkSevenSteps(stage: Stage, options: PersonOptions = {}): Promise<void> {
  const { hasScript = true } = options;
  const ada = await stage.stranger('Ada Lovelace', options);
  const ben = await stage.stranger('Ben Ohm', options);

  // 1. create a workspace
  await ada.page.goto('/');
  await signIn(ada);
  await see(heading(ada, ada.name));
  await link(ada, 'Manage workspaces').last().click();
  await field(ada, 'Name of the new workspace').fill('Orbit');
  await button(ada, 'Create workspace').click();
  await see(heading(ada, 'Orbit'));
  const workspace = new URL(ada.page.url()).pathname;

  // 2. switch to another workspace and back
  await (await openSwitcher(ada)).getByRole('button', { name: `${ada.name} Personal`, exact: true }).click();
  await see(heading(ada, ada.name));
  const there = await openSwitcher(ada);
  await there.getByRole('button', { name: 'Orbit Owner', exact: true }).click();
  await see(heading(ada, 'Orbit'));
  expect(new URL(ada.page.url()).pathname).toBe(workspace);

  // 3. invite a developer
  await link(ada, 'Invite').click();
  await ada.page.getByRole('radio', { name: /^Developer/ }).check();
  await ada.page.getByRole('radio', { name: 'One person' }).check();
  await button(ada, 'Create link').click();

  // 4. send the link
  const url = await field(ada, 'Link to send').inputValue();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/join#[\w-]+\.[\w-]+\.[\w-]+$/);

  // 5. accept it, and sign in on the way
  await ben.page.goto(hasScript ? url : '/join');
  if (!hasScript) {
    await field(ben, 'Invitation link').fill(url);
    await button(ben, 'Open invitation').click();
  }
  await see(heading(ben, 'Join Orbit'), ben.page.getByText(`${ada.name} invites you to Orbit as developer.`));
  await signIn(ben);
  await see(heading(ben, 'Join Orbit'));
  await button(ben, 'Accept').click();
  await see(heading(ben, 'Orbit'), ben.page.getByText('Your role: developer. 2 members.'));
  expect(new URL(ben.page.url()).pathname).toBe(workspace);

  // 6. work within the role: the owner creates, the developer can only look
  await ada.page.goto(`${workspace}/resources`);
  await field(ada, 'Name').fill('orders');
  await button(ada, 'Create').click();
  await see(row(ada, 'orders'), ada.page.getByText('1 used, 0 reserved, limit 4'));
  await seeNoMore(link(ben, 'Invite'));
  await link(ben, 'Resources').click();
  await see(row(ben, 'orders'), ben.page.getByText('1 used, 0 reserved, limit 4'));
  await seeNoMore(button(ben, 'Create'), button(ben, 'Start a slow build'), field(ben, 'Name'));
  expect(await row(ben, 'orders').getByRole('button').count()).toBe(0);

  // 7. be rejected
  await ben.page.goto(`${workspace}/invite`);
  await see(ben.page.getByText('Your role cannot invite people.'));
  expect(ben.refusals()).toEqual(['403 GET /w/:id/invite']);
  if (hasScript) await forgeForms(ben, workspace);
}

/** Sends a form that no control of the page sends: the response is an error page, and nothing changes. */
async function forgeForms(ben: Person, workspace: string): Promise<void> {
  const fields = JSON.stringify({ name: 'forged', kind: 'cache', how: 'create' });
  const path = JSON.stringify(`${workspace}/resources`);
  const answer = await ben.page.evaluate<string>(
    `fetch(${path}, { method: 'POST', body: new URLSearchParams(${fields}) })
      .then(async (response) => response.status + ' ' + await response.text())`,
  );
  expect(answer).toMatch(/^403 <!doctype html>/);
  expect(answer).toContain('Your role (developer) does not allow this.');

  await ben.page.evaluate(
    `const form = Object.assign(document.createElement('form'), { method: 'post', action: ${path} });
     for (const [name, value] of Object.entries(${fields})) {
       form.append(Object.assign(document.createElement('input'), { name, value }));
     }
     document.body.append(form);
     form.submit();`,
  );
  await see(heading(ben, 'Access denied'), problem(ben, 'Your role (developer) does not allow this.'));
  expect(ben.refusals()).toEqual(['403 POST /w/:id/resources', '403 POST /w/:id/resources']);
  await link(ben, 'Go back').click();
  await see(row(ben, 'orders'));
  await seeNoMore(row(ben, 'forged'));
}

async function signIn(person: Person): Promise<void> {
  await field(person, 'Your name').fill(person.name);
  await button(person, 'Sign in').click();
}

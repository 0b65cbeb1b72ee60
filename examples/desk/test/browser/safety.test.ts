// Browser safety: no leak of tokens and cookies, and names with HTML are shown as text.
import type { Request } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Person } from './person.js';
import { createWorkspace, invite, send } from './setup.js';
import { onStage } from './stage.js';
import { button, heading, problem, row, see, watch } from './steps.js';

onStage((stage) => {
  test('I-24 the token is removed from the address bar, and appears in no request address and no referrer', async () => {
    const [ada, ben] = [await stage.person('Ada'), await stage.person('Ben')];
    const workspace = await createWorkspace(ada, 'Vault');
    const url = await invite(ada, workspace);
    const token = url.slice(url.indexOf('#') + 1);
    const requests: Request[] = [];
    ben.context.on('request', (request) => requests.push(request));

    await ben.page.goto(url);
    await see(heading(ben, 'Join Vault'));
    expect(new URL(ben.page.url()).href).toBe(new URL('/join', url).href);
    expect(await referrerOf(ben)).toBe('');
    await button(ben, 'Accept').click();
    await see(heading(ben, 'Vault'));
    expect(await referrerOf(ben)).toBe('');
    expect(ben.page.url()).not.toContain(token);
    // the history of the browser
    const { entries } = await (await ben.context.newCDPSession(ben.page)).send('Page.getNavigationHistory');
    expect(entries.length).toBeGreaterThan(1);
    expect(entries.filter((entry) => entry.url.includes(token))).toEqual([]);

    const headers = await Promise.all(requests.map((request) => request.allHeaders()));
    expect(requests.length).toBeGreaterThan(5);
    // browsers never send the fragment
    const sent = requests.map((request) => request.url().replace(/#.*/, ''));
    expect(JSON.stringify([sent, headers])).not.toContain(token);
    // for a request in progress the browser reports an empty value
    expect(headers.flatMap(({ referer }) => referer ?? '').filter((text) => text !== '')).toEqual([]);
    expect(
      requests.filter((request) => request.postData()?.includes(token)).map((r) => new URL(r.url()).pathname),
    ).toEqual(['/join', '/join/accept']);
  });

  test('the session cookie is hidden from scripts and not sent by other sites', async () => {
    const ada = await stage.person('Ada');
    await ada.page.goto('/');
    await see(heading(ada, ada.name));

    const cookies = await ada.context.cookies();
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatchObject({ name: 'desk', httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(await ada.page.evaluate('document.cookie')).toBe('');

    await ada.page.locator('#account-menu > summary').click();
    await button(ada, 'Sign out').click();
    await see(heading(ada, 'Sign in'));
    expect(await ada.context.cookies()).toEqual([]);
  });

  test('T-14 names with HTML are shown as text, also after a live refresh', async () => {
    const evil = '<img src=x onerror="globalThis.isHurt=1">';
    const ada = await stage.person(`Ada ${evil}`);
    const workspace = await createWorkspace(ada, 'Plain');
    for (const path of ['', '/members', '/activity', '/invite']) {
      await ada.page.goto(workspace + path);
      await seeHarmless(ada);
    }
    await watch(ada, `${workspace}/resources`);
    await send(ada, `${workspace}/rename`, { name: evil });
    await see(ada.page.getByLabel(`Workspace: ${evil}, Owner. Switch workspace`));
    await seeHarmless(ada);
    await watch(ada, '/workspaces');
    await see(ada.page.getByRole('rowheader', { name: evil, exact: true }));
    await send(ada, `${workspace}/rename`, { name: `${evil}"'</title><script>globalThis.isHurt=1</script>` });
    await see(row(ada, '</title><script>'));
    await seeHarmless(ada);

    await ada.page.goto(await invite(ada, workspace));
    await see(heading(ada, /^Join <img src=x/));
    await seeHarmless(ada);
  });

  test('a cross-site form is rejected and changes nothing', async () => {
    const ada = await stage.person('Ada');
    const workspace = await createWorkspace(ada, 'Target');
    await ada.page.goto(workspace);
    const action = `${ada.page.url()}/rename`;
    const body = `<form method="post" action="${action}"><input name="name" value="Hit"><button>Win</button></form>`;
    await ada.page.route('http://elsewhere.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body }),
    );

    await ada.page.goto('http://elsewhere.example/');
    await button(ada, 'Win').click();

    await see(problem(ada, 'This form was not sent from a page of the desk. Nothing was changed.'));
    expect(ada.refusals()).toContain('403 POST /w/:id/rename');
    await ada.page.goto(workspace);
    await see(heading(ada, 'Target'));
  });
});

async function referrerOf({ page }: Person): Promise<unknown> {
  return page.evaluate('document.referrer');
}

async function seeHarmless({ page }: Person): Promise<void> {
  await see(page.getByRole('main'));
  expect(await page.evaluate('globalThis.isHurt')).toBeUndefined();
  expect(await page.locator('img, main script').count()).toBe(0);
}

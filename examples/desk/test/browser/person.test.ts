// The check for problems on a page must find them.
import { expect, test } from 'vitest';
import { onStage } from './stage.js';
import { heading, see } from './steps.js';

onStage((stage) => {
  test.each([
    {
      what: 'an error in the console',
      script: `console.error('a complaint')`,
      heard: ['console: a complaint'],
    },
    {
      what: 'a script that throws',
      script: `new Promise((done) => setTimeout(() => { setTimeout(done); throw new Error('a slip'); }))`,
      heard: ['script: Error: a slip'],
    },
    {
      what: 'a style that the content security policy forbids',
      script: `document.body.setAttribute('style', 'color: red')`,
      heard: [expect.stringMatching(/^console: Applying inline style.* violates .*style-src 'self'/)],
    },
    {
      what: 'an address of elsewhere',
      script: `fetch('http://127.0.0.1:1/').catch(() => 'forbidden')`,
      heard: [expect.stringMatching(/^console: .*connect-src 'self'/), expect.any(String)],
    },
    {
      what: 'a refusal that no test asked for',
      script: `fetch('/nothing').then((response) => response.text())`,
      heard: ['not asked for: 404 GET /nothing'],
    },
  ])('$what is heard', async ({ script, heard }) => {
    const ada = await stage.person('Ada');
    await ada.page.goto('/');
    await see(heading(ada, ada.name));
    expect(ada.problems()).toEqual([]);

    await ada.page.evaluate(script);

    expect(ada.problems()).toEqual(heard);
  });
});

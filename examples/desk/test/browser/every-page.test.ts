// Each page is readable by machines, in light and dark, and fits narrow and wide windows.
import axe, { type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { createWorld, pages, type World } from './pages.js';
import { onStage } from './stage.js';

onStage((stage) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld(stage);
  });

  test.each(pages)('$name', async ({ by, open, refusal }) => {
    const person = by === null ? await stage.stranger('Zoe') : await stage.signIn(world[by]);
    const { page } = person;
    await page.addInitScript(axe.source);
    await open(person, world);
    expect(person.refusals()).toEqual(refusal === undefined ? [] : [refusal]);

    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    // include the content of disclosures
    await page.evaluate(`for (const fold of document.querySelectorAll('details.fold')) fold.open = true`);
    const tree = await page.locator('body').ariaSnapshot();
    expect(tree).toMatch(/^- banner:$/m);
    expect(tree.match(/^- main:$/gm)).toHaveLength(1);
    expect(namelessIn(tree)).toEqual([]);

    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      // apart from its colours, the dark page equals the light one
      expect(await violationsOn(page, colorScheme === 'light' ? everything : colours)).toEqual([]);
      for (const width of [360, 768, 1024, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await tooWide(page), `${colorScheme}, ${width} px`).toEqual([]);
      }
    }
  });
});

const everything = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
const colours = { runOnly: ['color-contrast', 'link-in-text-block'] };

/** Controls without an accessible name. */
function namelessIn(tree: string): readonly string[] {
  const controls = 'button|link|textbox|searchbox|combobox|checkbox|radio|spinbutton|navigation|table|img';
  return tree.split('\n').filter((line) => new RegExp(`^\\s*- (${controls})(?! ")`).test(line));
}

async function violationsOn(page: Page, rules: RunOptions): Promise<readonly string[]> {
  // a rule counts the decorative initial as part of the label
  const options = { ...rules, rules: { 'label-content-name-mismatch': { enabled: false } } };
  return page.evaluate<string[]>(`axe.run(${JSON.stringify(options)}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
}

/** Elements that extend beyond the window, if the page scrolls sideways. */
async function tooWide(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth)
      .map((element) => element.outerHTML.slice(0, 120));
  })()`);
}

// What people do on the pages, as they do it: by the names of what they see.
import type { Locator } from 'playwright-core';
import type { Person } from './person.js';

/** Waits for it. */
export async function see(...wanted: readonly Locator[]): Promise<void> {
  for (const locator of wanted) await locator.waitFor();
}

/** Waits for it to be away. */
export async function seeNoMore(...unwanted: readonly Locator[]): Promise<void> {
  for (const locator of unwanted) await locator.waitFor({ state: 'hidden' });
}

export function heading({ page }: Person, name: string | RegExp): Locator {
  return page.getByRole('heading', { level: 1, name, exact: true });
}

export function button({ page }: Person, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

export function link({ page }: Person, name: string): Locator {
  return page.getByRole('link', { name, exact: true });
}

export function field({ page }: Person, name: string): Locator {
  return page.getByLabel(name, { exact: true });
}

/** What is said at once, in red. */
export function problem({ page }: Person, text: string | RegExp): Locator {
  return page.getByRole('alert').filter({ hasText: text });
}

/** What is said politely. */
export function notice({ page }: Person, text: string | RegExp): Locator {
  return page.getByRole('status').filter({ hasText: text });
}

/** The row of a table, by its header. */
export function row({ page }: Person, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
}

/** Opens a page, and waits until it hears of changes. */
export async function watch({ page }: Person, path: string): Promise<void> {
  await Promise.all([page.waitForResponse('**/live'), page.goto(path)]);
}

/** Opens the menu of the top bar, and gives what is in it. */
export async function openSwitcher({ page }: Person): Promise<Locator> {
  await page.locator('#workspace-menu > summary').click();
  return page.getByRole('navigation', { name: 'Workspaces' });
}

/** Opens what is not done by one click. */
export async function unfold(within: Locator, summary: string): Promise<void> {
  await within.getByText(summary, { exact: true }).click();
}

// What people do on the pages, by accessible names.
import type { Locator } from 'playwright-core';
import type { Person } from './person.js';

/** Waits until all are visible. */
export async function see(...wanted: readonly Locator[]): Promise<void> {
  for (const locator of wanted) await locator.waitFor();
}

/** Waits until it is gone. */
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

/** An error message. */
export function problem({ page }: Person, text: string | RegExp): Locator {
  return page.getByRole('alert').filter({ hasText: text });
}

/** A polite message. */
export function notice({ page }: Person, text: string | RegExp): Locator {
  return page.getByRole('status').filter({ hasText: text });
}

/** The row of a table, by its header. */
export function row({ page }: Person, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
}

/** Opens a page, and waits until its event stream is open. */
export async function watch({ page }: Person, path: string): Promise<void> {
  await Promise.all([page.waitForResponse('**/live'), page.goto(path)]);
}

/** Opens a menu of the top bar and returns its panel. */
export async function openSwitcher({ page }: Person): Promise<Locator> {
  await page.locator('#workspace-menu > summary').click();
  return page.getByRole('navigation', { name: 'Workspaces' });
}

/** Opens a disclosure. */
export async function unfold(within: Locator, summary: string): Promise<void> {
  await within.getByText(summary, { exact: true }).click();
}

// The browser for the tests: Debian's Chromium, or the one of TEST_CHROMIUM.
import { access, constants } from 'node:fs/promises';
import { chromium, type Browser } from 'playwright-core';

const path = process.env['TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** If there is no browser, the tests are skipped with a warning; on a CI this is a failure. */
export const hasBrowser = await isThere();

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

async function isThere(): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    console.warn(`The browser tests are left out: there is no ${path}; TEST_CHROMIUM names another Chromium`);
    return false;
  }
}

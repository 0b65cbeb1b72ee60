// A person with a browser context and one page, which records every problem on the page.
import type { Browser, BrowserContext, ConsoleMessage, Page, Request, Response } from 'playwright-core';

export interface Person {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** The responses with a status of 400 or more since the last call, for example `403 POST /w/:id/invite`. */
  refusals(): readonly string[];
  /**
   * Problems since the last call: errors in the console, including violations of the content security policy; failed
   * requests; and error responses that the test did not expect.
   */
  problems(): readonly string[];
}

export interface PersonOptions {
  /** @default 1280 */
  readonly width?: number;
  /** @default 'light' */
  readonly colorScheme?: 'light' | 'dark';
  /** @default true */
  readonly hasScript?: boolean;
}

export interface PersonSetting extends PersonOptions {
  readonly name: string;
  readonly origin: string;
}

export async function createPerson(browser: Browser, setting: PersonSetting): Promise<Person> {
  const { name, origin, width = 1280, colorScheme = 'light', hasScript = true } = setting;
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width, height: 800 },
    colorScheme,
    javaScriptEnabled: hasScript,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  context.setDefaultTimeout(20_000);
  const refused: string[] = [];
  const failed: string[] = [];
  context.on('console', (message) => {
    if (isComplaint(message)) failed.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => failed.push(`script: ${String(error.error())}`));
  context.on('requestfailed', (request) => {
    if (!isGivenUp(request)) failed.push(`${request.failure()?.errorText ?? ''}: ${lineOf(request)}`);
  });
  context.on('response', (response: Response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${lineOf(response.request())}`);
  });
  const page = await context.newPage();
  return {
    name,
    context,
    page,
    refusals: () => refused.splice(0),
    problems: () => [...failed.splice(0), ...refused.splice(0).map((line) => `not asked for: ${line}`)],
  };
}

/** Browsers also log each response with a status of 400 or more. Those are counted separately. */
function isComplaint(message: ConsoleMessage): boolean {
  if (!['error', 'warning', 'assert'].includes(message.type())) return false;
  return !/^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
}

/** Leaving a page aborts its stream and its other requests. */
function isGivenUp(request: Request): boolean {
  return request.failure()?.errorText === 'net::ERR_ABORTED';
}

function lineOf(request: Request): string {
  const path = new URL(request.url()).pathname.replace(/\/w\/ws-[a-z0-9]+/, '/w/:id');
  return `${request.method()} ${path}`;
}

// A desk on SQLite in memory with a fixed clock, and visitors that use its pages like a browser.
import { sql, type Kysely } from 'kysely';
import { fixedClock, type FixedClock } from 'tenantry/testing';
import { expect } from 'vitest';
import { connect } from '../src/connect.js';
import { createDesk, type Desk } from '../src/app.js';
import type { DeskOptions } from '../src/desk.js';
import { keysOf } from '../src/secret.js';
import { createDeskTables, type DeskTables } from '../src/tables.js';

export const ORIGIN = 'https://desk.test';

/** A response with its body. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The visible text of the page. */
  readonly text: string;
  /** The target of a redirect, otherwise empty. */
  readonly location: string;
  /** The error message of the page, otherwise empty. */
  readonly alert: string;
}

export interface Visitor {
  readonly cookie: () => string;
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (
    path: string,
    fields?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  /** Creates a team workspace and returns its path. */
  readonly create: (name: string) => Promise<string>;
  /** Creates a link for the workspace of the path and returns its token. */
  readonly invite: (path: string, fields?: Readonly<Record<string, string>>) => Promise<string>;
  readonly accept: (token: string) => Promise<Answer>;
  /** The user id. */
  readonly id: () => string;
}

export interface TestDeskOptions extends Partial<Omit<DeskOptions, 'db' | 'dialect' | 'clock'>> {
  /** @default 'memory:', SQLite in memory */
  readonly url?: string;
}

export interface TestDesk extends Desk {
  readonly db: Kysely<DeskTables>;
  readonly clock: FixedClock;
  /** The lines of its log. */
  readonly lines: readonly string[];
  /** A visitor without a session. */
  readonly stranger: () => Visitor;
  readonly signedIn: (name: string, email?: string) => Promise<Visitor>;
  /** The number of rows in a table of the desk. */
  readonly count: (table: keyof DeskTables) => Promise<number>;
  /** All rows of all SQLite tables, as JSON. */
  readonly dump: () => Promise<string>;
  /** Closes the database: later requests fail. */
  readonly close: () => Promise<void>;
}

export async function openDesk({ url = 'memory:', ...options }: TestDeskOptions = {}): Promise<TestDesk> {
  const { db, dialect } = await connect(url, createDeskTables);
  const clock = fixedClock('2026-11-23T12:00:00Z');
  const lines: string[] = [];
  const keys = keysOf('a secret for tests of at least 32 characters');
  const log = (line: string) => lines.push(line);
  const desk = createDesk({
    ...{ keys, origin: ORIGIN, invitationsPerMinute: 10_000, signInsPerMinute: 10_000, log },
    ...options,
    ...{ db, dialect, clock },
  });
  const stranger = () => createVisitor(desk, clock);

  return {
    ...desk,
    db,
    clock,
    lines,
    stranger,
    async signedIn(name, email = '') {
      const visitor = stranger();
      const answer = await visitor.post('/sign-in', { name, email });
      expect(answer.alert).toBe('');
      expect(answer.status).toBe(303);
      return visitor;
    },
    async count(table) {
      return (await db.selectFrom(table).select('id').execute()).length;
    },
    async dump() {
      const tables = await sql<{
        name: string;
      }>`select name from sqlite_master where type = 'table' order by name`.execute(db);
      const rows = await Promise.all(
        tables.rows.map(async ({ name }) => [
          name,
          (await sql`select * from ${sql.table(name)}`.execute(db)).rows,
        ]),
      );
      return JSON.stringify(rows, null, 1);
    },
    close: () => db.destroy(),
  };
}

function createVisitor({ app }: Desk, clock: FixedClock): Visitor {
  let cookie = '';

  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const headers = new Headers(init.headers);
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await app.request(`${ORIGIN}${path}`, { ...init, headers });
    const [pair] = response.headers.get('set-cookie')?.split(';') ?? [];
    if (pair !== undefined) cookie = pair;
    const body = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body,
      text: textOf(body),
      location: response.headers.get('location') ?? '',
      alert: textOf(/role="alert">(.*?)<\/p>/s.exec(body)?.[1] ?? ''),
    };
  };

  const visitor: Visitor = {
    cookie: () => cookie,
    get: (path) => send(path, {}),
    post(path, fields = {}, headers = { 'sec-fetch-site': 'same-origin' }) {
      clock.advance(1); // so that lists have a defined order
      return send(path, { method: 'POST', body: new URLSearchParams(fields), headers });
    },
    async create(name) {
      const { location, alert } = await visitor.post('/workspaces', { name });
      expect(alert).toBe('');
      return location;
    },
    async invite(path, fields = { role: 'developer' }) {
      const answer = await visitor.post(`${path}/invite`, fields);
      expect(answer.alert).toBe('');
      return tokenOn(answer);
    },
    accept: (token) => visitor.post('/join/accept', { token }),
    id() {
      const id = /^__Host-desk=(u-[a-f0-9]+)\./.exec(decodeURIComponent(cookie))?.[1];
      if (id === undefined) throw new Error('not signed in');
      return id;
    },
  };
  return visitor;
}

/** The token in the link on the page. */
export function tokenOn({ body }: Answer): string {
  const token = /value="https:\/\/desk\.test\/join#([^"]+)"/.exec(body)?.[1];
  if (token === undefined) throw new Error('there is no link on this page');
  return token;
}

/** The value of a hidden field on the page. */
export function fieldOn({ body }: Answer, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]+)"`).exec(body)?.[1];
  if (value === undefined) throw new Error(`there is no field ${name} on this page`);
  return value;
}

function textOf(html: string): string {
  const visible = html.replace(/^.*<main/s, '<main').replace(/<[^>]*>/g, ' ');
  return visible
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim();
}

// Test setup: sends the forms of the pages without opening the pages.
import type { APIResponse } from 'playwright-core';
import type { Person } from './person.js';

export interface Invitation {
  /** @default 'developer' */
  readonly role?: 'manager' | 'developer';
  /** @default 1 */
  readonly uses?: number | 'unlimited';
  readonly email?: string;
}

/** Returns the path of the new workspace, for example `/w/ws-0123456789abcdef`. Its creator is switched to it. */
export async function createWorkspace(person: Person, name: string): Promise<string> {
  return pathOf(await send(person, '/workspaces', { name }));
}

/** Returns the path of the personal workspace, if that is the active one. */
export async function personalOf({ context }: Person): Promise<string> {
  return pathOf(await context.request.get('/', { maxRedirects: 0 }));
}

/** Returns the link. */
export async function invite(
  person: Person,
  workspace: string,
  { role = 'developer', uses = 1, email = '' }: Invitation = {},
): Promise<string> {
  const count = typeof uses === 'number' ? String(uses) : '2';
  const form = { role, uses: uses === 'unlimited' || uses === 1 ? String(uses) : 'several', count, email };
  const page = await (await send(person, `${workspace}/invite`, form)).text();
  const [, link] = /value="(http[^"]+\/join#[^"]+)"/.exec(page) ?? [];
  if (link === undefined) throw new Error(`${person.name} was given no link`);
  return link;
}

/** Adds a person to a workspace with a new link, and switches the person to it. */
export async function bring(
  inviter: Person,
  workspace: string,
  { person, role }: { readonly person: Person; readonly role: 'manager' | 'developer' },
): Promise<void> {
  await send(person, '/join/accept', { link: await invite(inviter, workspace, { role }) });
}

export async function createResource(
  person: Person,
  workspace: string,
  {
    name,
    kind = 'cache',
    how = 'create',
  }: {
    readonly name: string;
    readonly kind?: 'database' | 'worker' | 'cache';
    readonly how?: 'create' | 'start';
  },
): Promise<void> {
  await send(person, `${workspace}/resources`, { name, kind, how });
}

export async function send(
  { name, context }: Person,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<APIResponse> {
  const response = await context.request.post(path, { form: { ...form }, maxRedirects: 0 });
  if (response.status() >= 400) throw new Error(`${name}: POST ${path} was answered ${response.status()}`);
  return response;
}

function pathOf(response: APIResponse): string {
  const [path] = /^\/w\/[a-z0-9-]+/.exec(response.headers()['location'] ?? '') ?? [];
  if (path === undefined) throw new Error('this was not answered with a workspace');
  return path;
}

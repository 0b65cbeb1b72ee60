// Every page of the desk, with names of maximum length: if they fit, short ones do as well.
import type { Person } from './person.js';
import { bring, createResource, createWorkspace, invite, personalOf, send } from './setup.js';
import type { Stage } from './stage.js';
import { button, field, heading, openSwitcher, problem, see, unfold } from './steps.js';

const LONG = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3).slice(0, 98);

export interface World {
  /** The owner of everything, for signing in by name. */
  readonly owner: string;
  readonly developer: string;
  readonly workspace: string;
  readonly personal: string;
  readonly link: string;
}

export interface PageCase {
  readonly name: string;
  /** The visitor of the page, or `null` for an anonymous one. */
  readonly by: 'owner' | 'developer' | null;
  /** The expected error response, for example `409 POST /w/:id/invite`. */
  readonly refusal?: string;
  readonly open: (person: Person, world: World) => Promise<void>;
}

export async function createWorld(stage: Stage): Promise<World> {
  const [owner, developer] = [`${LONG}-A`, `${LONG}-B`];
  const [ada, ben] = [await stage.signIn(owner), await stage.signIn(developer)];
  const personal = await personalOf(ada);
  const workspace = await createWorkspace(ada, LONG);
  await bring(ada, workspace, { person: ben, role: 'developer' });
  await invite(ada, workspace, { role: 'manager', email: `${LONG}@example.org` });
  const gone = await createWorkspace(ada, `${LONG}-D`);
  await send(ada, `${gone}/delete`, { confirmName: `${LONG}-D` });
  const link = await invite(ada, workspace, { uses: 'unlimited' });
  await createResource(ada, workspace, { name: LONG.slice(0, 40), kind: 'database' });
  await createResource(ada, workspace, { name: LONG.slice(0, 39), kind: 'worker', how: 'start' });
  return { owner, developer, workspace, personal, link };
}

const at =
  (path: (world: World) => string): PageCase['open'] =>
  async ({ page }, world) => {
    await page.goto(path(world));
  };

export const pages: readonly PageCase[] = [
  { name: 'sign in', by: null, open: at(() => '/sign-in') },
  {
    name: 'sign in, refused',
    by: null,
    refusal: '400 POST /sign-in',
    open: async (person) => {
      await person.page.goto('/sign-in');
      await field(person, 'Your name').fill('a\u202eb');
      await button(person, 'Sign in').click();
      await see(problem(person, 'A name must have 1 to 100 visible characters'));
    },
  },
  { name: 'join, without a link', by: null, open: at(() => '/join') },
  {
    name: 'an invitation, to a stranger',
    by: null,
    open: async (person, { link }) => {
      await person.page.goto(link);
      await see(heading(person, /^Join Wolfe/));
    },
  },
  {
    name: 'an invitation',
    by: 'developer',
    open: async (person, { link }) => {
      await person.page.goto(link);
      await see(heading(person, /^Join Wolfe/));
    },
  },
  {
    name: 'an invalid invitation',
    by: 'developer',
    refusal: '400 POST /join',
    open: async (person) => {
      await person.page.goto('/join#nothing');
      await see(problem(person, 'This invitation link does not work'));
    },
  },
  { name: 'a desktop', by: 'owner', open: at(({ workspace }) => workspace) },
  {
    name: 'the switcher',
    by: 'owner',
    open: async (person, { workspace }) => {
      await person.page.goto(workspace);
      await see((await openSwitcher(person)).getByRole('button').first());
    },
  },
  {
    name: 'the menu of the account',
    by: 'owner',
    open: async (person, { workspace }) => {
      await person.page.goto(workspace);
      await person.page.locator('#account-menu > summary').click();
      await see(button(person, 'Sign out'));
    },
  },
  {
    name: 'a desktop with a notice',
    by: 'developer',
    open: at(({ workspace }) => `${workspace}?notice=left`),
  },
  { name: 'a personal desktop', by: 'owner', open: at(({ personal }) => personal) },
  { name: 'manage workspaces', by: 'owner', open: at(() => '/workspaces') },
  {
    name: 'manage workspaces, refused',
    by: 'owner',
    refusal: '409 POST /workspaces',
    open: async (person) => {
      await person.page.goto('/workspaces');
      await field(person, 'Name of the new workspace').fill(LONG);
      await button(person, 'Create workspace').click();
      await see(problem(person, 'You already have a workspace named'));
    },
  },
  { name: 'the account', by: 'developer', open: at(() => '/account') },
  {
    name: 'the account, refused',
    by: 'owner',
    refusal: '409 POST /account/close',
    open: async (person, { owner }) => {
      await person.page.goto('/account');
      await unfold(person.page.getByRole('main'), 'Close this account…');
      await field(person, `Type ${owner} to confirm`).fill(owner);
      await button(person, 'Close the account').click();
      await see(problem(person, 'You still own'));
    },
  },
  { name: 'after closing an account', by: null, open: at(() => '/closed') },
  { name: 'members', by: 'owner', open: at(({ workspace }) => `${workspace}/members`) },
  { name: 'members, to a developer', by: 'developer', open: at(({ workspace }) => `${workspace}/members`) },
  { name: 'members of a personal workspace', by: 'owner', open: at(({ personal }) => `${personal}/members`) },
  { name: 'invite', by: 'owner', open: at(({ workspace }) => `${workspace}/invite`) },
  {
    name: 'invite, refused',
    by: 'owner',
    refusal: '400 POST /w/:id/invite',
    open: async (person, { workspace }) => {
      await person.page.goto(`${workspace}/invite`);
      await field(person, 'Anyone with the link, without a limit').check();
      await field(person, 'Only for this e-mail address (optional)').fill('cleo@example.org');
      await button(person, 'Create link').click();
      await see(problem(person, 'A link for an e-mail address is for one person only.'));
    },
  },
  {
    name: 'invite, in a personal workspace',
    by: 'owner',
    refusal: '409 GET /w/:id/invite',
    open: at(({ personal }) => `${personal}/invite`),
  },
  {
    name: 'the link',
    by: 'owner',
    open: async (person, { workspace }) => {
      await person.page.goto(`${workspace}/invite`);
      await button(person, 'Create link').click();
      await see(field(person, 'Link to send'));
    },
  },
  { name: 'resources', by: 'owner', open: at(({ workspace }) => `${workspace}/resources`) },
  {
    name: 'resources, to a developer',
    by: 'developer',
    open: at(({ workspace }) => `${workspace}/resources`),
  },
  {
    name: 'resources, refused',
    by: 'owner',
    refusal: '400 POST /w/:id/resources',
    open: async (person, { workspace }) => {
      await person.page.goto(`${workspace}/resources`);
      await field(person, 'Name').fill('<none>');
      await button(person, 'Create').click();
      await see(problem(person, 'A name must have 1 to 40 letters'));
    },
  },
  { name: 'activity', by: 'owner', open: at(({ workspace }) => `${workspace}/activity`) },
  { name: 'API', by: 'owner', open: at(({ workspace }) => `${workspace}/api`) },
  {
    name: 'a page that there is not',
    by: 'owner',
    refusal: '404 GET /nothing',
    open: at(() => '/nothing'),
  },
];

// Authorization on memory: the membership looked up, and the permission checked.
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { organization } from 'better-auth/plugins/organization';
import { interleave } from '../lib/interleave.mjs';
import { againstLimit, againstPeer } from '../lib/rows.mjs';
import { actor, fill, serviceOn, user, workspace } from '../lib/workspaces.mjs';

export const title = 'Authorization on memory: `authorize(actor, { workspaceId, permission })`';
export const notes = [
  'Among 1,000 workspaces of 5 members.',
  'The limit is one look-up in a `Map` of a `Map` behind one `await`: it validates nothing, and says no reason.',
  'What ours does besides: three patterns that the ids must match, and a frozen view of the membership with its `Date`.',
  "better-auth's memory adapter scans arrays, so it has one organization of 5 members and no other rows:",
  'once as `auth.api.hasPermission`, which finds the session first, and once as the same endpoint handed the session.',
];
export const holds = [
  [
    /one authorization/,
    'Looking at what was passed, before anything is asked: whether the two objects have these keys and no other, and whether the three ids have their form (a quarter of the time). The frozen view of the member with its `Date` is an eighth, the look-up in the storage a quarter.',
  ],
];

const WORKSPACES = 1000;

export const flows = {
  async speed() {
    const { plain, api } = await betterAuthPeers();
    const samples = await interleave([await ours(), limit(), plain, api]);
    const work = 'one authorization';
    return [
      againstLimit(work, {
        ours: samples.ours,
        limit: samples.limit,
        name: 'one look-up, one await',
        budget: 3,
      }),
      againstPeer(work, {
        ours: samples.ours,
        peer: samples[plain.name],
        name: 'better-auth, without its session',
        budget: 100,
      }),
      againstPeer(work, {
        ours: samples.ours,
        peer: samples[api.name],
        name: 'better-auth, `auth.api.hasPermission`',
      }),
    ];
  },
};

async function ours() {
  const { service, storage } = serviceOn();
  await fill(storage, WORKSPACES, 5);
  const actors = Array.from({ length: WORKSPACES }, (_, number) => actor(number));
  const inputs = Array.from({ length: WORKSPACES }, (_, number) => ({
    workspaceId: workspace(number),
    permission: 'resource:view',
  }));
  const calls = 20 * WORKSPACES;
  return {
    name: 'ours',
    calls,
    run: async () => {
      for (let call = 0; call < calls; call++) {
        const number = call % WORKSPACES;
        await service.authorize(actors[number], inputs[number]);
      }
    },
  };
}

function limit() {
  const members = new Map(
    Array.from({ length: WORKSPACES }, (_, number) => [
      workspace(number),
      new Map(
        Array.from({ length: 5 }, (_, place) => [
          user((number + place) % WORKSPACES),
          { role: place === 0 ? 'owner' : 'developer' },
        ]),
      ),
    ]),
  );
  const find = async (workspaceId, userId) => members.get(workspaceId)?.get(userId);
  const workspaces = Array.from({ length: WORKSPACES }, (_, number) => workspace(number));
  const users = Array.from({ length: WORKSPACES }, (_, number) => user(number));
  const calls = 50 * WORKSPACES;
  return {
    name: 'limit',
    calls,
    run: async () => {
      for (let call = 0; call < calls; call++) {
        const number = call % WORKSPACES;
        const member = await find(workspaces[number], users[number]);
        if (member?.role !== 'owner') throw new Error('not found');
      }
    },
  };
}

async function betterAuthPeers() {
  const tables = {
    user: [],
    session: [],
    account: [],
    verification: [],
    organization: [],
    member: [],
    invitation: [],
  };
  const auth = betterAuth({
    baseURL: 'https://app.example',
    secret: 'a secret of the benchmarks: 32 bytes or more',
    database: memoryAdapter(tables),
    emailAndPassword: { enabled: true },
    plugins: [organization()],
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  });
  const signUp = async (name) =>
    auth.api.signUpEmail({
      body: { name, email: `${name}@app.example`, password: 'correct horse battery' },
      returnHeaders: true,
    });
  const { headers, response } = await signUp('ada');
  const cookie = headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const asAda = new Headers({ cookie });
  const { id: organizationId } = await auth.api.createOrganization({
    body: { name: 'Hello', slug: 'hello' },
    headers: asAda,
  });
  for (const name of ['ben', 'cleo', 'dora', 'emil']) {
    const { response: other } = await signUp(name);
    await auth.api.addMember({ body: { organizationId, userId: other.user.id, role: 'member' } });
  }
  if (tables.member.length !== 5) throw new Error('better-auth: not 5 members');

  // The plugin's own endpoint, handed the session that `auth.api` would have looked up.
  const context = await auth.$context;
  const [session] = tables.session.filter((row) => row.userId === response.user.id);
  const withSession = { ...context, session: { session, user: response.user } };
  const { hasPermission } = context.options.plugins.find(({ id }) => id === 'organization').endpoints;
  const body = { organizationId, permissions: { member: ['update'] } };
  const calls = 1000;
  return {
    plain: {
      name: 'without session',
      calls,
      run: async () => {
        for (let call = 0; call < calls; call++) {
          const { success } = await hasPermission({ headers: asAda, body, context: withSession });
          if (!success) throw new Error('a wrong answer');
        }
      },
    },
    api: {
      name: 'api',
      calls,
      run: async () => {
        for (let call = 0; call < calls; call++) {
          const { success } = await auth.api.hasPermission({ headers: asAda, body });
          if (!success) throw new Error('a wrong answer');
        }
      },
    },
  };
}

// Ours beside better-auth's organizations, each in memory, or with its own tables in the same database.
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { getMigrations } from 'better-auth/db/migration';
import { organization } from 'better-auth/plugins/organization';
import { memoryStorage } from 'tenantry/memory';
import { interleave } from '../lib/interleave.mjs';
import { againstPeer, time } from '../lib/rows.mjs';
import { onDatabase, storageOn } from '../lib/sql-databases.mjs';
import { actor, fill, openAccounts, openWorkspace, serviceOn, user, workspace } from '../lib/workspaces.mjs';

export const title = 'Beside better-auth';
export const notes = [
  'In memory, and both over Kysely, each with tables of its own; 15 rounds over 100 workspaces of 5 members. Statements are prepared at',
  'each call ("plain", as Kysely\'s dialects do) or kept, for both alike. The memory adapter of better-auth scans arrays, so its cost',
  'grows with what the rounds before have made.',
  "better-auth's endpoints are called without HTTP and handed the session, so neither is a session looked up: what is left is the",
  'work of its organization plugin and of its Kysely adapter. Besides the same work, ours checks a signature on the way in,',
  'compares versions and keeps an audit trail; theirs makes the organization the active one of the session.',
];

const ROUNDS = 15;
const TEAMS = 100;
const MEMBERS = 5;
const CROWD = TEAMS;

export const flows = {
  memory: () => compare('memory', 20, { ours: memoryStorage(), theirs: inMemory() }),
  sqlite: () => onSql('SQLite', 'plain', 60),
  sqliteKept: () => onSql('SQLite', 'kept', 60),
  postgres: () => onSql('PostgreSQL', 'plain', 30),
  postgresKept: () => onSql('PostgreSQL', 'kept', 30),
};

function onSql(name, how, calls) {
  return onDatabase(name, (database) =>
    compare(`${name}, ${how}`, calls, { ours: storageOn(database, how), theirs: inDatabase(database, how) }),
  );
}

function inMemory() {
  const models = ['user', 'session', 'account', 'verification', 'organization', 'member', 'invitation'];
  return memoryAdapter(Object.fromEntries(models.map((model) => [model, []])));
}

function inDatabase(database, how) {
  // Their tables have no schema of their own: the connection has.
  const db = database.connect(how, 10, { options: `-c search_path=${database.schema}` });
  return { db, type: database.name === 'PostgreSQL' ? 'postgres' : 'sqlite' };
}

async function compare(where, calls, { ours: storage, theirs: theirDatabase }) {
  const sides = { ours: await ours(storage), peer: await theirs(theirDatabase) };
  const rows = [];
  for (const work of Object.keys(sides.ours)) {
    const count = work.startsWith('accept') || work.startsWith('create') ? calls : 4 * calls;
    const samples = await interleave(
      Object.entries(sides).map(([side, works]) => contender(side, works[work], count)),
      { rounds: ROUNDS, warmUpCalls: 4 * count },
    );
    rows.push(
      againstPeer(`${where}: ${work}`, {
        ours: samples.ours,
        peer: samples.peer,
        name: 'better-auth',
        format: perSecond,
      }),
    );
  }
  return rows;
}

function perSecond(nanoseconds) {
  return `${time(nanoseconds)} (${Math.round(1e9 / nanoseconds).toLocaleString('en')}/s)`;
}

function contender(name, { prepare, call }, calls) {
  let serial = 0;
  return {
    name,
    calls,
    ...(prepare && { prepare: () => prepare(serial, serial + calls) }),
    run: async () => {
      for (const end = serial + calls; serial < end; serial++) await call(serial);
    },
  };
}

async function ours(storage) {
  const { service } = serviceOn(storage);
  await fill(storage, TEAMS, MEMBERS);
  await openWorkspace(
    storage,
    CROWD,
    Array.from({ length: 20 }, (_, number) => number),
  );
  const tokens = [];
  return {
    'create a workspace': {
      call: (serial) => service.createWorkspace(actor(serial % TEAMS), { name: `New ${serial}` }),
    },
    'one permission check': {
      call: async (serial) => {
        const place = { workspaceId: workspace(serial % TEAMS), permission: 'workspace:rename' };
        if (!(await service.can(actor(serial % TEAMS), place))) throw new Error('a wrong answer');
      },
    },
    'list 20 members': {
      call: async (serial) => {
        const input = { workspaceId: workspace(CROWD), limit: 20 };
        const { items } = await service.listMembers(actor(serial % 20), input);
        if (items.length !== 20) throw new Error('a wrong answer');
      },
    },
    'accept an invitation': {
      prepare: async (from, to) => {
        await openAccounts(storage, TEAMS + from, TEAMS + to);
        for (let serial = from; serial < to; serial++) {
          const input = { workspaceId: workspace(serial % TEAMS), role: 'developer' };
          tokens[serial] = (await service.inviteMember(actor(serial % TEAMS), input)).token;
        }
      },
      call: (serial) => service.acceptInvitation({ userId: user(TEAMS + serial) }, { token: tokens[serial] }),
    },
  };
}

async function theirs(database) {
  const options = {
    baseURL: 'https://app.example',
    secret: 'a secret of the benchmarks: 32 bytes or more',
    database,
    emailAndPassword: { enabled: true },
    plugins: [
      organization({
        membershipLimit: 1e6,
        invitationLimit: 1e6,
        requireEmailVerificationOnInvitation: false,
        sendInvitationEmail: async () => {},
      }),
    ],
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  };
  if (typeof database !== 'function') await (await getMigrations(options)).runMigrations();
  const context = await betterAuth(options).$context;
  const { endpoints } = context.options.plugins.find(({ id }) => id === 'organization');
  const headers = new Headers();
  const people = [];
  const openPerson = async (number) => {
    const account = await context.internalAdapter.createUser({
      name: `Person ${number}`,
      email: `person-${number}@app.example`,
      emailVerified: true,
    });
    const session = await context.internalAdapter.createSession(account.id);
    people[number] = { ...context, session: { session, user: account } };
  };
  const as = (number, rest) => ({ headers, context: people[number], ...rest });
  const create = (number, slug) =>
    endpoints.createOrganization(
      as(number, { body: { name: slug, slug, keepCurrentActiveOrganization: true } }),
    );

  for (let number = 0; number < TEAMS; number++) await openPerson(number);
  const teams = [];
  for (let number = 0; number <= TEAMS; number++) {
    const isCrowd = number === CROWD;
    const { id: organizationId } = await create(isCrowd ? 0 : number, `team-${number}`);
    for (let place = 1; place < (isCrowd ? 20 : MEMBERS); place++) {
      const { id: userId } = people[(number + place) % TEAMS].session.user;
      await endpoints.addMember({ context, body: { organizationId, userId, role: 'member' } });
    }
    teams[number] = organizationId;
  }
  const invitations = [];
  return {
    'create a workspace': { call: (serial) => create(serial % TEAMS, `new-${serial}`) },
    'one permission check': {
      call: async (serial) => {
        const body = { organizationId: teams[serial % TEAMS], permissions: { organization: ['update'] } };
        const { success } = await endpoints.hasPermission(as(serial % TEAMS, { body }));
        if (!success) throw new Error('a wrong answer');
      },
    },
    'list 20 members': {
      call: async () => {
        const query = { organizationId: teams[CROWD], limit: 20 };
        const { members } = await endpoints.listMembers(as(0, { query }));
        if (members.length !== 20) throw new Error('a wrong answer');
      },
    },
    'accept an invitation': {
      prepare: async (from, to) => {
        for (let serial = from; serial < to; serial++) {
          await openPerson(TEAMS + serial);
          const { email } = people[TEAMS + serial].session.user;
          const body = { organizationId: teams[serial % TEAMS], email, role: 'member' };
          invitations[serial] = await endpoints.createInvitation(as(serial % TEAMS, { body }));
        }
      },
      call: (serial) =>
        endpoints.acceptInvitation(as(TEAMS + serial, { body: { invitationId: invitations[serial].id } })),
    },
  };
}

// How many statements each command sends to load and to commit: on a network each is a round trip.
import { parseQuantity } from 'tenantry';
import { sqlQuota } from 'tenantry/sql';
import { statementCounter } from '../lib/counted.mjs';
import { figure } from '../lib/rows.mjs';
import { onDatabase, storageOn } from '../lib/sql-databases.mjs';
import { actor, fill, serviceOn, user, workspace } from '../lib/workspaces.mjs';

export const title = 'Round trips on SQL databases';
export const notes = [
  'Statements as they reach the driver, `begin` and `commit` among them; each waits for the answer to the one before it. Counted, not',
  'timed: the figures are the same on every machine. On PostgreSQL a commit is one statement; elsewhere it is a transaction of short',
  'ones. The [guide to SQL](../docs/sql.md#what-it-sends) has every method on every database, the rare ways among them: the first',
  'reservation of a workspace, which opens its ledger, and what deleting a workspace sends for its quota.',
];

const TEAM = workspace(0);
const DEFAULTS = { 'limits.cpu': '1M', 'limits.memory': '1Ei' };
const AMOUNTS = { 'limits.cpu': '500m', 'limits.memory': '64Mi' };
const CROWD = 64;

const authorize = (name) =>
  counting(name, async (database, counter) => {
    const { service } = serviceOn(await filled(database));
    const sent = await counter.during(() =>
      service.authorize(actor(0), { workspaceId: TEAM, permission: 'resource:view' }),
    );
    return [figure(`${name}: \`authorize\``, { ours: String(sent), budget: 'exactly 1', met: sent === 1 })];
  });

/** The commands by what they send: most send the same. */
const commands = (name) =>
  counting(name, async (database, counter) => {
    const storage = await filled(database);
    const sent = { load: 0, commit: 0 };
    const counted = (part) => async (input) => {
      let answer;
      sent[part] += await counter.during(async () => {
        answer = await storage[part](input);
      });
      return answer;
    };
    const { service } = serviceOn({ ...storage, load: counted('load'), commit: counted('commit') });
    const groups = new Map();
    for (const [command, call, prepare] of commandsOn(service)) {
      await prepare?.();
      Object.assign(sent, { load: 0, commit: 0 });
      await call();
      const { load, commit } = sent;
      const key = `${load} + ${commit}`;
      groups.set(key, [...(groups.get(key) ?? []), { command, load, commit }]);
    }
    return [...groups].map(([ours, group]) =>
      figure(`${name}, to load and to commit: ${group.map(({ command }) => command).join(', ')}`, {
        ours,
        budget: 'at most 2 + 2',
        met: group.every(({ load, commit }) => load <= 2 && commit <= 2),
      }),
    );
  });

function counting(name, work) {
  const counter = statementCounter();
  return onDatabase(name, (database) => work(database, counter), { around: counter.around });
}

async function filled(database) {
  const storage = storageOn(database);
  await fill(storage, 10, 5);
  return storage;
}

/** Each is called once, in this order; what has to come before it is not counted. */
function commandsOn(service) {
  const [owner, newcomer] = [actor(0), { userId: 'newcomer' }];
  const place = { workspaceId: TEAM };
  const invited = { ...place, role: 'developer' };
  let issued;
  let created;
  return [
    ['`openAccount`', () => service.openAccount({ ...newcomer, username: 'newcomer' })],
    ['`renameAccount`', () => service.renameAccount(newcomer, { ...newcomer, username: 'newly-named' })],
    ['`createWorkspace`', async () => (created = await service.createWorkspace(newcomer, { name: 'New' }))],
    ['`renameWorkspace`', () => service.renameWorkspace(owner, { ...place, name: 'Renamed' })],
    ['`inviteMember`', async () => (issued = await service.inviteMember(owner, invited))],
    ['`reissueInvitation`', async () => (issued = await service.reissueInvitation(owner, idOf(issued)))],
    ['`acceptInvitation`', () => service.acceptInvitation(newcomer, { token: issued.token })],
    ['`changeRole`', () => service.changeRole(owner, { ...place, ...newcomer, role: 'manager' })],
    ['`switchWorkspace`', () => service.switchWorkspace(newcomer, place)],
    ['`leaveWorkspace`', () => service.leaveWorkspace(actor(4), place)],
    ['`transferOwnership`', () => service.transferOwnership(owner, { ...place, userId: user(1) })],
    [
      '`removeMember` of one who issued 40 open invitations',
      () => service.removeMember(actor(1), { ...place, ...newcomer }),
      async () => {
        for (let number = 0; number < 40; number++) await service.inviteMember(newcomer, invited);
      },
    ],
    ['`deleteWorkspace`', () => service.deleteWorkspace(newcomer, { workspaceId: created.id })],
  ];
}

function idOf({ invitation }) {
  return { workspaceId: invitation.workspaceId, invitationId: invitation.id };
}

/** What a reservation sends, alone and among 64 at once on one workspace, from two services. */
const reservations = (name) =>
  counting(name, async (database, counter) => {
    await filled(database);
    const amounts = new Map(
      Object.entries(AMOUNTS).map(([resource, text]) => [resource, parseQuantity(text)]),
    );
    const quotas = [0, 1].map(() =>
      sqlQuota({ db: database.connect(), ...database.tables, defaults: DEFAULTS }),
    );
    const reserve = async (serial) => {
      const now = Date.now();
      const { ok } = await quotas[serial % 2].reserve(
        { workspaceId: TEAM, kind: 'team', ownerId: user(0) },
        { reservationId: `reservation-${serial}`, amounts, expiresAt: now + 300_000, by: actor(0), now },
      );
      if (!ok) throw new Error('a wrong answer');
    };
    // The first of a workspace opens its ledger.
    await reserve(0);
    const alone = await counter.during(() => reserve(1));
    const crowd = await counter.during(() =>
      Promise.all(Array.from({ length: CROWD }, (_, place) => reserve(2 + place))),
    );
    const row = (work, sent) =>
      figure(`${name}: ${work}`, { ours: String(sent), budget: 'exactly 1', met: sent === 1 });
    return [
      row('a reservation, `sqlQuota` alone', alone),
      row(`each of ${CROWD} reservations at once on one workspace, from two services`, crowd / CROWD),
    ];
  });

export const flows = {
  authorizeSqlite: () => authorize('SQLite'),
  authorizePostgres: () => authorize('PostgreSQL'),
  authorizeMariadb: () => authorize('MariaDB'),
  commandsPostgres: () => commands('PostgreSQL'),
  reservationsPostgres: () => reservations('PostgreSQL'),
};

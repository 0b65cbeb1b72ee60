// What operators and recipients find among few and among many accounts, and what closing one costs there: a list without its
// index, or a search through all events, would show as a ratio near the sizes' own.
import { sqlStorage } from 'tenantry/sql';
import { interleave } from '../lib/interleave.mjs';
import { median, ratioOf, shown, time } from '../lib/rows.mjs';
import { openDatabase } from '../lib/sql-databases.mjs';
import { actor, fill, teamId, userId } from '../lib/sql-filling.mjs';
import { serviceOn } from '../lib/workspaces.mjs';

export const title = 'Finding and closing accounts, on SQL databases';
export const notes = [
  'Among 10,000, 100,000 and 1,000,000 accounts, each with a personal workspace, and a tenth as many teams of 4 with an open',
  'invitation each. The sizes take turns, 7 rounds. A closed account was a member of one team, had a used and an open invitation to',
  'its address, and had been renamed once; opening it is not timed. The table has each size against the smallest.',
  'Measured while the machine, of 2 cores, had other work (load 8 to 10): the times are several times those of a quiet machine, and',
  'the ratios vary by a half. MariaDB is not measured.',
];

const ROUNDS = 7;
const BUDGET = 1.5;
const SIZES = [10_000, 100_000, 1_000_000];
const operator = { operator: 'bench' };

export const flows = {
  sqlite: () => compare('SQLite'),
  postgres: () => compare('PostgreSQL'),
};

async function compare(name) {
  const sides = [];
  const rows = [];
  try {
    for (const accounts of SIZES) {
      const database = await openDatabase(name);
      sides.push({ accounts, database });
      const from = Date.now();
      await fill(database, { accounts, teams: accounts / 10, special: 3 });
      console.error(`${name}: ${accounts} accounts filled (${((Date.now() - from) / 1000).toFixed(1)} s)`);
      sides.at(-1).works = await worksOn(database, accounts);
    }
    for (const [place, { work, calls, budget = BUDGET }] of sides[0].works.entries()) {
      const samples = await interleave(
        sides.map(({ accounts, works }) => contender(accounts, works[place])),
        { rounds: ROUNDS, warmUpCalls: 2 * calls },
      );
      const smallest = samples[String(SIZES[0])];
      for (const accounts of SIZES.slice(1)) {
        const these = samples[String(accounts)];
        const ratio = ratioOf(these, smallest);
        rows.push({
          work: `${name}, ${accounts.toLocaleString('en')} accounts: ${work}`,
          ours: time(median(these)),
          other: SIZES[0].toLocaleString('en'),
          theirs: time(median(smallest)),
          ratio: `${shown(ratio)}x`,
          budget: `at most ${budget}x`,
          met: ratio <= budget,
        });
      }
    }
    return { rows, points: [] };
  } finally {
    for (const { database } of sides) await database.drop();
  }
}

function contender(accounts, { calls, call, prepare }) {
  let serial = 0;
  return {
    name: String(accounts),
    calls,
    ...(prepare && { prepare: () => prepare(serial, calls) }),
    run: async () => {
      for (const end = serial + calls; serial < end; serial++) await call(serial);
    },
  };
}

async function worksOn(database, accounts) {
  const { service } = serviceOn(sqlStorage({ db: database.connect('prepared'), ...database.tables }));
  /** No factor in common with the sizes: the next account is far away. */
  const any = (serial) => (serial * 611_953 + 13) % accounts;
  const team = (serial) => ({ workspaceId: teamId(any(serial) % (accounts / 10)) });
  const owner = (serial) => actor(any(serial) % (accounts / 10));
  await service.openAccount({ userId: 'invited', username: 'invited' });
  for (let place = 0; place < 20; place++) {
    await service.inviteMember(owner(place), { ...team(place), role: 'developer', recipient: { userId: 'invited' } });
  }
  const person = (kind, serial) => ({
    userId: `closing-${kind}-${serial}`,
    email: `closing-${kind}-${serial}@example.org`,
    emailVerified: true,
  });
  const life = async (kind, serial) => {
    const self = person(kind, serial);
    const { userId: id } = self;
    const recipient = { email: self.email };
    await service.openAccount({ userId: id, username: `${id}-before` });
    await service.renameAccount(self, { userId: id, username: id });
    const { token } = await service.inviteMember(owner(serial), { ...team(serial), role: 'developer', recipient });
    await service.acceptInvitation(self, { token });
    await service.inviteMember(owner(serial + 1), { ...team(serial + 1), role: 'developer', recipient });
  };
  const closing = (work, more) => ({
    work,
    calls: 10,
    prepare: async (from, calls) => {
      for (let serial = from; serial < from + calls; serial++) await life(work.length, serial);
    },
    call: (serial) => {
      const self = person(work.length, serial);
      return service.closeAccount(self, { userId: self.userId, ...more });
    },
  });
  const found = (work, call) => ({ work, calls: 60, call });
  return [
    found('`findAccounts` by the beginning of a username, first page of 20', (serial) =>
      service.findAccounts(operator, { usernamePrefix: userId(any(serial)).slice(0, -7), limit: 20 }),
    ),
    found('`findAccounts`, the first 50 that are open', () =>
      service.findAccounts(operator, { status: 'open', limit: 50 }),
    ),
    found('`findWorkspaces` by owner', (serial) =>
      service.findWorkspaces(operator, { ownerId: userId(any(serial)), limit: 50 }),
    ),
    found('`findWorkspaces`, the first 50 teams', () =>
      service.findWorkspaces(operator, { kind: 'team', limit: 50 }),
    ),
    found('`listMyInvitations`, all 20', () => service.listMyInvitations({ userId: 'invited' }, { limit: 50 })),
    closing('`closeAccount`', {}),
    closing('`closeAccount` with `erase`', { erase: true }),
  ];
}

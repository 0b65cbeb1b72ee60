// The scenes of the races, played by workspaces written by hand.
import { HAND_TABLES, workspacesByHand } from './races-by-hand.mjs';
import { atLeast, CROWD, exactly, LIMIT } from './races-play.mjs';

const many = { workspaces: 1e6, members: 1e6, invitations: 1e6 };
const people = Array.from({ length: CROWD + 1 }, (_, number) => `person-${number}`);
const [owner, guest, ...others] = people;
const guests = [guest, ...others];
const emailOf = (person) => `${person}@app.example`;

/** Each request goes by one of two pools, in turn: as two processes do. */
export async function scenesByHand(database, { locked }) {
  const pools = [0, 1].map(() => database.driver(5, { options: `-c search_path=${database.schema}` }));
  const rows = async (text, ...values) => (await pools[0].query(text, values)).rows;
  const exists = await rows(`select to_regclass('links') as links`);
  if (exists[0].links === null) {
    for (const table of HAND_TABLES) await rows(table);
    for (const person of people) await rows('insert into people values ($1, $2)', person, emailOf(person));
  }
  const label = locked ? 'locked' : 'plain';
  const workspaces = (limits = {}) => {
    const sides = pools.map((pool) => workspacesByHand(pool, { locked, limits: { ...many, ...limits } }));
    return (number) => sides[number % sides.length];
  };
  const hand = workspaces();
  const team = (serial) => hand(0).create(owner, { name: `${label} ${serial}` });
  const join = async (workspace, person) =>
    hand(0).accept(person, { link: await hand(0).invite(owner, { workspace }) });
  const twoOwners = async (serial) => {
    const workspace = await team(serial);
    await join(workspace, guest);
    await hand(0).changeRole(owner, { workspace, person: guest, role: 'owner' });
    return workspace;
  };
  const members = (workspace) => rows('select * from members where workspace_id = $1', workspace);
  const owners = async (workspace) =>
    (await members(workspace)).filter(({ role }) => role === 'owner').length;
  const timesIn = async (workspace, person) =>
    (await members(workspace)).filter(({ person_id }) => person_id === person).length;
  const openLinks = (workspace) =>
    rows(`select * from links where workspace_id = $1 and state = 'open'`, workspace);

  return {
    async membersLimit(serial) {
      const side = workspaces({ members: LIMIT });
      const workspace = await team(serial);
      const links = [];
      for (const person of guests)
        links.push(await hand(0).invite(owner, { workspace, email: emailOf(person) }));
      return {
        requests: guests.map((person, place) => () => side(place).accept(person, { link: links[place] })),
        judge: async () => exactly(LIMIT, (await members(workspace)).length, 'members'),
      };
    },
    async demote(serial) {
      const workspace = await twoOwners(serial);
      return {
        requests: [
          () => hand(0).changeRole(owner, { workspace, person: guest, role: 'admin' }),
          () => hand(1).changeRole(guest, { workspace, person: owner, role: 'admin' }),
        ],
        judge: async () => atLeast(1, await owners(workspace), 'owners'),
      };
    },
    async leave(serial) {
      const workspace = await twoOwners(serial);
      return {
        requests: [
          () => hand(0).remove(owner, { workspace, person: owner }),
          () => hand(1).remove(guest, { workspace, person: guest }),
        ],
        judge: async () => atLeast(1, await owners(workspace), 'owners'),
      };
    },
    async oneInvitation(serial) {
      const workspace = await team(serial);
      const link = await hand(0).invite(owner, { workspace, email: emailOf(guest) });
      return {
        requests: guests.map((_, place) => () => hand(place).accept(guest, { link })),
        judge: async () => exactly(1, await timesIn(workspace, guest), 'memberships'),
      };
    },
    async oneLink(serial) {
      const workspace = await team(serial);
      const link = await hand(0).invite(owner, { workspace });
      return {
        requests: guests.map((person, place) => () => hand(place).accept(person, { link })),
        judge: async () => exactly(1, (await members(workspace)).length - 1, 'people joined'),
      };
    },
    async oneRecipient(serial) {
      const workspace = await team(serial);
      return {
        requests: guests.map(
          (_, place) => () => hand(place).invite(owner, { workspace, email: emailOf(guest) }),
        ),
        judge: async () => exactly(1, (await openLinks(workspace)).length, 'open invitations'),
      };
    },
    async twoWays(serial) {
      const workspace = await team(serial);
      const links = [
        await hand(0).invite(owner, { workspace, email: emailOf(guest) }),
        await hand(0).invite(owner, { workspace }),
      ];
      return {
        requests: links.map((link, place) => () => hand(place).accept(guest, { link })),
        judge: async () => exactly(1, await timesIn(workspace, guest), 'memberships'),
      };
    },
    async revoke(serial) {
      const workspace = await team(serial);
      const link = await hand(0).invite(owner, { workspace, email: emailOf(guest) });
      return {
        requests: [() => hand(0).accept(guest, { link }), () => hand(1).revoke(owner, { link })],
        judge: async ([, revoked]) =>
          exactly(revoked ? 0 : 1, await timesIn(workspace, guest), 'memberships'),
      };
    },
    async invitationLimit(serial) {
      const side = workspaces({ invitations: LIMIT });
      const workspace = await team(serial);
      return {
        requests: guests.map(
          (person, place) => () => side(place).invite(owner, { workspace, email: emailOf(person) }),
        ),
        judge: async () => exactly(LIMIT, (await openLinks(workspace)).length, 'open invitations'),
      };
    },
    async roleAndRemoval(serial) {
      const workspace = await team(serial);
      await join(workspace, guest);
      return {
        requests: [
          () => hand(0).changeRole(owner, { workspace, person: guest, role: 'admin' }),
          () => hand(1).remove(owner, { workspace, person: guest }),
        ],
        judge: async ([, removed]) =>
          exactly(removed ? 0 : 1, await timesIn(workspace, guest), 'memberships'),
      };
    },
    async workspaceLimit(serial) {
      const side = workspaces({ workspaces: LIMIT });
      const maker = `maker-${label}-${serial}`;
      await rows('insert into people values ($1, $2)', maker, emailOf(maker));
      return {
        requests: guests.map((_, place) => () => side(place).create(maker, { name: `Workspace ${place}` })),
        judge: async () => {
          const owned = await rows(`select 1 from members where person_id = $1 and role = 'owner'`, maker);
          return exactly(LIMIT, owned.length, 'workspaces');
        },
      };
    },
    async oneName(serial) {
      const name = `${label} name ${serial}`;
      return {
        requests: guests.map((_, place) => () => hand(place).create(owner, { name })),
        judge: async () => {
          const found = await rows('select 1 from workspaces where name = $1', name);
          return exactly(1, found.length, 'workspaces of one name');
        },
      };
    },
  };
}

// The scenes of the races, played by better-auth's organization plugin: on a pool of pg, as its guide to PostgreSQL says,
// so that it uses transactions where it has them; by `auth.api`, with the headers of a session.
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { organization, testUtils } from 'better-auth/plugins';
import { atLeast, CROWD, exactly, LIMIT } from './races-play.mjs';

const TEAMS = { enabled: true, defaultTeam: { enabled: false } };
const LAX = { membershipLimit: 1e6, invitationLimit: 1e6 };

/** Each request goes by one of two instances with a pool each, in turn: as two processes do. */
export async function scenesOfBetterAuth(database) {
  const pools = [0, 1].map(() => database.driver(5, { options: `-c search_path=${database.schema}` }));
  const rows = async (table, where, ...values) =>
    (await pools[0].query(`select * from "${table}" where ${where}`, values)).rows;
  const optionsOn = (pool, limits) => ({
    baseURL: 'https://app.example',
    secret: 'a secret of the benchmarks: 32 bytes or more',
    database: pool,
    plugins: [
      organization({ ...LAX, sendInvitationEmail: async () => {}, ...limits }),
      testUtils(), // makes sessions
    ],
    telemetry: { enabled: false },
    logger: { disabled: true },
  });
  const { runMigrations } = await getMigrations(optionsOn(pools[0], { teams: TEAMS }));
  await runMigrations();
  const instances = (limits = {}) => {
    const sides = pools.map((pool) => betterAuth(optionsOn(pool, limits)));
    return (number) => sides[number % sides.length].api;
  };
  const { test } = await betterAuth(optionsOn(pools[0], {})).$context;
  const person = async (name) => {
    const user = await test.saveUser(test.createUser({ email: `${name}@app.example`, name }));
    return { ...user, headers: (await test.login({ userId: user.id })).headers };
  };
  const people = [];
  for (let number = 0; number <= CROWD; number++) people.push(await person(`person-${number}`));
  const [owner, guest, ...others] = people;
  const guests = [guest, ...others];

  const api = instances();
  const as = ({ headers }, body) => ({ headers, body });
  const team = async (serial) =>
    (await api(0).createOrganization(as(owner, { name: `Team ${serial}`, slug: `team-${serial}` }))).id;
  const invitation = (organizationId, { email }, more = {}) =>
    as(owner, { organizationId, email, role: 'member', ...more });
  const invite = async (organizationId, { email }) =>
    (await api(0).createInvitation(invitation(organizationId, { email }))).id;
  const add = (organizationId, { id: userId }, role = 'member') =>
    api(0).addMember({ body: { organizationId, userId, role } });
  const members = (id) => rows('member', '"organizationId" = $1', id);
  const owners = async (id) => (await members(id)).filter(({ role }) => role === 'owner').length;
  const timesIn = async (id, someone) =>
    (await members(id)).filter(({ userId }) => userId === someone.id).length;
  const memberOf = async (id, someone) => (await members(id)).find(({ userId }) => userId === someone.id).id;
  const pending = (id) => rows('invitation', `"organizationId" = $1 and status = 'pending'`, id);

  return {
    async membersLimit(serial) {
      const side = instances({ membershipLimit: LIMIT });
      const organizationId = await team(serial);
      const invitations = [];
      for (const someone of guests) invitations.push(await invite(organizationId, someone));
      return {
        requests: guests.map(
          (someone, place) => () =>
            side(place).acceptInvitation(as(someone, { invitationId: invitations[place] })),
        ),
        judge: async () => exactly(LIMIT, (await members(organizationId)).length, 'members'),
      };
    },
    async demote(serial) {
      const organizationId = await team(serial);
      await add(organizationId, guest, 'owner');
      const [first, second] = [await memberOf(organizationId, owner), await memberOf(organizationId, guest)];
      const demoted = (memberId) => ({ organizationId, memberId, role: 'admin' });
      return {
        requests: [
          () => api(0).updateMemberRole(as(owner, demoted(second))),
          () => api(1).updateMemberRole(as(guest, demoted(first))),
        ],
        judge: async () => atLeast(1, await owners(organizationId), 'owners'),
      };
    },
    async leave(serial) {
      const organizationId = await team(serial);
      await add(organizationId, guest, 'owner');
      return {
        requests: [owner, guest].map(
          (someone, place) => () => api(place).leaveOrganization(as(someone, { organizationId })),
        ),
        judge: async () => atLeast(1, await owners(organizationId), 'owners'),
      };
    },
    async oneInvitation(serial) {
      const organizationId = await team(serial);
      const invitationId = await invite(organizationId, guest);
      return {
        requests: guests.map((_, place) => () => api(place).acceptInvitation(as(guest, { invitationId }))),
        judge: async () => exactly(1, await timesIn(organizationId, guest), 'memberships'),
      };
    },
    async oneRecipient(serial) {
      const organizationId = await team(serial);
      return {
        requests: guests.map(
          (_, place) => () => api(place).createInvitation(invitation(organizationId, guest)),
        ),
        judge: async () => exactly(1, (await pending(organizationId)).length, 'open invitations'),
      };
    },
    // An invitation is for one address and there is one for each, so the other way is that the host adds a member.
    async twoWays(serial) {
      const organizationId = await team(serial);
      const invitationId = await invite(organizationId, guest);
      return {
        requests: [
          () => api(0).acceptInvitation(as(guest, { invitationId })),
          () => api(1).addMember({ body: { organizationId, userId: guest.id, role: 'member' } }),
        ],
        judge: async () => exactly(1, await timesIn(organizationId, guest), 'memberships'),
      };
    },
    async revoke(serial) {
      const organizationId = await team(serial);
      const invitationId = await invite(organizationId, guest);
      return {
        requests: [
          () => api(0).acceptInvitation(as(guest, { invitationId })),
          () => api(1).cancelInvitation(as(owner, { invitationId })),
        ],
        judge: async ([, canceled]) =>
          exactly(canceled ? 0 : 1, await timesIn(organizationId, guest), 'memberships'),
      };
    },
    async invitationLimit(serial) {
      const side = instances({ invitationLimit: LIMIT });
      const organizationId = await team(serial);
      return {
        requests: guests.map(
          (someone, place) => () => side(place).createInvitation(invitation(organizationId, someone)),
        ),
        judge: async () => exactly(LIMIT, (await pending(organizationId)).length, 'open invitations'),
      };
    },
    async roleAndRemoval(serial) {
      const organizationId = await team(serial);
      await add(organizationId, guest);
      const memberId = await memberOf(organizationId, guest);
      return {
        requests: [
          () => api(0).updateMemberRole(as(owner, { organizationId, memberId, role: 'admin' })),
          () => api(1).removeMember(as(owner, { organizationId, memberIdOrEmail: memberId })),
        ],
        judge: async ([, removed]) =>
          exactly(removed ? 0 : 1, await timesIn(organizationId, guest), 'memberships'),
      };
    },
    async workspaceLimit(serial) {
      const side = instances({ organizationLimit: LIMIT });
      const maker = await person(`maker-${serial}`);
      return {
        requests: guests.map(
          (_, place) => () =>
            side(place).createOrganization(
              as(maker, { name: `Workspace ${place}`, slug: `workspace-${serial}-${place}` }),
            ),
        ),
        judge: async () =>
          exactly(LIMIT, (await rows('member', '"userId" = $1', maker.id)).length, 'workspaces'),
      };
    },
    async oneName(serial) {
      const body = { name: `Name ${serial}`, slug: `name-${serial}` };
      return {
        requests: guests.map((_, place) => () => api(place).createOrganization(as(owner, body))),
        judge: async () => {
          const found = await rows('organization', 'slug = $1', body.slug);
          return exactly(1, found.length, 'workspaces of one name');
        },
      };
    },
    async teamSeats(serial) {
      const side = instances({ teams: { ...TEAMS, maximumMembersPerTeam: LIMIT } });
      const organizationId = await team(serial);
      const { id: teamId } = await side(0).createTeam(as(owner, { organizationId, name: 'Team' }));
      const invitations = [];
      for (const someone of guests) {
        const body = invitation(organizationId, someone, { teamId });
        invitations.push((await side(0).createInvitation(body)).id);
      }
      return {
        requests: guests.map(
          (someone, place) => () =>
            side(place).acceptInvitation(as(someone, { invitationId: invitations[place] })),
        ),
        judge: async () =>
          exactly(LIMIT, (await rows('teamMember', '"teamId" = $1', teamId)).length, 'members of the team'),
      };
    },
  };
}

// The scenes of the races, played by tenantry.
import { sqlStorage } from 'tenantry/sql';
import { CROWD, exactly, LIMIT } from './races-play.mjs';
import { serviceOn, unlimited } from './workspaces.mjs';

const people = Array.from({ length: CROWD + 1 }, (_, number) => `person-${number}`);
const [owner, guest, ...others] = people;
const guests = [guest, ...others];
const as = (userId) => ({ userId, email: `${userId}@app.example`, emailVerified: true });
const forOne = (userId) => ({ recipient: { email: as(userId).email } });

/** Each request goes by one of two services with a pool each, in turn: as two processes do. */
export async function scenesOfTenantry(database) {
  const storages = [0, 1].map(() => sqlStorage({ db: database.connect('plain', 5), ...database.tables }));
  const driver = database.driver(1);
  const rows = async (table, where, ...values) =>
    (await driver.query(`select * from ${database.table(table)} where ${where}`, values)).rows;
  const services = (limits = {}) => {
    const sides = storages.map(
      (storage) => serviceOn(storage, { limits: { ...unlimited, ...limits } }).service,
    );
    return (number) => sides[number % sides.length];
  };
  const ours = services();
  for (const userId of people) await ours(0).openAccount({ userId, username: userId });

  const team = async (serial) => (await ours(0).createWorkspace(as(owner), { name: `Team ${serial}` })).id;
  const invite = (workspaceId, others = {}) =>
    ours(0).inviteMember(as(owner), { workspaceId, role: 'developer', ...others });
  const join = async (workspaceId, userId) =>
    ours(0).acceptInvitation(as(userId), { token: (await invite(workspaceId)).token });
  const members = (workspaceId) => rows('members', 'workspace_id = $1', workspaceId);
  const owners = async (workspaceId) =>
    (await members(workspaceId)).filter(({ role }) => role === 'owner').length;
  const timesIn = async (workspaceId, userId) =>
    (await members(workspaceId)).filter(({ user_id }) => user_id === userId).length;
  const openInvitations = (workspaceId) =>
    rows('invitations', `workspace_id = $1 and state = 'open'`, workspaceId);

  return {
    // By a link without a limit of uses: each use of any other has its seat reserved, and such invitations are refused
    // beforehand.
    async membersLimit(serial) {
      const side = services({ membersPerWorkspace: LIMIT });
      const workspaceId = await team(serial);
      const { token } = await invite(workspaceId, { maxUses: 'unlimited' });
      return {
        requests: guests.map((userId, place) => () => side(place).acceptInvitation(as(userId), { token })),
        judge: async () => exactly(LIMIT, (await members(workspaceId)).length, 'members'),
      };
    },
    // There is one owner, who is demoted by a transfer: two of them meet.
    async demote(serial) {
      const workspaceId = await team(serial);
      const heirs = guests.slice(0, 2);
      for (const userId of heirs) await join(workspaceId, userId);
      return {
        requests: heirs.map(
          (userId, place) => () => ours(place).transferOwnership(as(owner), { workspaceId, userId }),
        ),
        judge: async () => exactly(1, await owners(workspaceId), 'owners'),
      };
    },
    // The owner hands over and leaves, while who shall be the owner leaves.
    async leave(serial) {
      const workspaceId = await team(serial);
      await join(workspaceId, guest);
      return {
        requests: [
          async () => {
            await ours(0).transferOwnership(as(owner), { workspaceId, userId: guest });
            await ours(0).leaveWorkspace(as(owner), { workspaceId });
          },
          () => ours(1).leaveWorkspace(as(guest), { workspaceId }),
        ],
        judge: async () => exactly(1, await owners(workspaceId), 'owners'),
      };
    },
    async oneInvitation(serial) {
      const workspaceId = await team(serial);
      const { token } = await invite(workspaceId, forOne(guest));
      return {
        requests: guests.map((_, place) => () => ours(place).acceptInvitation(as(guest), { token })),
        judge: async () => exactly(1, await timesIn(workspaceId, guest), 'memberships'),
      };
    },
    async oneLink(serial) {
      const workspaceId = await team(serial);
      const { token } = await invite(workspaceId);
      return {
        requests: guests.map((userId, place) => () => ours(place).acceptInvitation(as(userId), { token })),
        judge: async () => exactly(1, (await members(workspaceId)).length - 1, 'people joined'),
      };
    },
    async oneRecipient(serial) {
      const workspaceId = await team(serial);
      const input = { workspaceId, role: 'developer', ...forOne(guest) };
      return {
        requests: guests.map((_, place) => () => ours(place).inviteMember(as(owner), input)),
        judge: async () => exactly(1, (await openInvitations(workspaceId)).length, 'open invitations'),
      };
    },
    async twoWays(serial) {
      const workspaceId = await team(serial);
      const invitations = [await invite(workspaceId, forOne(guest)), await invite(workspaceId)];
      return {
        requests: invitations.map(
          ({ token }, place) =>
            () =>
              ours(place).acceptInvitation(as(guest), { token }),
        ),
        judge: async () => exactly(1, await timesIn(workspaceId, guest), 'memberships'),
      };
    },
    async revoke(serial) {
      const workspaceId = await team(serial);
      const { token, invitation } = await invite(workspaceId, forOne(guest));
      return {
        requests: [
          () => ours(0).acceptInvitation(as(guest), { token }),
          () => ours(1).revokeInvitation(as(owner), { workspaceId, invitationId: invitation.id }),
        ],
        judge: async ([, revoked]) =>
          exactly(revoked ? 0 : 1, await timesIn(workspaceId, guest), 'memberships'),
      };
    },
    async invitationLimit(serial) {
      const side = services({ openInvitationsPerWorkspace: LIMIT });
      const workspaceId = await team(serial);
      const inputOf = (userId) => ({ workspaceId, role: 'developer', ...forOne(userId) });
      return {
        requests: guests.map((userId, place) => () => side(place).inviteMember(as(owner), inputOf(userId))),
        judge: async () => exactly(LIMIT, (await openInvitations(workspaceId)).length, 'open invitations'),
      };
    },
    async roleAndRemoval(serial) {
      const workspaceId = await team(serial);
      await join(workspaceId, guest);
      return {
        requests: [
          () => ours(0).changeRole(as(owner), { workspaceId, userId: guest, role: 'manager' }),
          () => ours(1).removeMember(as(owner), { workspaceId, userId: guest }),
        ],
        judge: async ([, removed]) =>
          exactly(removed ? 0 : 1, await timesIn(workspaceId, guest), 'memberships'),
      };
    },
    async workspaceLimit(serial) {
      const side = services({ workspacesPerOwner: LIMIT });
      const maker = `maker-${serial}`;
      await ours(0).openAccount({ userId: maker, username: maker });
      return {
        requests: guests.map(
          (_, place) => () => side(place).createWorkspace(as(maker), { name: `Workspace ${place}` }),
        ),
        judge: async () => {
          const owned = await rows('workspaces', `owner_id = $1 and kind = 'team'`, maker);
          return exactly(LIMIT, owned.length, 'workspaces');
        },
      };
    },
    async oneName(serial) {
      const name = `Name ${serial}`;
      return {
        requests: guests.map((_, place) => () => ours(place).createWorkspace(as(owner), { name })),
        judge: async () => {
          const found = await rows('workspaces', 'name = $1', name);
          return exactly(1, found.length, 'workspaces of one name');
        },
      };
    },
  };
}

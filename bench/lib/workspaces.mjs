// Services on memory, and storages filled through their port: one commit for each workspace, without events.
import { defaultMatrix, WorkspaceService } from 'tenantry';
import { memoryStorage } from 'tenantry/memory';

export const SECRET = 'a secret of the benchmarks: 32 bytes or more';
export const ISSUER = 'https://app.example';
const JOINED = Date.UTC(2026, 0, 1);

export const unlimited = {
  membersPerWorkspace: 'unlimited',
  openInvitationsPerWorkspace: 'unlimited',
  workspacesPerOwner: 'unlimited',
};

export function serviceOn(storage = memoryStorage(), others = {}) {
  const service = new WorkspaceService({
    storage,
    permissions: defaultMatrix,
    limits: unlimited,
    // Counted as by default, and never reached.
    invitationsPerActorPerDay: Number.MAX_SAFE_INTEGER,
    tokens: {
      keys: [{ kid: 'bench', alg: 'HS256', secret: SECRET }],
      issuer: ISSUER,
      invitationUrl: `${ISSUER}/join`,
    },
    ...others,
  });
  return { service, storage };
}

export const user = (number) => `user-${number}`;
export const workspace = (number) => `ws-${String(number).padStart(16, '0')}`;
export const actor = (number) => ({ userId: user(number) });

/** Accounts `from` to `to - 1`, without their personal workspaces: no flow here looks at one. */
export async function openAccounts(storage, from, to) {
  for (let number = from; number < to; number++) {
    const userId = user(number);
    const account = {
      userId,
      username: userId,
      usernameKey: userId,
      displayName: null,
      personalWorkspaceId: `ws-of-${number}`,
      activeWorkspaceId: `ws-of-${number}`,
      status: 'open',
      ownedTeams: 1,
      invitedSince: 0,
      invited: 0,
      version: 1,
      openedVersion: 1,
      createdAt: JOINED,
    };
    await done(storage.commit({ expect: [], changes: [{ kind: 'account.insert', account }], events: [] }));
  }
}

/** A team workspace; `users` are the numbers of its members, the owner's first; the others are developers. */
export async function openWorkspace(storage, number, users) {
  const id = workspace(number);
  const [owner] = users;
  const changes = [
    {
      kind: 'workspace.insert',
      workspace: {
        id,
        kind: 'team',
        name: `Workspace ${number}`,
        nameKey: `workspace ${number}`,
        ownerId: user(owner),
        memberCount: users.length,
        openInvitations: 0,
        reservedSeats: 0,
        suspendedFor: null,
        deletion: null,
        attributes: null,
        offer: null,
        version: 1,
        createdAt: JOINED,
      },
    },
    ...users.map((member, place) => ({
      kind: 'member.insert',
      member: {
        workspaceId: id,
        userId: user(member),
        role: place === 0 ? 'owner' : 'developer',
        invitationId: null,
        joinedAt: JOINED + place,
        joinedVersion: 1,
      },
    })),
  ];
  await done(storage.commit({ expect: [], changes, events: [] }));
}

/** One more developer in a workspace. */
export async function addMember(storage, workspaceId, userId) {
  const { workspace } = await storage.load({ workspaceId });
  const changes = [
    { kind: 'workspace.update', workspace: { ...workspace, memberCount: workspace.memberCount + 1 } },
    {
      kind: 'member.insert',
      member: { workspaceId, userId, role: 'developer', invitationId: null, joinedAt: Date.now(), joinedVersion: 1 },
    },
  ];
  await done(storage.commit({ expect: [], changes, events: [] }));
}

/** Workspaces 0 to `count - 1` of `size` members each, every user in `size` of them and the owner of one. */
export async function fill(storage, count, size) {
  await openAccounts(storage, 0, Math.max(count, size));
  for (let number = 0; number < count; number++) {
    const users = Array.from({ length: size }, (_, place) => (number + place) % Math.max(count, size));
    await openWorkspace(storage, number, users);
  }
}

async function done(committing) {
  const result = await committing;
  if (!result.ok) throw new Error(`the storage could not be filled: ${result.reason}`);
}

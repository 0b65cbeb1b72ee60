// The limit for commands: the mutations as one would write them by hand over plain Maps, for this process and nothing
// else. The same checks, the same ids, indexes and events as the library; no port, no decision, no retry, no hooks.
import { customAlphabet, nanoid } from 'nanoid';

const label = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 16);
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const held = new Map([
  ['owner', new Set(['workspace:rename', 'workspace:delete', 'member:change-role', 'member:remove'])],
  ['manager', new Set(['member:remove'])],
  ['developer', new Set()],
]);
const grants = new Map([
  ['owner', new Set(['manager', 'developer'])],
  ['manager', new Set(['developer'])],
  ['developer', new Set()],
]);

export function byHand() {
  const accounts = new Map();
  const userByUsername = new Map();
  const workspaces = new Map();
  const deleted = new Set();
  const namesByOwner = new Map();
  const workspacesByUser = new Map();
  const events = new Map();

  return {
    async openAccount({ userId, username }) {
      checkId(userId);
      const name = checkedName(username);
      const key = keyOf(name);
      if (accounts.has(userId)) fail('ACCOUNT_EXISTS');
      if (userByUsername.has(key)) fail('USERNAME_TAKEN');
      const now = Date.now();
      const id = `ws-${label()}`;
      const account = {
        userId,
        username: name,
        personalWorkspaceId: id,
        ownedTeams: 0,
        version: 1,
        createdAt: now,
      };
      accounts.set(userId, account);
      userByUsername.set(key, userId);
      record(userId, 'account.opened', userId, 1, { username: name, personalWorkspaceId: id }, now);
      const workspace = insert({ id, kind: 'personal', name, key, userId, now });
      return { account: { ...account, createdAt: new Date(now) }, workspace: shown(workspace) };
    },
    async createWorkspace({ userId }, { name: given }) {
      checkId(userId);
      const name = checkedName(given);
      const key = keyOf(name);
      const account = accounts.get(userId);
      if (account === undefined) fail('ACCOUNT_NOT_FOUND');
      if (namesByOwner.get(userId)?.has(key)) fail('NAME_TAKEN');
      const now = Date.now();
      account.ownedTeams += 1;
      account.version += 1;
      return shown(insert({ id: `ws-${label()}`, kind: 'team', name, key, userId, now }));
    },
    async renameWorkspace({ userId }, { workspaceId, name: given }) {
      checkId(userId);
      const to = checkedName(given);
      const workspace = admitted(userId, workspaceId, 'workspace:rename');
      const key = keyOf(to);
      const names = namesByOwner.get(workspace.ownerId);
      if (names.get(key) !== undefined) fail('NAME_TAKEN');
      const from = workspace.name;
      names.delete(workspace.nameKey);
      names.set(key, workspaceId);
      workspace.name = to;
      workspace.nameKey = key;
      workspace.version += 1;
      record(workspaceId, 'workspace.renamed', userId, workspace.version, { from, to }, Date.now());
      return shown(workspace);
    },
    async deleteWorkspace({ userId }, { workspaceId }) {
      checkId(userId);
      const workspace = admitted(userId, workspaceId, 'workspace:delete');
      const { name, ownerId } = workspace;
      const account = accounts.get(ownerId);
      account.ownedTeams -= 1;
      account.version += 1;
      namesByOwner.get(ownerId).delete(workspace.nameKey);
      for (const member of workspace.members.keys()) workspacesByUser.get(member).delete(workspaceId);
      workspaces.delete(workspaceId);
      deleted.add(workspaceId);
      const version = workspace.version + 1;
      record(workspaceId, 'workspace.deleted', userId, version, { name, ownerId }, Date.now());
    },
    async changeRole({ userId: caller }, { workspaceId, userId, role }) {
      checkId(caller);
      checkId(userId);
      checkId(role);
      const workspace = admitted(caller, workspaceId, 'member:change-role');
      const member = workspace.members.get(userId);
      if (member === undefined) fail('MEMBER_NOT_FOUND');
      const mine = grants.get(workspace.members.get(caller).role);
      if (!mine.has(role) || !mine.has(member.role)) fail('PERMISSION_DENIED');
      const from = member.role;
      member.role = role;
      workspace.version += 1;
      const data = { userId, from, to: role };
      record(workspaceId, 'member.role-changed', caller, workspace.version, data, Date.now());
      return { ...member, joinedAt: new Date(member.joinedAt) };
    },
    async removeMember({ userId: caller }, { workspaceId, userId }) {
      checkId(caller);
      checkId(userId);
      const workspace = admitted(caller, workspaceId, 'member:remove');
      const member = workspace.members.get(userId);
      if (member === undefined) fail('MEMBER_NOT_FOUND');
      if (!grants.get(workspace.members.get(caller).role).has(member.role)) fail('PERMISSION_DENIED');
      workspace.members.delete(userId);
      workspacesByUser.get(userId).delete(workspaceId);
      workspace.memberCount -= 1;
      workspace.version += 1;
      const data = { userId, role: member.role };
      record(workspaceId, 'member.removed', caller, workspace.version, data, Date.now());
    },
    /** For filling: no checks, no event. */
    addMember(workspaceId, userId) {
      const workspace = workspaces.get(workspaceId);
      workspace.memberCount += 1;
      join(workspace, userId, 'developer', Date.now());
    },
    /** For filling: no checks, no event. */
    addAccount(userId) {
      accounts.set(userId, { userId, username: userId, ownedTeams: 0, version: 1, createdAt: Date.now() });
    },
  };

  function insert({ id, kind, name, key, userId, now }) {
    if (workspaces.has(id) || deleted.has(id)) fail('ID_TAKEN');
    const workspace = {
      id,
      kind,
      name,
      nameKey: key,
      ownerId: userId,
      memberCount: 1,
      version: 1,
      createdAt: now,
      members: new Map(),
    };
    workspaces.set(id, workspace);
    let names = namesByOwner.get(userId);
    if (names === undefined) namesByOwner.set(userId, (names = new Map()));
    names.set(key, id);
    join(workspace, userId, 'owner', now);
    record(id, 'workspace.created', userId, 1, { kind, name, ownerId: userId }, now);
    return workspace;
  }

  function join(workspace, userId, role, joinedAt) {
    workspace.members.set(userId, { workspaceId: workspace.id, userId, role, joinedAt });
    let own = workspacesByUser.get(userId);
    if (own === undefined) workspacesByUser.set(userId, (own = new Set()));
    own.add(workspace.id);
  }

  function admitted(userId, workspaceId, permission) {
    if (typeof workspaceId !== 'string' || workspaceId.length > 63 || !DNS_LABEL.test(workspaceId))
      fail('INVALID_INPUT');
    const workspace = workspaces.get(workspaceId);
    const member = workspace?.members.get(userId);
    if (member === undefined) fail('WORKSPACE_NOT_FOUND');
    if (!held.get(member.role).has(permission)) fail('PERMISSION_DENIED');
    if (workspace.kind === 'personal') fail('PERSONAL_WORKSPACE');
    return workspace;
  }

  function record(subject, type, userId, version, data, now) {
    const at = new Date(now).toISOString();
    const event = { id: nanoid(), type, subject, version, index: 0, at, actor: { userId }, data };
    const list = events.get(subject);
    if (list === undefined) events.set(subject, [event]);
    else list.push(event);
  }
}

function shown({ id, kind, name, ownerId, memberCount, version, createdAt }) {
  return { id, kind, name, ownerId, memberCount, version, createdAt: new Date(createdAt) };
}

function checkId(id) {
  if (typeof id !== 'string' || id.length < 1 || id.length > 256 || HIDDEN.test(id)) fail('INVALID_INPUT');
}

function checkedName(given) {
  if (typeof given !== 'string' || given.length > 400) fail('INVALID_INPUT');
  const name = given.trim().normalize('NFC');
  if (name === '' || [...name].length > 100 || HIDDEN.test(name)) fail('INVALID_INPUT');
  return name;
}

function keyOf(name) {
  return name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toUpperCase().toLowerCase().normalize('NFKC');
}

function fail(code) {
  throw Object.assign(new Error(code), { code });
}

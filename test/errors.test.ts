// Error codes: for each code a call that ends in it, with the details that the guide to errors lists.
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { memoryQuota } from '../src/adapters/memory/index.js';
import { defaultLimits, type CommitResult, type WorkspaceErrorCode } from '../src/index.js';
import { errorTexts } from '../src/errors.js';
import { acts, createScene as createActScene, type Act, type ErrorCase } from './acts.js';
import { ada, createTeam, dev, mia, refusal, sam, serviceOn } from './service/team.js';

const GUIDE = new URL('../docs/errors.md', import.meta.url);
const role = 'developer';

async function createScene() {
  const team = await createTeam({ quota: memoryQuota({ defaults: { cpu: '4' } }) });
  const { workspaces, workspaceId } = team;
  const personal = (await workspaces.activeWorkspace(ada)).workspace.id;
  const invite = (more: object = {}) => workspaces.inviteMember(ada, { workspaceId, role, ...more });
  const reserve = (reservationId: string, cpu: string, ttlSeconds = 60) =>
    workspaces.reserveQuota(ada, { workspaceId, reservationId, amounts: { cpu }, ttlSeconds });
  return { ...team, personal, invite, reserve };
}
type Scene = Awaited<ReturnType<typeof createScene>>;

/** Codes that several commands end in, or none: the entries of `acts.ts` have the others. */
const cases: {
  readonly [Code in WorkspaceErrorCode]?: (scene: Scene) => Promise<ErrorCase<Code>> | ErrorCase<Code>;
} = {
  INVALID_INPUT: ({ workspaces }) => ({
    call: () => workspaces.createWorkspace(ada, { name: '' }),
    details: { issues: [{ path: 'input.name', message: 'must not be empty' }] },
  }),
  ACCOUNT_NOT_FOUND: ({ workspaces }) => ({
    call: () => workspaces.activeWorkspace({ userId: 'nobody' }),
    details: { userId: 'nobody' },
  }),
  WORKSPACE_NOT_FOUND: ({ workspaces, workspaceId }) => ({
    call: () => workspaces.getWorkspace(sam, { workspaceId }),
    details: { workspaceId },
  }),
  MEMBER_NOT_FOUND: ({ workspaces, workspaceId }) => ({
    call: () => workspaces.removeMember(ada, { workspaceId, userId: 'sam' }),
    details: { workspaceId, userId: 'sam' },
  }),
  INVITATION_NOT_FOUND: ({ workspaces, workspaceId }) => ({
    call: () => workspaces.revokeInvitation(ada, { workspaceId, invitationId: 'inv-none' }),
    details: { workspaceId, invitationId: 'inv-none' },
  }),
  PERMISSION_DENIED: ({ workspaces, workspaceId }) => ({
    call: () => workspaces.inviteMember(mia, { workspaceId, role: 'manager' }),
    details: { permission: 'invitation:create', role: 'manager', grant: 'manager' },
  }),
  PERSONAL_WORKSPACE: ({ workspaces, personal }) => ({
    call: () => workspaces.deleteWorkspace(ada, { workspaceId: personal }),
    details: { workspaceId: personal, operation: 'delete' },
  }),
  OWNER_REQUIRED: ({ workspaces, workspaceId }) => ({
    call: () => workspaces.leaveWorkspace(ada, { workspaceId }),
    details: { workspaceId, userId: 'ada' },
  }),
  ALREADY_MEMBER: ({ workspaces, workspaceId }) => ({
    call: () => workspaces.inviteMember(ada, { workspaceId, role, recipient: dev }),
    details: { workspaceId, userId: 'dev' },
  }),
  ALREADY_INVITED: async ({ workspaceId, invite }) => {
    const { invitation } = await invite({ recipient: sam });
    return {
      call: () => invite({ recipient: sam }),
      details: { workspaceId, invitationId: invitation.id },
    };
  },
  ACCOUNT_EXISTS: ({ workspaces }) => ({
    call: () => workspaces.openAccount({ userId: 'ada', username: 'another' }),
    details: { userId: 'ada' },
  }),
  ACCOUNT_CLOSING: async ({ workspaces, storage }) => {
    const listWorkspaces = () => Promise.reject(new Error('ECONNREFUSED'));
    await refusal(serviceOn({ ...storage, listWorkspaces }).closeAccount(sam, { userId: 'sam' }));
    return {
      call: () => workspaces.openAccount({ userId: 'sam', username: 'sam' }),
      details: { userId: 'sam' },
    };
  },
  NAME_TAKEN: ({ workspaces }) => ({
    call: () => workspaces.createWorkspace(ada, { name: 'CORE' }),
    details: { name: 'CORE' },
  }),
  USERNAME_TAKEN: ({ workspaces }) => ({
    call: () => workspaces.openAccount({ userId: 'una', username: 'ADA' }),
    details: { username: 'ADA' },
  }),
  ID_TAKEN: ({ workspaces, workspaceId }) => ({
    call: () => workspaces.createWorkspace(sam, { name: 'Core', workspaceId }),
    details: { workspaceId },
  }),
  LIMIT_EXCEEDED: ({ storage }) => {
    const limited = serviceOn(storage, { limits: { ...defaultLimits, workspacesPerOwner: 1 } });
    return {
      call: () => limited.createWorkspace(ada, { name: 'Kernel' }),
      details: { which: 'workspacesPerOwner', limit: 1, current: 1, requested: 1 },
    };
  },
  CONSENT_REQUIRED: ({ storage, workspaceId }) => {
    const byConsent = serviceOn(storage, { ownershipTransfer: 'consent' });
    return {
      call: () => byConsent.transferOwnership(ada, { workspaceId, userId: 'dev' }),
      details: { workspaceId },
    };
  },
  QUOTA_EXCEEDED: ({ reserve }) => ({
    call: () => reserve('much', '5'),
    details: {
      shortfalls: [
        { resource: 'cpu', requested: '5', used: '0', reserved: '0', limit: '4', exceededBy: '1' },
      ],
    },
  }),
  RESERVATION_NOT_FOUND: ({ workspaces, workspaceId }) => ({
    call: () => workspaces.commitQuota(ada, { workspaceId, reservationId: 'none' }),
    details: { reservationId: 'none' },
  }),
  RESERVATION_EXPIRED: async ({ workspaces, workspaceId, clock, reserve }) => {
    await reserve('late', '3', 1);
    clock.advance(1_000);
    await reserve('held', '3');
    return {
      call: () => workspaces.commitQuota(ada, { workspaceId, reservationId: 'late' }),
      details: { reservationId: 'late' },
    };
  },
  RESERVATION_MISMATCH: async ({ reserve }) => {
    await reserve('held', '3');
    return { call: () => reserve('held', '2'), details: { reservationId: 'held' } };
  },
  INVITATION_INVALID: ({ workspaces }) => ({
    call: () => workspaces.previewInvitation({ token: 'a guess' }),
    details: {},
  }),
  INVITATION_EXPIRED: async ({ workspaces, clock, invite }) => {
    const { token } = await invite({ expiresInSeconds: 60 });
    clock.advance(60_000);
    return { call: () => workspaces.acceptInvitation(sam, { token }), details: {} };
  },
  INVITATION_REVOKED: async ({ workspaces, workspaceId, invite }) => {
    const { token, invitation } = await invite();
    await workspaces.revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
    return { call: () => workspaces.acceptInvitation(sam, { token }), details: {} };
  },
  INVITATION_USED: async ({ workspaces, invite }) => {
    const { token } = await invite();
    await workspaces.openAccount({ userId: 'una', username: 'una' });
    await workspaces.acceptInvitation({ userId: 'una' }, { token });
    return { call: () => workspaces.acceptInvitation(sam, { token }), details: {} };
  },
  INVITATION_DECLINED: async ({ workspaces, invite }) => {
    const { token } = await invite();
    await workspaces.declineInvitation(sam, { token });
    return { call: () => workspaces.acceptInvitation(sam, { token }), details: {} };
  },
  INVITATION_RECIPIENT_MISMATCH: async ({ workspaces, invite }) => {
    const { token } = await invite({ recipient: { userId: 'una' } });
    return { call: () => workspaces.acceptInvitation(sam, { token }), details: {} };
  },
  RECIPIENT_NOT_VERIFIED: async ({ workspaces, invite }) => {
    const { token } = await invite({ recipient: { email: 'sam@example.com' } });
    const unproved = { ...sam, email: 'sam@example.com', emailVerified: false };
    return { call: () => workspaces.acceptInvitation(unproved, { token }), details: {} };
  },
  SESSION_INVALID: ({ workspaces }) => ({
    call: () => workspaces.verifySession({ token: 'a guess' }),
    details: {},
  }),
  SESSION_EXPIRED: async ({ workspaces, workspaceId, clock }) => {
    const { token } = await workspaces.switchWorkspace(dev, { workspaceId });
    // Longer than any session.
    clock.advance(24 * 60 * 60_000);
    return { call: () => workspaces.verifySession({ token }), details: {} };
  },
  SESSION_STALE: async ({ workspaces, workspaceId }) => {
    const { token } = await workspaces.switchWorkspace(dev, { workspaceId });
    await workspaces.removeMember(ada, { workspaceId, userId: 'dev' });
    return { call: () => workspaces.verifySession({ token, fresh: true }), details: {} };
  },
  VETOED: ({ workspaces }) => {
    workspaces.before('createWorkspace', () => {
      throw new Error('not on Sundays');
    });
    return {
      call: () => workspaces.createWorkspace(ada, { name: 'Kernel' }),
      details: { command: 'createWorkspace' },
    };
  },
  CONFLICT: ({ storage }) => {
    const commit = (): Promise<CommitResult> => Promise.resolve({ ok: false, reason: 'conflict' });
    const losing = serviceOn({ ...storage, commit });
    return {
      call: () => losing.createWorkspace(ada, { name: 'Kernel' }),
      details: { attempts: 20 },
    };
  },
  UNAVAILABLE: ({ storage }) => {
    const commit = (): Promise<CommitResult> => Promise.reject(new Error('ECONNREFUSED'));
    const failing = serviceOn({ ...storage, commit });
    return {
      call: () => failing.createWorkspace(ada, { name: 'Kernel' }),
      details: { source: 'storage' },
    };
  },
};

const told = await toldShapes();
const codes = Object.keys(errorTexts).filter((code): code is WorkspaceErrorCode =>
  Object.hasOwn(errorTexts, code),
);

test('the guide to errors has every code', () => {
  expect([...told.keys()].sort()).toEqual([...codes].sort());
});

describe('each code occurs, with the details of the guide', () => {
  test.each(codes)('%s', async (code) => {
    const { call, details } = await caseOf(code);
    const error = await refusal(call());
    expect({ code: error.code, details: error.details }).toEqual({ code, details });
    expect(Object.isFrozen(error.details)).toBe(true);
    expect(deviations(error.details, told.get(code) ?? 'none')).toEqual([]);
  });

  test('PERMISSION_DENIED has no grant if no role is granted', async () => {
    const { workspaces, workspaceId } = await createScene();
    const { details } = await refusal(workspaces.renameWorkspace(dev, { workspaceId, name: 'Kernel' }));
    expect(details).toEqual({ permission: 'workspace:rename', role: 'developer' });
    expect(deviations(details, told.get('PERMISSION_DENIED') ?? 'none')).toEqual([]);
  });
});

test('the comparison finds undocumented details and documented details that are missing', () => {
  expect(deviations({ a: 1 }, '`b`, `c?`')).toEqual(['no b', 'a is not told']);
  expect(deviations({ a: [{ b: 1 }] }, '`a: { b, c }[]`')).toEqual(['no c in a']);
  expect(deviations({ a: 1 }, 'none')).toEqual(['a is not told']);
});

/** The case of a code in this file, or in the entry of the command that ends in it. */
async function caseOf(code: WorkspaceErrorCode): Promise<ErrorCase<WorkspaceErrorCode>> {
  const own = await cases[code]?.(await createScene());
  if (own !== undefined) return own;
  for (const { errors = {} } of Object.values<Act>(acts)) {
    const found = Object.entries(errors).find(([name]) => name === code)?.[1];
    if (found) return found(await createActScene());
  }
  throw new Error(`no call ends in ${code}: add one to \`errors\` of its command in test/acts.ts`);
}

/** The details of each code, as the table of the guide writes them. */
async function toldShapes(): Promise<ReadonlyMap<string, string>> {
  const row = /^\| `([A-Z_]+)` +\| \d{3} +\| ([^|]+?) +\|/gm;
  const guide = await readFile(GUIDE, 'utf8');
  return new Map([...guide.matchAll(row)].map(([, code = '', shape = '']) => [code, shape]));
}

/** `none`, or fields: `name`, `name?` if optional, `name: { field, field }[]` for a list of such records. */
function deviations(details: object, shape: string): string[] {
  const fields = [...shape.matchAll(/`(\w+)(\?)?(?:: \{ ([^}]+) \}\[\])?`/g)].map(
    ([, name = '', optional, inner]) => ({ name, isOptional: optional === '?', inner: inner?.split(', ') }),
  );
  const values = new Map<string, unknown>(Object.entries(details));
  const missing = fields.filter(({ name, isOptional }) => !isOptional && !values.has(name));
  const extra = [...values.keys()].filter((key) => !fields.some(({ name }) => name === key));
  const inside = fields.flatMap(({ name, inner }) => {
    const value = values.get(name);
    if (inner === undefined || !Array.isArray(value)) return [];
    const shapeOfEach = inner.map((field) => `\`${field}\``).join(', ');
    return value.flatMap((item: unknown) =>
      typeof item === 'object' && item !== null
        ? deviations(item, shapeOfEach).map((one) => `${one} in ${name}`)
        : [`${name} holds no records`],
    );
  });
  return [...missing.map(({ name }) => `no ${name}`), ...extra.map((key) => `${key} is not told`), ...inside];
}

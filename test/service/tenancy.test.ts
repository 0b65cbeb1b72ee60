// Tenant isolation: what one tenant can learn of another, and role changes while a command runs.
import { describe, expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import {
  isWorkspaceError,
  WorkspaceService,
  type MethodName,
  type WorkspaceErrorCode,
} from '../../src/index.js';
import { interruptedStorage } from './interleaved-storage.js';
import {
  call,
  everyMethod,
  fieldsOf,
  forOperatorsOnly,
  inputOf,
  isAnswer,
  isRequired,
  methodNames,
  reservation,
  type Values,
} from '../methods.js';
import {
  ada,
  createTeam,
  dev,
  join,
  mia,
  openAccounts,
  outcome,
  refusal,
  root,
  sam,
  serviceOn,
  type Outcome,
} from './team.js';

type Case =
  /** The code for every foreign id and for every unknown id. */
  | { readonly refused: WorkspaceErrorCode; readonly tells?: string }
  /** An answer that is no error. */
  | { readonly answers: unknown }
  /** Takes no id of a workspace: the answer names nothing of the other tenant. */
  | { readonly ownOnly: true }
  | { readonly notApplicable: string };

const unknown: Case = { refused: 'WORKSPACE_NOT_FOUND' };
const byToken: Case = { notApplicable: 'the token is the proof: its holder is meant to be let in' };

/** The methods that do not answer an id of another tenant as an unknown workspace, or that take a token. */
const others: { readonly [Name in MethodName]?: Case } = {
  openAccount: { notApplicable: 'takes no actor: the app calls it for the user who signs in' },
  renameAccount: { refused: 'ACCOUNT_NOT_FOUND' },
  closeAccount: { refused: 'ACCOUNT_NOT_FOUND' },
  findAccounts: { refused: 'INVALID_INPUT' },
  findWorkspaces: { refused: 'INVALID_INPUT' },
  createWorkspace: {
    refused: 'ID_TAKEN',
    tells: "an id of the caller's own choice must be told apart from one in use (W-04)",
  },
  previewInvitation: byToken,
  acceptInvitation: byToken,
  declineInvitation: byToken,
  verifySession: byToken,
  listWorkspaces: { ownOnly: true },
  listDeletedWorkspaces: { ownOnly: true },
  listMyInvitations: { ownOnly: true },
  listAccountEvents: { refused: 'ACCOUNT_NOT_FOUND' },
  can: { answers: false },
  explain: {
    answers: {
      allowed: false,
      reason: 'not-a-member',
      workspaceId: '<workspace>',
      permission: 'workspace:view',
      role: null,
      suspendedFor: null,
    },
  },
  activeWorkspace: { ownOnly: true },
};

function caseOf(name: MethodName): Case {
  const byOperators: Case | undefined = forOperatorsOnly.has(name) ? { refused: 'INVALID_INPUT' } : undefined;
  const found = others[name] ?? byOperators ?? (isRequired(name, 'workspaceId') ? unknown : undefined);
  if (found === undefined) throw new Error(`${name} takes no workspace: add its case to this file`);
  return found;
}

const members = { owner: ada, manager: mia, developer: dev } as const;
const nowhere = {
  workspaceId: 'ws-zzzzzzzzzzzzzzzz',
  userId: 'nobody',
  invitationId: 'inv-zzzzzzzzzzzzzzzz',
};

/** Ada's team, and Bob's with the same name, a manager and an open invitation each; Bob has a reservation. */
async function twoTenants() {
  const a = await createTeam({ quota: memoryQuota({ defaults: { cpu: '4' } }) });
  const { workspaces } = a;
  await openAccounts(workspaces, 'bob', 'bea');
  const { id: workspaceId } = await workspaces.createWorkspace({ userId: 'bob' }, { name: 'Core' });
  await join(workspaces, { userId: 'bob' }, { workspaceId, userId: 'bea', role: 'manager' });
  const invite = (actor: typeof ada | { userId: 'bob' }, room: string) =>
    workspaces.inviteMember(actor, { workspaceId: room, role: 'developer' });
  const [own, foreign] = [await invite(ada, a.workspaceId), await invite({ userId: 'bob' }, workspaceId)];
  await workspaces.reserveQuota({ userId: 'bob' }, { workspaceId, ...reservation });
  return {
    ...a,
    state: async () => [
      a.storage.dump(),
      await workspaces.getQuota(root, { workspaceId }),
      await workspaces.getQuota(root, { workspaceId: a.workspaceId }),
    ],
    own: { workspaceId: a.workspaceId, userId: 'dev', invitationId: own.invitation.id },
    foreign: { workspaceId, userId: 'bea', invitationId: foreign.invitation.id, token: foreign.token },
  };
}

/** Everything that a caller can see of an answer, with the requested ids replaced. */
async function seen(answer: Promise<unknown>, asked: typeof nowhere): Promise<unknown> {
  const told = await answer.catch((error: unknown) => {
    if (!isWorkspaceError(error)) throw error;
    const { name, code, message, details, retryable } = error;
    return { name, code, message, details, retryable };
  });
  const text = JSON.stringify(told)
    .replaceAll(asked.workspaceId, '<workspace>')
    .replaceAll(asked.invitationId, '<invitation>')
    .replaceAll(`"${asked.userId}"`, '"<user>"');
  const parsed: unknown = JSON.parse(text);
  return parsed;
}

describe('T-01 a member of A, in any role, using ids of B', () => {
  test('T-01 every method of the service has a case', () => {
    const methods = Object.getOwnPropertyNames(WorkspaceService.prototype);
    const hostOnly = ['constructor', 'permissions', 'on', 'before', 'withTransaction'];
    expect([...everyMethod].sort()).toEqual(methods.filter((name) => !hostOnly.includes(name)).sort());
    for (const name of everyMethod) expect(caseOf(name)).toBeDefined();
  });

  const cells = methodNames.flatMap((name) =>
    Object.entries(members).map(([role, actor]) => [name, role, actor, caseOf(name)] as const),
  );

  test.each(cells.filter(([, , , one]) => 'refused' in one || 'answers' in one))(
    "T-01 %s by a %s: B's ids answer like unknown ids, and B does not change",
    async (name, _, actor, expected) => {
      const { workspaces, state, foreign } = await twoTenants();
      const before = await state();
      const ask = (ids: typeof nowhere) => {
        const place: Values = { ...ids, role: 'developer', token: foreign.token, name: 'Core' };
        return seen(call(workspaces, name, { actor, input: inputOf(name, place) }), ids);
      };
      const answer = await ask(foreign);
      if ('refused' in expected) expect(answer).toMatchObject({ code: expected.refused });
      if ('answers' in expected) expect(answer).toEqual(expected.answers);
      expect(await state()).toEqual(before);
      if ('refused' in expected && expected.tells !== undefined) return;
      expect(await ask(nowhere)).toEqual(answer);
      expect(await state()).toEqual(before);
    },
  );

  test.each(Object.entries(members))(
    "T-01 every method by a %s that combines B's workspace with ids of A, or of the caller",
    async (_, actor) => {
      const { workspaces, state, own, foreign } = await twoTenants();
      const before = await state();
      for (const name of methodNames) {
        const expected = caseOf(name);
        if (!('refused' in expected) || expected.refused !== 'WORKSPACE_NOT_FOUND') continue;
        for (const userId of [own.userId, actor.userId]) {
          const ids = { ...own, workspaceId: foreign.workspaceId, userId };
          const place: Values = { ...ids, role: 'manager', token: '', name: 'Core' };
          const ended = await outcome(call(workspaces, name, { actor, input: inputOf(name, place) }));
          expect(`${name} ${ended}`).toBe(`${name} WORKSPACE_NOT_FOUND`);
        }
      }
      expect(await state()).toEqual(before);
    },
  );

  test.each(Object.entries(members))(
    'T-01 every method by a %s that combines their own workspace with members or invitations of B',
    async (_, actor) => {
      const { workspaces, storage, own, foreign } = await twoTenants();
      const before = storage.dump();
      const targeted = [
        'transferOwnership',
        'reissueInvitation',
        'revokeInvitation',
        'changeRole',
        'removeMember',
      ] as const;
      const answers: Outcome[] = [];
      for (const name of targeted) {
        const ask = (ids: typeof nowhere) => {
          const mixed = { ...ids, workspaceId: own.workspaceId };
          const place: Values = { ...mixed, role: 'developer', token: '', name: 'Core' };
          return seen(call(workspaces, name, { actor, input: inputOf(name, place) }), mixed);
        };
        const answer = await ask(foreign);
        expect(await ask(nowhere)).toEqual(answer);
        const place: Values = { ...foreign, workspaceId: own.workspaceId, role: 'developer', name: 'Core' };
        answers.push(await outcome(call(workspaces, name, { actor, input: inputOf(name, place) })));
      }
      expect(answers).not.toContain('ok');
      if (actor === ada) {
        expect(answers).toEqual([
          'MEMBER_NOT_FOUND',
          'INVITATION_NOT_FOUND',
          'INVITATION_NOT_FOUND',
          'MEMBER_NOT_FOUND',
          'MEMBER_NOT_FOUND',
        ]);
      }
      expect(storage.dump()).toEqual(before);
    },
  );

  test.each(Object.entries(members))('T-01 the lists of a %s contain no data of B', async (_, actor) => {
    const { workspaces, own, foreign } = await twoTenants();
    const { nextCursor: cursor } = await workspaces.listMembers(
      { userId: 'bob' },
      { ...pick(foreign), limit: 1 },
    );
    const answers = [
      await workspaces.listWorkspaces(actor),
      await outcome(workspaces.listWorkspaces(actor, { cursor })),
      await workspaces.activeWorkspace(actor),
      await workspaces.listMembers(actor, pick(own)),
      await outcome(workspaces.listMembers(actor, { ...pick(own), cursor })),
    ];
    const told = JSON.stringify(answers);
    for (const id of [foreign.workspaceId, foreign.userId, foreign.invitationId, 'bob']) {
      expect(told).not.toContain(id);
    }
  });

  test('T-01 the ids of a deleted workspace answer like unknown ids', async () => {
    const { workspaces, foreign } = await twoTenants();
    const ask = (name: MethodName, ids: typeof nowhere) =>
      seen(
        call(workspaces, name, {
          actor: ada,
          input: inputOf(name, { ...ids, role: 'developer', token: '', name: 'Core' }),
        }),
        ids,
      );
    await workspaces.deleteWorkspace({ userId: 'bob' }, pick(foreign));
    for (const name of methodNames) {
      const expected = caseOf(name);
      if (!('refused' in expected || 'answers' in expected) || name === 'createWorkspace') continue;
      if ('refused' in expected && expected.refused !== 'WORKSPACE_NOT_FOUND') continue;
      expect(await ask(name, foreign)).toEqual(await ask(name, nowhere));
    }
  });

  test('T-01 a former member learns as much as a user who was never a member', async () => {
    const { workspaces, workspaceId } = await createTeam();
    await workspaces.leaveWorkspace(dev, { workspaceId });
    for (const name of methodNames) {
      const expected = caseOf(name);
      if (!('refused' in expected) || expected.refused !== 'WORKSPACE_NOT_FOUND') continue;
      const ids = { ...nowhere, workspaceId, userId: 'mia' };
      const input = inputOf(name, { ...ids, role: 'developer', token: '', name: 'Core' });
      const [left, stranger] = [
        await seen(call(workspaces, name, { actor: dev, input }), ids),
        await seen(call(workspaces, name, { actor: sam, input }), ids),
      ];
      expect(left).toEqual(stranger);
    }
  });
});

test('T-01 a limits function that is down does not reveal the workspace to non-members', async () => {
  const { storage, workspaceId } = await createTeam();
  const workspaces = serviceOn(storage, { limits: () => Promise.reject(new Error('down')) });
  const ended = async (id: string) => [
    await outcome(workspaces.inviteMember(sam, { workspaceId: id, role: 'developer' })),
    await outcome(workspaces.transferOwnership(sam, { workspaceId: id, userId: 'mia' })),
  ];
  expect(await ended(workspaceId)).toEqual(['WORKSPACE_NOT_FOUND', 'WORKSPACE_NOT_FOUND']);
  expect(await ended('ws-of-nobody')).toEqual(await ended(workspaceId));
  expect(await outcome(workspaces.inviteMember(mia, { workspaceId, role: 'developer' }))).toBe('UNAVAILABLE');
});

describe('T-04 role and membership are read in the same transaction as the write', () => {
  type Step = (workspaces: WorkspaceService, workspaceId: string) => Promise<unknown>;
  const demoted: Step = (team, workspaceId) =>
    team.changeRole(ada, { workspaceId, userId: 'mia', role: 'developer' });
  const removed: Step = (team, workspaceId) => team.removeMember(ada, { workspaceId, userId: 'mia' });
  const dethroned: Step = (team, workspaceId) => team.transferOwnership(ada, { workspaceId, userId: 'dev' });
  const invitationId = 'inv-0000000000000003';
  const commands = {
    invites: (team, workspaceId) => team.inviteMember(mia, { workspaceId, role: 'developer' }),
    reissues: (team, workspaceId) => team.reissueInvitation(mia, { workspaceId, invitationId }),
    revokes: (team, workspaceId) => team.revokeInvitation(mia, { workspaceId, invitationId }),
    removes: (team, workspaceId) => team.removeMember(mia, { workspaceId, userId: 'dev' }),
    switches: (team, workspaceId) => team.switchWorkspace(mia, { workspaceId }),
    leaves: (team, workspaceId) => team.leaveWorkspace(mia, { workspaceId }),
    renames: (team, workspaceId) => team.renameWorkspace(ada, { workspaceId, name: 'Other' }),
    deletes: (team, workspaceId) => team.deleteWorkspace(ada, { workspaceId }),
    transfers: (team, workspaceId) => team.transferOwnership(ada, { workspaceId, userId: 'mia' }),
    promotes: (team, workspaceId) => team.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' }),
    'invites a manager': (team, workspaceId) => team.inviteMember(ada, { workspaceId, role: 'manager' }),
    'removes a manager': (team, workspaceId) => team.removeMember(ada, { workspaceId, userId: 'mia' }),
  } satisfies Record<string, Step>;

  test.each([
    ['invites', 'demoted', demoted, 'PERMISSION_DENIED'],
    ['reissues', 'demoted', demoted, 'PERMISSION_DENIED'],
    ['revokes', 'demoted', demoted, 'PERMISSION_DENIED'],
    ['removes', 'demoted', demoted, 'PERMISSION_DENIED'],
    ['invites', 'removed', removed, 'WORKSPACE_NOT_FOUND'],
    ['reissues', 'removed', removed, 'WORKSPACE_NOT_FOUND'],
    ['revokes', 'removed', removed, 'WORKSPACE_NOT_FOUND'],
    ['removes', 'removed', removed, 'WORKSPACE_NOT_FOUND'],
    ['switches', 'removed', removed, 'WORKSPACE_NOT_FOUND'],
    ['leaves', 'removed', removed, 'WORKSPACE_NOT_FOUND'],
    ['renames', 'no longer the owner', dethroned, 'PERMISSION_DENIED'],
    ['deletes', 'no longer the owner', dethroned, 'PERMISSION_DENIED'],
    ['transfers', 'no longer the owner', dethroned, 'PERMISSION_DENIED'],
    ['promotes', 'no longer the owner', dethroned, 'PERMISSION_DENIED'],
    ['invites a manager', 'no longer the owner', dethroned, 'PERMISSION_DENIED'],
    ['removes a manager', 'no longer the owner', dethroned, 'PERMISSION_DENIED'],
  ] as const)(
    'T-04 a command by a member who %s and is %s between the read and the write has no effect',
    async (name, _, step, code) => {
      const { workspaces, storage, workspaceId } = await createTeam();
      await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
      let between: unknown;
      const late = serviceOn(
        interruptedStorage(storage, async () => {
          await step(workspaces, workspaceId);
          between = storage.dump();
        }),
      );
      expect(await outcome(commands[name](late, workspaceId))).toBe(code);
      expect(between).toBeDefined();
      expect(storage.dump()).toEqual(between);
    },
  );

  test('T-04 accepting an invitation whose issuer is removed between its read and its write adds no member', async () => {
    const { workspaces, storage, workspaceId } = await createTeam();
    const { token } = await workspaces.inviteMember(mia, { workspaceId, role: 'developer' });
    const late = serviceOn(interruptedStorage(storage, () => removed(workspaces, workspaceId)));
    expect(await outcome(late.acceptInvitation(sam, { token }))).toBe('INVITATION_REVOKED');
    expect(await workspaces.can(sam, { workspaceId, permission: 'workspace:view' })).toBe(false);
  });

  test('T-04 a role that the caller states is rejected in every place, and never used', async () => {
    const { workspaces, storage, workspaceId } = await createTeam();
    const session = await workspaces.switchWorkspace(dev, { workspaceId });
    const before = storage.dump();
    const claims = [
      { ...dev, role: 'owner' },
      { ...dev, roles: ['owner'] },
      { ...dev, permissions: ['workspace:delete'] },
      { ...dev, token: session.token },
      { ...dev, operator: 'root' },
      { ...dev, isOperator: true },
    ];
    for (const actor of claims) {
      const input = { workspaceId, permission: 'workspace:delete' };
      expect(await outcome(call(workspaces, 'can', { actor, input }))).toBe('INVALID_INPUT');
      const deleted = call(workspaces, 'deleteWorkspace', { actor, input: { workspaceId } });
      expect(await outcome(deleted)).toBe('INVALID_INPUT');
    }
    for (const claim of [{ role: 'owner' }, { ownerId: 'dev' }, { actor: ada }, { operator: 'root' }]) {
      const deleted = call(workspaces, 'deleteWorkspace', { actor: dev, input: { workspaceId, ...claim } });
      expect(await outcome(deleted)).toBe('INVALID_INPUT');
    }
    expect(storage.dump()).toEqual(before);
  });
});

describe('T-11 the active workspace', () => {
  test('T-11 the active workspace is the personal one at first, then the one switched to', async () => {
    const { workspaces, workspaceId } = await createTeam();
    expect(await workspaces.activeWorkspace(dev)).toMatchObject({
      source: 'remembered',
      workspace: { kind: 'personal', name: 'dev' },
      member: { role: 'owner' },
    });
    const session = await workspaces.switchWorkspace(dev, { workspaceId });
    expect(session).toMatchObject({ role: 'developer', workspace: { id: workspaceId } });
    expect(session.permissions).toEqual(['workspace:view', 'member:view', 'quota:view', 'resource:view']);
    expect(await workspaces.activeWorkspace(dev)).toMatchObject({
      source: 'remembered',
      workspace: { id: workspaceId },
      member: { role: 'developer' },
    });
  });

  type Step = (workspaces: WorkspaceService, workspaceId: string) => Promise<unknown>;
  test.each<[string, Step]>([
    ['was deleted', (team, workspaceId) => team.deleteWorkspace(ada, { workspaceId })],
    ['was left', (team, workspaceId) => team.leaveWorkspace(dev, { workspaceId })],
    ['removed its member', (team, workspaceId) => team.removeMember(ada, { workspaceId, userId: 'dev' })],
  ])(
    'T-11 if the active workspace %s, the personal one is active, and the answer says so',
    async (_, step) => {
      const { workspaces, storage, workspaceId } = await createTeam();
      await workspaces.switchWorkspace(dev, { workspaceId });
      await step(workspaces, workspaceId);
      const before = storage.dump();
      expect(await workspaces.activeWorkspace(dev)).toMatchObject({
        source: 'personal',
        workspace: { kind: 'personal', name: 'dev' },
        member: { userId: 'dev', role: 'owner' },
      });
      expect(storage.dump()).toEqual(before);
    },
  );

  test('T-11 switching back to the personal workspace is a switch like any other', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { workspace } = await workspaces.openAccount({ userId: 'dev', username: 'dev' });
    await workspaces.switchWorkspace(dev, { workspaceId });
    await workspaces.switchWorkspace(dev, { workspaceId: workspace.id });
    expect(await workspaces.activeWorkspace(dev)).toMatchObject({ source: 'remembered', workspace });
  });

  test('T-11 a user cannot switch into a workspace of others, and without an account there is none', async () => {
    const { workspaces, storage, workspaceId } = await createTeam();
    const before = storage.dump();
    expect(await outcome(workspaces.switchWorkspace(sam, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
    expect(await outcome(workspaces.activeWorkspace({ userId: 'nobody' }))).toBe('ACCOUNT_NOT_FOUND');
    expect(storage.dump()).toEqual(before);
  });

  test('T-11 every method takes its workspace explicitly: without one it is rejected, whatever is active', async () => {
    const { workspaces, storage, workspaceId } = await createTeam();
    await workspaces.switchWorkspace(ada, { workspaceId });
    const before = storage.dump();
    const place: Values = { ...nowhere, workspaceId, role: 'developer', token: '', name: 'Other' };
    const asked: MethodName[] = [];
    const notExplicit: readonly MethodName[] = ['createWorkspace', 'findWorkspaces', 'purgeWorkspaces'];
    for (const name of methodNames) {
      const { workspaceId: named, ...rest }: Record<string, unknown> = inputOf(
        name,
        isAnswer(name) ? { ...place, token: undefined } : place,
      );
      // An id is generated if the caller gives none; and operators find and purge workspaces of all ids.
      if (named === undefined || notExplicit.includes(name)) continue;
      asked.push(name);
      for (const input of [rest, { ...rest, workspaceId: undefined }, { ...rest, workspaceId: null }]) {
        const actor = forOperatorsOnly.has(name) ? root : ada;
        const refused = await refusal(call(workspaces, name, { actor, input }));
        expect(refused.code).toBe('INVALID_INPUT');
        expect(refused.details).toMatchObject({ issues: [{ path: 'input.workspaceId' }] });
      }
    }
    expect(asked).toEqual(
      methodNames.filter((name) => !notExplicit.includes(name) && fieldsOf(name).includes('workspaceId')),
    );
    expect(storage.dump()).toEqual(before);
  });

  test('T-11 no answer depends on which workspace is active', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { id: other } = await workspaces.createWorkspace(dev, { name: 'Own' });
    const answers = async () => [
      await workspaces.getWorkspace(dev, { workspaceId }),
      await workspaces.can(dev, { workspaceId, permission: 'workspace:delete' }),
      await workspaces.can(dev, { workspaceId: other, permission: 'workspace:delete' }),
      await outcome(workspaces.renameWorkspace(dev, { workspaceId, name: 'Mine' })),
    ];
    const before = await answers();
    for (const active of [other, workspaceId]) {
      await workspaces.switchWorkspace(dev, { workspaceId: active });
      expect(await answers()).toEqual(before);
    }
  });
});

function pick({ workspaceId }: { readonly workspaceId: string }): { readonly workspaceId: string } {
  return { workspaceId };
}

// One program that uses the whole package. It imports nothing and needs only Web standards, so every runtime can run
// it.

/** The default quota of a workspace. */
export const defaults = { 'limits.cpu': '4', 'limits.memory': '8Gi' };

/**
 * Runs the program on a storage and a quota that counts by `defaults`, with the modules of the package as imported or
 * required; without `testing` where `node:assert` is missing.
 * Returns the number of checks, and throws at the first that fails.
 */
export async function play({ core, http, quantity, testing, storage, quota }) {
  const { checks, same, refused } = checklist(core);
  const serviceWith = (key) =>
    new core.WorkspaceService({
      storage,
      quota,
      permissions: core.defaultMatrix,
      tokens: {
        keys: [{ kid: key.alg, ...key }],
        issuer: 'https://app.example',
        invitationUrl: 'https://app.example/join',
      },
    });
  const workspaces = serviceWith({ alg: 'HS256', secret: 'a secret of 32 bytes, for this test' });
  const heard = [];
  workspaces.on('*', (event) => heard.push(event));
  const [ada, ben, cleo, dan, eve] = ['ada', 'ben', 'cleo', 'dan', 'eve'].map((userId) => ({ userId }));
  const scene = { core, workspaces, heard, ada, ben, cleo, dan, eve, same, refused };

  await openAccounts(scene);
  const workspaceId = await createTeam(scene);
  const team = { ...scene, workspaceId };
  await admitOne(team);
  await raceForOne(team);
  await changeHands(team);
  await useQuota(team);
  await readTrail(team);
  await signOtherwise(team, serviceWith);
  await askByHttp(team, http);
  await countQuantities(scene, quantity);
  await recognizeErrors(scene, testing);
  return checks();
}

async function openAccounts({ workspaces, ada, ben, cleo, dan, eve, same, refused }) {
  for (const { userId } of [ada, ben, cleo, dan, eve]) {
    const { workspace } = await workspaces.openAccount({ userId, username: userId });
    same('an account has a personal workspace', [workspace.kind, workspace.name], ['personal', userId]);
  }
  const again = workspaces.openAccount({ userId: 'ada-2', username: 'ADA' });
  await refused('a username twice', again, 'USERNAME_TAKEN');
}

async function createTeam({ workspaces, ada, same, refused }) {
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  await refused('a name twice', workspaces.createWorkspace(ada, { name: 'Hello' }), 'NAME_TAKEN');
  const { role, token } = await workspaces.switchWorkspace(ada, { workspaceId });
  same('the creator is the owner', role, 'owner');
  const { source, workspace } = await workspaces.activeWorkspace(ada);
  same('the switch is stored', [source, workspace.id], ['remembered', workspaceId]);
  const session = await workspaces.verifySession({ token, fresh: true });
  same('the claims of the session', [session.userId, session.role], ['ada', 'owner']);
  return workspaceId;
}

async function admitOne({ workspaces, workspaceId, ada, ben, cleo, same, refused }) {
  const { url, token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
  same('the link', url, `https://app.example/join#${token}`);
  const { workspaceName, invitedBy, status } = await workspaces.previewInvitation({ token });
  same('the preview of the link', [workspaceName, invitedBy, status], ['hello', 'ada', 'open']);
  same(
    'accepting adds a member',
    (await workspaces.acceptInvitation(ben, { token })).member.role,
    'developer',
  );
  await refused('the same link again', workspaces.acceptInvitation(cleo, { token }), 'INVITATION_USED');
  const forged = workspaces.acceptInvitation(cleo, { token: token.replace(/^e/, 'f') });
  await refused('a changed link', forged, 'INVITATION_INVALID');

  const can = (permission) => workspaces.can(ben, { workspaceId, permission });
  same('a developer sees', await can('resource:view'), true);
  same('a developer creates nothing', await can('resource:create'), false);
  const reservation = { workspaceId, reservationId: 'mine', amounts: { 'limits.cpu': '1' } };
  await refused('nor reserves', workspaces.reserveQuota(ben, reservation), 'PERMISSION_DENIED');
  await refused('a non-member reads', workspaces.getWorkspace(cleo, { workspaceId }), 'WORKSPACE_NOT_FOUND');
}

async function raceForOne({ workspaces, workspaceId, ada, cleo, dan, eve, same }) {
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'manager' });
  const racers = [cleo, dan, eve];
  const race = await Promise.allSettled(racers.map((racer) => workspaces.acceptInvitation(racer, { token })));
  const outcomes = race.map(({ status, reason }) => (status === 'fulfilled' ? 'in' : reason.code)).sort();
  same('one of three users joins by the link', outcomes, ['INVITATION_USED', 'INVITATION_USED', 'in']);

  const winner = racers[race.findIndex(({ status }) => status === 'fulfilled')];
  await workspaces.removeMember(ada, { workspaceId, ...winner });
  const question = { workspaceId, permission: 'workspace:view' };
  same('a removed member is out', await workspaces.can(winner, question), false);
}

async function changeHands({ workspaces, workspaceId, ada, ben, same, refused }) {
  const { token } = await workspaces.switchWorkspace(ada, { workspaceId });
  const { role } = await workspaces.changeRole(ada, { workspaceId, ...ben, role: 'manager' });
  same('another role', role, 'manager');
  await refused('the owner leaves', workspaces.leaveWorkspace(ada, { workspaceId }), 'OWNER_REQUIRED');
  const { ownerId, memberCount } = await workspaces.transferOwnership(ada, { workspaceId, ...ben });
  same('another owner', [ownerId, memberCount], ['ben', 2]);
  await refused('the old role', workspaces.verifySession({ token, fresh: true }), 'SESSION_STALE');
}

async function useQuota({ workspaces, workspaceId, ben, same, refused }) {
  const database = { workspaceId, reservationId: 'database' };
  const workers = { workspaceId, reservationId: 'workers' };
  const processors = async () => {
    const { used, reserved } = (await workspaces.getQuota(ben, { workspaceId })).resources['limits.cpu'];
    return [used, reserved];
  };
  const amounts = { 'limits.cpu': '1500m', 'limits.memory': '1.5Gi' };
  const held = await workspaces.reserveQuota(ben, { ...database, amounts });
  same('the reserved amount', held.amounts, { 'limits.cpu': '1500m', 'limits.memory': '1536Mi' });
  await workspaces.commitQuota(ben, database);
  same('the charge is committed', await processors(), ['1500m', '0']);
  const tooMuch = workspaces.reserveQuota(ben, { ...workers, amounts: { 'limits.cpu': '3' } });
  const { shortfalls } = await refused('more than the limit', tooMuch, 'QUOTA_EXCEEDED');
  same('the shortfall', [shortfalls[0].resource, shortfalls[0].exceededBy], ['limits.cpu', '500m']);
  same('nothing was charged', await processors(), ['1500m', '0']);
  await workspaces.releaseQuota(ben, database);
  same('the charge is released', await processors(), ['0', '0']);
}

async function readTrail({ workspaces, workspaceId, heard, ben, same }) {
  const { items } = await workspaces.listEvents(ben, { workspaceId, limit: 200 });
  const ids = (events) => events.map(({ id, type }) => [id, type]);
  const written = heard.filter((event) => event.workspaceId === workspaceId && 'version' in event);
  same('the listener received every stored event', ids(items), ids(written));
  const ends = [items[0].type, items.at(-1).type];
  same('from the first to the last', ends, ['workspace.created', 'workspace.transferred']);
  same('the denial is emitted', heard.filter(({ type }) => type === 'quota.denied').length, 1);
}

async function signOtherwise({ workspaces, workspaceId, ben, same, refused }, serviceWith) {
  const algorithms = { EdDSA: { name: 'Ed25519' }, ES256: { name: 'ECDSA', namedCurve: 'P-256' } };
  for (const [alg, algorithm] of Object.entries(algorithms)) {
    const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const service = serviceWith({ alg, privateKey: await crypto.subtle.exportKey('jwk', pair.privateKey) });
    const { token } = await service.switchWorkspace(ben, { workspaceId });
    same(`a session by ${alg}`, (await service.verifySession({ token })).userId, 'ben');
    await refused(`${alg} of another ring`, workspaces.verifySession({ token }), 'SESSION_INVALID');
  }
}

async function askByHttp({ workspaces, workspaceId, ben, same }, { sessionActor, workspaceApi }) {
  const actor = (request) => sessionActor(workspaces, request);
  const api = workspaceApi({ workspaces, basePath: '/api', actor });
  const ask = async (headers) => {
    const url = `https://app.example/api/workspaces/${workspaceId}`;
    const response = await api.fetch(new Request(url, { headers }));
    return { ...(await response.json()), status: response.status };
  };
  const { token } = await workspaces.switchWorkspace(ben, { workspaceId });
  const { status, name } = await ask({ Authorization: `Bearer ${token}` });
  same('a request', [status, name], [200, 'hello']);
  const problem = await ask({});
  same('of nobody', [problem.status, problem.code], [401, 'UNAUTHENTICATED']);
}

async function countQuantities({ same }, { addQuantities, formatQuantity, isQuantityError, parseQuantity }) {
  same('a sum', formatQuantity(addQuantities(parseQuantity('1.5Gi'), parseQuantity('512Mi'))), '2Gi');
  const error = await Promise.resolve('1.5Zi')
    .then(parseQuantity)
    .catch((reason) => reason);
  same('no quantity', isQuantityError(error), true);
}

async function recognizeErrors({ core, ben, same }, testing) {
  const foreign = Object.assign(new Error(), { code: 'NAME_TAKEN' });
  same('a foreign error', core.isWorkspaceError(foreign), false);
  const branded = Object.defineProperty(foreign, Symbol.for('tenantry.WorkspaceError'), { value: true });
  same('an error of another copy', core.isWorkspaceError(branded, 'NAME_TAKEN'), true);
  if (testing === undefined) return;
  const { workspaces, clock } = testing.createTestWorkspaces();
  const { workspace } = await workspaces.openAccount({ ...ben, username: 'ben' });
  same('ids that count', workspace.id, 'ws-0000000000000001');
  same('a clock that does not advance', workspace.createdAt.getTime(), clock.now());
  const error = await workspaces.getWorkspace(ben, { workspaceId: 'ws-none' }).catch((reason) => reason);
  same('one error class in all subpaths', error instanceof core.WorkspaceError, true);
}

function checklist({ isWorkspaceError }) {
  let count = 0;
  const same = (title, actual, expected) => {
    count += 1;
    const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (is !== should) throw new Error(`${title}: ${is}, and not ${should}`);
  };
  /** Returns the details of the refusal. */
  const refused = async (title, promise, code) => {
    const refusal = await promise.then(
      () => null,
      (error) => error,
    );
    if (refusal !== null && !isWorkspaceError(refusal)) throw refusal;
    same(title, refusal?.code, code);
    return refusal.details;
  };
  return { checks: () => count, same, refused };
}

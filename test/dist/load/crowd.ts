// Load on an HTTP API: a number of connections, each busy all the time, with mixed reads and writes on few enough
// workspaces that the requests conflict.
import { Agent, request as send } from 'node:http';
import { randomInt } from 'node:crypto';

/** The result of a load run. */
export interface Tally {
  readonly requests: number;
  readonly seconds: number;
  /** By operation: the count, and the sorted durations in milliseconds. */
  readonly latencies: ReadonlyMap<string, readonly number[]>;
  /** By operation, status and code, as `acceptInvitation 410 INVITATION_USED`. */
  readonly answers: ReadonlyMap<string, number>;
  /** Requests with a 5xx status or without an answer: there must be none. */
  readonly failures: readonly string[];
}

export interface CrowdOptions {
  /** The address of the API, as `http://127.0.0.1:3000/api`. */
  readonly base: string;
  /** Signs a user in, and creates the user if necessary. */
  readonly signIn: (name: string) => Promise<Member>;
  readonly connections: number;
  /** Called before each request. */
  readonly goesOn: (requests: number) => boolean;
}

export interface Member {
  readonly userId: string;
  readonly token: string;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Shared by all connections: open links, and workspaces that were created. */
interface Hearsay {
  readonly workspaces: { readonly id: string; readonly madeBy: Member }[];
  readonly tokens: string[];
  readonly invitations: { readonly workspaceId: string; readonly invitationId: string }[];
  readonly resources: { readonly workspaceId: string; readonly id: string }[];
}

const TEAMS = 16;
const KNOWN = 64;

export async function crowd({ base, signIn, connections, goesOn }: CrowdOptions): Promise<Tally> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const people = await Promise.all(
    Array.from({ length: connections }, (_, place) => signIn(`person ${place}`)),
  );
  const latencies = new Map<string, number[]>();
  const answers = new Map<string, number>();
  const failures: string[] = [];
  let requests = 0;
  const known: Hearsay = { workspaces: [], tokens: [], invitations: [], resources: [] };

  const call: Call = async (me, operation, verb, path, body) => {
    requests += 1;
    const started = performance.now();
    let answer: Answer;
    try {
      answer = await exchange(agent, { verb, url: base + path, token: me.token, body });
    } catch (error) {
      failures.push(`${operation}: ${error instanceof Error ? error.message : String(error)}`);
      return { status: 0, body: {} };
    }
    latencies.set(operation, latencies.get(operation) ?? []);
    latencies.get(operation)?.push(performance.now() - started);
    const { code } = answer.body;
    const shown = `${operation} ${answer.status}${typeof code === 'string' ? ` ${code}` : ''}`;
    answers.set(shown, (answers.get(shown) ?? 0) + 1);
    if (answer.status >= 500) failures.push(shown);
    return answer;
  };

  const [first] = people;
  if (first === undefined) throw new Error('a load run needs at least one connection');
  for (let team = 0; team < TEAMS; team++) await create(people[team % people.length] ?? first, call, known);
  const started = performance.now();
  await Promise.all(
    people.map(async (me) => {
      while (goesOn(requests)) await act(me, { call, known, people });
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  for (const list of latencies.values()) list.sort((one, other) => one - other);
  return { requests, seconds, latencies, answers, failures };
}

type Call = (
  me: Member,
  operation: string,
  verb: string,
  path: string,
  body?: Readonly<Record<string, unknown>>,
) => Promise<Answer>;

interface Scene {
  readonly call: Call;
  readonly known: Hearsay;
  readonly people: readonly Member[];
}

/** Seven reads to three writes, like a product that is read more than it is changed. */
async function act(me: Member, scene: Scene): Promise<void> {
  const { call, known, people } = scene;
  const { id: workspaceId, madeBy } = oneOf(known.workspaces) ?? { id: 'nowhere', madeBy: me };
  const at = `/workspaces/${workspaceId}`;
  const userId = oneOf(people)?.userId ?? me.userId;
  const dice = randomInt(100);
  if (dice < 15) await call(me, 'listWorkspaces', 'GET', '/workspaces?limit=20');
  else if (dice < 30) await call(me, 'getWorkspace', 'GET', at);
  else if (dice < 42) await call(me, 'listMembers', 'GET', `${at}/members?limit=20`);
  else if (dice < 57) await call(me, 'authorize', 'GET', `${at}/authorize?permission=resource:view`);
  else if (dice < 63) await call(me, 'listEvents', 'GET', `${at}/events?limit=20`);
  else if (dice < 68) await call(me, 'getQuota', 'GET', `${at}/quota`);
  else if (dice < 75)
    await invite(oneOf([me, madeBy]) ?? me, scene, {
      at,
      workspaceId,
      maxUses: oneOf([1, 1, 3, 'unlimited']),
    });
  else if (dice < 83)
    await call(me, 'acceptInvitation', 'POST', '/invitations/accept', { token: oneOf(known.tokens) ?? '' });
  else if (dice < 85) await call(me, 'switchWorkspace', 'POST', `${at}/switch`);
  else if (dice < 87)
    await call(me, 'changeRole', 'PATCH', `${at}/members/${userId}`, {
      role: oneOf(['manager', 'developer']),
    });
  else if (dice < 89) await call(me, 'removeMember', 'DELETE', `${at}/members/${userId}`);
  else if (dice < 90) await call(me, 'leaveWorkspace', 'POST', `${at}/leave`);
  else if (dice < 91) await call(me, 'transferOwnership', 'POST', `${at}/transfer`, { userId });
  else if (dice < 92) await call(me, 'renameWorkspace', 'PATCH', at, { name: `team ${randomInt(1e9)}` });
  else if (dice < 93) await revoke(me, scene);
  else if (dice < 96) await make(oneOf([me, madeBy]) ?? me, scene, workspaceId);
  else if (dice < 98) await takeDown(me, scene);
  else if (dice < 99) await create(me, call, known);
  else if (known.workspaces.length > TEAMS) await drop(scene);
}

async function create(me: Member, call: Call, known: Hearsay): Promise<void> {
  const { body } = await call(me, 'createWorkspace', 'POST', '/workspaces', {
    name: `team ${randomInt(1e9)}`,
  });
  if (typeof body['id'] === 'string') remember(known.workspaces, { id: body['id'], madeBy: me });
}

/** The newest workspaces with their creator, who mostly still owns them. */
async function drop({ call, known }: Scene): Promise<void> {
  const newest = known.workspaces.pop();
  if (newest !== undefined)
    await call(newest.madeBy, 'deleteWorkspace', 'DELETE', `/workspaces/${newest.id}`);
}

async function invite(
  me: Member,
  { call, known }: Scene,
  { at, workspaceId, maxUses }: { at: string; workspaceId: string; maxUses: number | string | undefined },
): Promise<void> {
  const role = oneOf(['manager', 'developer', 'developer']);
  const { body } = await call(me, 'inviteMember', 'POST', `${at}/invitations`, { role, maxUses });
  if (typeof body['token'] === 'string') remember(known.tokens, body['token']);
  const { invitation } = body;
  if (typeof invitation === 'object' && invitation !== null && 'id' in invitation) {
    remember(known.invitations, { workspaceId, invitationId: String(invitation.id) });
  }
}

async function revoke(me: Member, { call, known }: Scene): Promise<void> {
  const { workspaceId, invitationId } = oneOf(known.invitations) ?? {
    workspaceId: 'nowhere',
    invitationId: 'none',
  };
  await call(me, 'revokeInvitation', 'POST', `/workspaces/${workspaceId}/invitations/${invitationId}/revoke`);
}

async function make(me: Member, { call, known }: Scene, workspaceId: string): Promise<void> {
  const path = `/workspaces/${workspaceId}/resources`;
  const { body } = await call(me, 'createResource', 'POST', path, { name: 'cache', kind: 'cache' });
  if (typeof body['id'] === 'string') remember(known.resources, { workspaceId, id: body['id'] });
}

async function takeDown(me: Member, { call, known }: Scene): Promise<void> {
  const { workspaceId, id } = oneOf(known.resources) ?? { workspaceId: 'nowhere', id: 'none' };
  await call(me, 'deleteResource', 'DELETE', `/workspaces/${workspaceId}/resources/${id}`);
}

/** The newest items: older ones have mostly been used up or deleted. */
function remember<Thing>(things: Thing[], thing: Thing): void {
  things.push(thing);
  if (things.length > KNOWN) things.shift();
}

function oneOf<Thing>(things: readonly Thing[]): Thing | undefined {
  return things.length === 0 ? undefined : things[randomInt(things.length)];
}

function exchange(
  agent: Agent,
  { verb, url, token, body }: { verb: string; url: string; token: string; body: object | undefined },
): Promise<Answer> {
  const text = body && JSON.stringify(body);
  const headers = {
    Authorization: `Bearer ${token}`,
    ...(text !== undefined && {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
    }),
  };
  return new Promise((done, failed) => {
    const outgoing = send(url, { agent, method: verb, headers }, (incoming) => {
      let received = '';
      incoming.setEncoding('utf8').on('data', (piece: string) => (received += piece));
      incoming.on('error', failed).on('end', () => {
        const parsed: unknown = received === '' ? {} : JSON.parse(received);
        const isObject = typeof parsed === 'object' && parsed !== null;
        done({ status: incoming.statusCode ?? 0, body: isObject ? { ...parsed } : {} });
      });
    });
    outgoing.on('error', failed).end(text);
  });
}

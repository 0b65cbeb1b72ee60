// Inviting and accepting on memory, against the one signature or verification that each cannot do without.
import { jwtVerify, SignJWT } from 'jose';
import { interleave } from '../lib/interleave.mjs';
import { againstLimit } from '../lib/rows.mjs';
import { actor, fill, ISSUER, openAccounts, SECRET, serviceOn, workspace } from '../lib/workspaces.mjs';

export const title = 'Invitations on memory';
export const notes = [
  'The limit is one jose `SignJWT` or `jwtVerify` (HS256, an imported `CryptoKey`, the claims of an invitation).',
  'Over 320 workspaces in turn; in flight at once, each in another workspace.',
  'A synchronous hash of our own would spare a hop to another thread; a cryptographic primitive of our own is not worth that.',
];
export const holds = [
  [
    /`inviteMember`, alone/,
    'Two calls of WebCrypto, each a hop to another thread: the signature, and beside it the hash of the secret.',
  ],
  [
    /`acceptInvitation`, alone/,
    'Two calls of WebCrypto, one after the other, each a hop to another thread: the check of the signature, and then the hash of the secret, because no claim is used before its signature is proved.',
  ],
  [
    /`inviteMember`, 32 in flight/,
    'The signature is a fifth of the time, the hash of the secret a quarter, nearly all of it handing work to the other thread. The rest is the command, which by itself costs about as much as a signature does among 32.',
  ],
  [
    /`acceptInvitation`, 32 in flight/,
    'The check of the signature is two fifths of the time, the hash of the secret an eighth. The rest is the command, which by itself costs about as much as a check does among 32.',
  ],
];

const WORKSPACES = 320;
const BATCH = 320;
const BUDGET = 1.3;

export const flows = {
  inviteAlone: () => invite(1),
  inviteInFlight: () => invite(32),
  acceptAlone: () => accept(1),
  acceptInFlight: () => accept(32),
};

async function invite(width) {
  const { service } = await openService();
  const { sign } = await joseAlone();
  const one = (serial) =>
    service.inviteMember(actor(serial % WORKSPACES), {
      workspaceId: workspace(serial % WORKSPACES),
      role: 'developer',
    });
  const samples = await interleave([contender('ours', width, one), contender('limit', width, sign)]);
  return [row('inviteMember', 'one jose sign', width, samples)];
}

async function accept(width) {
  const { service, storage } = await openService();
  const { sign, verify } = await joseAlone();
  const token = await sign(0);
  const tokens = [];
  let users = WORKSPACES;
  const ours = contender('ours', width, (serial) =>
    service.acceptInvitation(actor(WORKSPACES + serial), { token: tokens[serial] }),
  );
  // An account and an invitation for each of the batch: an accepted one is used up.
  const prepare = async () => {
    const first = tokens.length;
    await openAccounts(storage, users, users + BATCH);
    users += BATCH;
    for (let serial = first; serial < first + BATCH; serial++) {
      const workspaceId = workspace(serial % WORKSPACES);
      const input = { workspaceId, role: 'developer' };
      tokens.push((await service.inviteMember(actor(serial % WORKSPACES), input)).token);
    }
  };
  const limit = contender('limit', width, () => verify(token));
  const samples = await interleave([{ ...ours, prepare }, limit]);
  return [row('acceptInvitation', 'one jose verify', width, samples)];
}

async function openService() {
  const { service, storage } = serviceOn();
  await fill(storage, WORKSPACES, 3);
  return { service, storage };
}

async function joseAlone() {
  const bytes = new TextEncoder().encode(SECRET);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify']);
  const now = Math.floor(Date.now() / 1000);
  const audience = `${ISSUER}/invitation`;
  return {
    sign: (serial) =>
      new SignJWT({
        iss: ISSUER,
        aud: audience,
        jti: 'inv-0123456789abcdef',
        wid: workspace(serial % WORKSPACES),
        sec: 'AAAAAAAAAAAAAAAAAAAAAA',
        iat: now,
        exp: now + 604_800,
      })
        .setProtectedHeader({ alg: 'HS256', kid: 'bench', typ: 'invitation+jwt' })
        .sign(key),
    verify: (token) =>
      jwtVerify(token, key, { algorithms: ['HS256'], typ: 'invitation+jwt', issuer: ISSUER, audience }),
  };
}

/** Batches of `BATCH` calls, `width` of them in flight at a time. */
function contender(name, width, call) {
  let serial = 0;
  const alone = async () => {
    for (const end = serial + BATCH; serial < end; serial++) await call(serial);
  };
  const inFlight = async () => {
    for (const end = serial + BATCH; serial < end; serial += width) {
      const first = serial;
      await Promise.all(Array.from({ length: width }, (_, place) => call(first + place)));
    }
  };
  return { name, calls: BATCH, run: width === 1 ? alone : inFlight };
}

function row(command, limit, width, samples) {
  const work = `\`${command}\`, ${width === 1 ? 'alone' : `${width} in flight, each`}`;
  return againstLimit(work, { ours: samples.ours, limit: samples.limit, name: limit, budget: BUDGET });
}

// Reserving, committing and releasing in memory, against a bare counter in a Map.
import { WorkspaceService, defaultMatrix, parseQuantity } from 'tenantry';
import { memoryQuota, memoryStorage } from 'tenantry/memory';
import { interleave } from '../lib/interleave.mjs';
import { figure, median, ratioOf, shown, time } from '../lib/rows.mjs';
import { actor, fill, ISSUER, SECRET, user, workspace } from '../lib/workspaces.mjs';

export const title = 'Quotas on memory: `reserveQuota`, `commitQuota`, `releaseQuota`';
export const notes = [
  'Two resources each, over 100 workspaces in turn. The limit is two numbers in a `Map` of a `Map` behind one `await`:',
  'it knows no ids, so nothing can be sent twice, expire or be given back by name, and it checks nobody.',
  'Through the service: the input by its schema, the role, then the adapter, then the event.',
];

const WORKSPACES = 100;
const BATCH = 1000;
const DEFAULTS = { 'limits.cpu': '1M', 'limits.memory': '1Ei' };
const AMOUNTS = { 'limits.cpu': '500m', 'limits.memory': '64Mi' };

export const flows = {
  reserve: () => flow('one reservation', 'reserve'),
  commit: () => flow('one commit', 'commit'),
  release: () => flow('one release of what was committed', 'release'),
  manyHeld: () => held([10, 10_000]),
  denied: () => flow('one denial', 'denied', { 'limits.cpu': '0', 'limits.memory': '0' }),
};

/** `step` is timed for each side; what must have come before it, and what undoes it, is not. */
async function flow(work, step, defaults = DEFAULTS) {
  const sides = [await throughService(defaults), adapterAlone(defaults), bareCounter(defaults)];
  const samples = await interleave(sides.map((side) => contender(side, step)));
  const [service, adapter, counter] = sides.map(({ name }) => samples[name]);
  return [
    row(`${work}: \`memoryQuota\` alone`, adapter, counter),
    row(`${work}: the service`, service, counter),
  ];
}

function contender(side, step) {
  let from = 0;
  const each = async (act, first) => {
    for (let serial = first; serial < first + BATCH; serial++) await act(serial);
  };
  return {
    name: side.name,
    calls: BATCH,
    async prepare() {
      // the batch before this one goes, so that every batch meets the same ledger
      if (from > 0 && (step === 'reserve' || step === 'commit')) await each(side.release, from - BATCH);
      if (step === 'commit' || step === 'release') await each(side.reserve, from);
      if (step === 'release') await each(side.commit, from);
      from += BATCH;
    },
    run: () => each(side[step], from - BATCH),
  };
}

/** The adapter's own cost among few and among many reservations that hold something. */
async function held(sizes) {
  const sides = [];
  for (const size of sizes) {
    const side = adapterAlone(DEFAULTS, 1);
    for (let number = 0; number < size; number++) await side.reserve(-1 - number);
    sides.push({ ...side, name: String(size) });
  }
  const samples = await interleave(sides.map((side) => contender(side, 'reserve')));
  const [few, many] = sizes.map((size) => samples[String(size)]);
  return [
    {
      ...row(`one reservation beside ${sizes[1].toLocaleString('en')} others of the workspace`, many, few),
      other: `beside ${sizes[0]}`,
      budget: 'at most 2x',
      met: ratioOf(many, few) <= 2,
    },
  ];
}

function row(work, ours, limit) {
  return {
    ...figure(work, { ours: both(ours) }),
    other: 'limit: a counter',
    theirs: both(limit),
    ratio: `${shown(ratioOf(ours, limit))}x`,
  };
}

function both(samples) {
  const each = median(samples);
  return `${time(each)} (${Math.round(1e9 / each).toLocaleString('en')}/s)`;
}

async function throughService(defaults) {
  const storage = memoryStorage();
  await fill(storage, WORKSPACES, 5);
  const service = new WorkspaceService({
    storage,
    quota: memoryQuota({ defaults }),
    permissions: defaultMatrix,
    tokens: { keys: [{ kid: 'bench', alg: 'HS256', secret: SECRET }], issuer: ISSUER, invitationUrl: ISSUER },
  });
  const named = (serial) => ({ workspaceId: workspace(serial % WORKSPACES), reservationId: `r-${serial}` });
  const who = (serial) => actor(serial % WORKSPACES);
  const reserve = (serial) => service.reserveQuota(who(serial), { ...named(serial), amounts: AMOUNTS });
  return {
    name: 'service',
    reserve,
    commit: (serial) => service.commitQuota(who(serial), named(serial)),
    release: (serial) => service.releaseQuota(who(serial), named(serial)),
    denied: (serial) =>
      reserve(serial).then(
        () => {
          throw new Error('it was admitted');
        },
        (error) => {
          if (error.code !== 'QUOTA_EXCEEDED') throw error;
        },
      ),
  };
}

function adapterAlone(defaults, workspaces = WORKSPACES) {
  const quota = memoryQuota({ defaults });
  const amounts = new Map(Object.entries(AMOUNTS).map(([resource, text]) => [resource, parseQuantity(text)]));
  const subjects = Array.from({ length: workspaces }, (_, number) => ({
    workspaceId: workspace(number),
    kind: 'team',
    ownerId: user(number),
  }));
  const subject = (serial) => subjects[Math.abs(serial) % workspaces];
  const request = (serial) => ({ reservationId: `r-${serial}`, now: Date.now() });
  const wanted = async (answer, ok) => {
    if ((await answer).ok !== ok) throw new Error('a wrong answer');
  };
  const reserving = (serial) => {
    const { reservationId, now } = request(serial);
    return quota.reserve(subject(serial), {
      reservationId,
      amounts,
      expiresAt: now + 300_000,
      by: { userId: 'user-0' },
      now,
    });
  };
  return {
    name: 'adapter',
    reserve: (serial) => wanted(reserving(serial), true),
    commit: (serial) => wanted(quota.commit(subject(serial), request(serial)), true),
    release: (serial) => wanted(quota.release(subject(serial), request(serial)), true),
    denied: (serial) => wanted(reserving(serial), false),
  };
}

/** Numbers in place of exact quantities: what is left when every promise but the limit itself is dropped. */
function bareCounter(defaults) {
  const limits = defaults === DEFAULTS ? [1e6, 2 ** 60] : [0, 0];
  const asked = [0.5, 64 * 2 ** 20];
  const ledgers = new Map(
    Array.from({ length: WORKSPACES }, (_, number) => [
      workspace(number),
      new Map(['limits.cpu', 'limits.memory'].map((name) => [name, { used: 0, reserved: 0 }])),
    ]),
  );
  const names = [...Array(WORKSPACES).keys()].map(workspace);
  const uses = (serial) => [...ledgers.get(names[serial % WORKSPACES]).values()];
  const fits = (use, place) => use.used + use.reserved + asked[place] <= limits[place];
  const admit = async (serial) => {
    const both = uses(serial);
    if (!both.every(fits)) return false;
    both.forEach((use, place) => (use.reserved += asked[place]));
    return true;
  };
  const wanted = async (answer, ok) => {
    if ((await answer) !== ok) throw new Error('a wrong answer');
  };
  let committed = false;
  return {
    name: 'counter',
    reserve: (serial) => wanted(admit(serial), true),
    async commit(serial) {
      committed = true;
      uses(serial).forEach((use, place) => {
        use.reserved -= asked[place];
        use.used += asked[place];
      });
    },
    async release(serial) {
      const kind = committed ? 'used' : 'reserved';
      uses(serial).forEach((use, place) => (use[kind] -= asked[place]));
    },
    denied: (serial) => wanted(admit(serial), false),
  };
}

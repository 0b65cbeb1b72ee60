// Many calls at the same time against the same calls one after the other: none may fail, and the crowd may not cost much.
import { interleave } from './interleave.mjs';
import { figure, median, ratioOf, shown, time } from './rows.mjs';

export const CROWD = 64;

/** `together` and `inTurn` are called with the serial number of their call; `atLeast` is a budget or `null`. */
export async function crowd(work, { together, inTurn }, { atLeast = 0.5, ...options } = {}) {
  const lost = [];
  const serials = { together: counter(), inTurn: counter() };
  const samples = await interleave(
    [
      {
        name: 'together',
        calls: CROWD,
        run: async () => {
          const outcomes = await Promise.allSettled(
            Array.from({ length: CROWD }, () => together(serials.together())),
          );
          lost.push(...outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => reason));
        },
      },
      { name: 'in turn', calls: CROWD, run: queue(inTurn, serials.inTurn) },
    ],
    options,
  );
  const other = lost.find(({ code }) => code !== 'CONFLICT');
  if (other) throw other;
  const ratio = ratioOf(samples['in turn'], samples.together);
  return [
    figure(`${work}: failed with \`CONFLICT\``, {
      ours: String(lost.length),
      budget: 'none',
      met: lost.length === 0,
    }),
    {
      work: `${work}: throughput, time for each`,
      ours: time(median(samples.together)),
      other: 'one after the other',
      theirs: time(median(samples['in turn'])),
      ratio: `${shown(ratio)}x`,
      budget: atLeast === null ? null : `at least ${atLeast}x`,
      met: atLeast === null ? null : ratio >= atLeast,
    },
  ];
}

function queue(call, next) {
  return async () => {
    for (let place = 0; place < CROWD; place++) await call(next());
  };
}

function counter() {
  let serial = 0;
  return () => serial++;
}

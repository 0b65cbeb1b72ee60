// Requests that meet: a scene is played in rounds, each on rows of its own, and afterwards its rows are judged.
import pg from 'pg';

const FEWER = Number(process.env.BENCH_ROUNDS ?? Number.POSITIVE_INFINITY);
export const ROUNDS = Math.min(50, FEWER);
const IN_TURN_ROUNDS = Math.min(10, FEWER);
/** How many requests meet where a scene has more than two. */
export const CROWD = 10;
/** What each limit is set to. */
export const LIMIT = 5;

/**
 * A scene is `async (serial) => ({ requests, judge })`: it makes what a round needs, `requests` are functions that are
 * called at once, and `judge(answers)` reads the rows and says what is wrong, or `null`. An answer is true where a
 * request was granted, false where it was refused.
 *
 * @returns how many rounds ended wrong when the requests met, and how many when they came one after the other
 */
export async function play(name, scene) {
  let serial = 0;
  const count = async (rounds, together) => {
    let broken = 0;
    for (let round = 0; round < rounds; round++) {
      const { requests, judge } = await scene(serial++);
      const answers = await (together ? atOnce(requests) : inTurn(requests, round));
      const wrong = await judge(answers);
      if (wrong === null) continue;
      if (broken++ === 0) console.error(`  ${name}, ${together ? 'at once' : 'in turn'}: ${wrong}`);
    }
    return broken;
  };
  return { atOnce: await count(ROUNDS, true), inTurn: await count(IN_TURN_ROUNDS, false) };
}

/** The rows of the report: ours beside each of the others; `null` is a contender that has no such thing. */
export function raceRows(work, ours, others) {
  const playing = Object.entries(others).filter(([, theirs]) => ours !== null || theirs !== null);
  return playing.map(([other, theirs], place) => ({
    work,
    ours: shownCount(ours),
    other,
    theirs: shownCount(theirs),
    ratio: null,
    budget: place === 0 && ours !== null ? 'none' : null,
    met: place === 0 && ours !== null ? ours.atOnce + ours.inTurn === 0 : null,
  }));
}

/** What is wrong with a count, or `null`. */
export function exactly(expected, found, what) {
  return found === expected ? null : `${found} ${what}, ${expected} expected`;
}

export function atLeast(expected, found, what) {
  return found >= expected ? null : `${found} ${what}, at least ${expected} expected`;
}

async function atOnce(requests) {
  return Promise.all(requests.map((request) => answerOf(request)));
}

/** Every other round from the last to the first: of two requests, either may come first. */
async function inTurn(requests, round) {
  const order = [...requests.keys()];
  const answers = [];
  for (const place of round % 2 === 0 ? order : order.reverse()) {
    answers[place] = await answerOf(requests[place]);
  }
  return answers;
}

/** What is neither an answer nor a refusal stops the race: it would count as a rule kept. */
async function answerOf(request) {
  try {
    await request();
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function isRefusal(error) {
  if (error instanceof pg.DatabaseError) return error.code === UNIQUE_VIOLATION;
  if (error.name === 'WorkspaceError') return error.code !== 'UNAVAILABLE';
  return error.name === 'Refused' || (error.name === 'APIError' && error.statusCode < 500);
}

const UNIQUE_VIOLATION = '23505';

function shownCount(count) {
  if (count === null) return 'has none';
  const turns = count.inTurn === 0 ? '' : ` (in turn ${count.inTurn} of ${IN_TURN_ROUNDS})`;
  return `${count.atOnce} of ${ROUNDS}${turns}`;
}

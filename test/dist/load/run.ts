// The load run as a program: serves the desk in this process, or sends load to a running one. Exchanges JSON lines
// with the process that started it.
import { crowd } from './crowd.js';
import { serveDesk, signInAt } from './serve.js';

const [what, where = '', seconds = '', connections = ''] = process.argv.slice(2);

if (what === 'serve') await serve(where);
else if (what === 'crowd') await work(where, Number(seconds), Number(connections));
else throw new Error('run.ts serve <database URL> | crowd <address> <seconds> <connections>');

/** Serves until a line comes in, then reports invariant violations in the database, and exits. */
async function serve(url: string): Promise<void> {
  const desk = await serveDesk(url);
  console.log(JSON.stringify({ base: desk.base }));
  await new Promise((done) => process.stdin.once('data', done));
  console.log(JSON.stringify({ unsound: await desk.unsound(), log: desk.log }));
  await desk.close();
  process.stdin.pause();
}

async function work(base: string, lasts: number, at: number): Promise<void> {
  const end = performance.now() + lasts * 1000;
  const tally = await crowd({
    base,
    signIn: (name) => signInAt(base, name),
    connections: at,
    goesOn: () => performance.now() < end,
  });
  const { requests, failures, answers, latencies } = tally;
  console.log(
    JSON.stringify({
      requests,
      failures: failures.length,
      firstFailures: failures.slice(0, 5),
      seconds: tally.seconds,
      answers: Object.fromEntries([...answers].sort()),
      latencies: Object.fromEntries([...latencies]),
    }),
  );
}

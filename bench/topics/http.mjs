// The HTTP API of the desk under load: 64 connections on loopback, mixed reads and writes, on PostgreSQL.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { figure, shown } from '../lib/rows.mjs';
import { POSTGRES_URL } from '../lib/sql-databases.mjs';

const SECONDS = 60;
const CONNECTIONS = 64;

export const title = 'The HTTP API of the desk, on PostgreSQL';
export const notes = [
  `${CONNECTIONS} connections, each busy all the time, for ${SECONDS} s: 68 % reads and 32 % writes on 16 and more workspaces that all of them`,
  'share, so that they refuse, race and lock each other out as people do. The server is one process, with a pool of 10',
  'connections to the database; the load, the server and the database share the 2 cores, so the throughput is theirs together.',
  'Every answer below 500 counts as served: what a rule forbids is refused. At the end, everything in the database is read and',
  'checked against the invariants and against its events.',
];

export const flows = { postgres };

async function postgres() {
  const name = `tenantry_load_${process.pid}`;
  const admin = new pg.Client({ connectionString: POSTGRES_URL });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(POSTGRES_URL);
  url.pathname = name;
  const server = program('serve', url.href);
  try {
    const { base } = await server.line();
    const tally = await program('crowd', base, SECONDS, CONNECTIONS).line();
    server.child.stdin.write('end\n');
    const { unsound, log } = await server.line();
    await server.ended;
    return rowsOf(tally, { unsound, log });
  } finally {
    server.child.kill();
    await server.ended;
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  }
}

function rowsOf({ requests, seconds, failures, firstFailures, answers, latencies }, { unsound, log }) {
  const count = (pattern) =>
    Object.entries(answers).reduce((sum, [answer, times]) => sum + (pattern.test(answer) ? times : 0), 0);
  const all = Object.values(latencies)
    .flat()
    .sort((one, other) => one - other);
  for (const line of [...firstFailures, ...unsound, ...log].slice(0, 10)) console.error(line);
  return [
    figure('requests', { ours: `${requests.toLocaleString('en')}, ${Math.round(requests / seconds)}/s` }),
    figure('answered with 2xx', { ours: count(/ 2\d\d/).toLocaleString('en') }),
    figure('refused with 4xx', { ours: count(/ 4\d\d/).toLocaleString('en') }),
    figure('5xx, or no answer', { ours: String(failures), budget: 'none', met: failures === 0 }),
    figure('broken invariants at the end', {
      ours: String(unsound.length),
      budget: 'none',
      met: unsound.length === 0,
    }),
    figure('all: p50, p95, p99', { ours: quantiles(all) }),
    ...Object.entries(latencies)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([operation, list]) =>
        figure(`${operation} (${list.length.toLocaleString('en')}): p50, p95, p99`, { ours: quantiles(list) }),
      ),
  ];
}

function quantiles(sorted) {
  return [0.5, 0.95, 0.99]
    .map((part) => `${shown(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))])} ms`)
    .join(', ');
}

/** One of the programs of the load, which speak in lines of JSON. */
function program(...words) {
  const root = new URL('../../', import.meta.url);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('test/dist/load/run.ts', root)), ...words.map(String)],
    { cwd: fileURLToPath(root), stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ended = new Promise((done) => child.on('close', done));
  return {
    child,
    ended,
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${words[0]} ended without an answer`);
      return JSON.parse(value);
    },
  };
}

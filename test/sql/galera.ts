// A Galera cluster of three MariaDB nodes on loopback, for one test file: the server of the machine is left alone.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { access, chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2';
import { freePort } from './cutting-proxy.js';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

const PROVIDER = process.env['TEST_GALERA_PROVIDER'] ?? '/usr/lib/galera/libgalera_smm.so';

export interface GaleraNode {
  readonly url: string;
  /** As a power cut. */
  readonly kill: () => Promise<void>;
}

export interface GaleraCluster {
  readonly nodes: readonly GaleraNode[];
  readonly remove: () => Promise<void>;
}

/** Why no cluster can be started here; `null` if it can. */
export async function missingForGalera(): Promise<string | null> {
  try {
    await access(PROVIDER);
    await run('mariadbd', ['--no-defaults', '--version']);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export async function startGalera(): Promise<GaleraCluster> {
  const home = await mkdtemp(join(tmpdir(), 'tenantry-galera-'));
  const processes: ChildProcess[] = [];
  const remove = async (): Promise<void> => {
    await Promise.all(processes.map(kill));
    await rm(home, { recursive: true, force: true });
  };
  try {
    await chmod(home, 0o755);
    const template = join(home, 'template');
    const auth = ['--auth-root-authentication-method=normal'];
    await run('mariadb-install-db', ['--no-defaults', `--datadir=${template}`, ...auth]);
    const ports = await Promise.all(['client', 'group', 'state', 'transfer'].map(() => threePorts()));
    const firstGroup = ports[1]?.[0] ?? 0;
    const start = async (index: number): Promise<GaleraNode> => {
      const [port = 0, group = 0, state = 0, transfer = 0] = ports.map((three) => three[index] ?? 0);
      const folder = join(home, `node${index}`);
      await cp(template, folder, { recursive: true });
      if (isRoot) await run('chown', ['-R', 'mysql', folder]);
      const node = spawn('mariadbd', [
        '--no-defaults',
        ...(isRoot ? ['--user=mysql'] : []),
        `--datadir=${folder}`,
        `--port=${port}`,
        `--socket=${join(folder, 'sock')}`,
        `--pid-file=${join(folder, 'pid')}`,
        `--log-error=${join(folder, 'log.err')}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--binlog-format=ROW',
        '--innodb-autoinc-lock-mode=2',
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-buffer-pool-size=64M',
        '--innodb-log-file-size=32M',
        '--wsrep-on=ON',
        `--wsrep-provider=${PROVIDER}`,
        '--wsrep-cluster-name=tenantry',
        `--wsrep-cluster-address=gcomm://${index === 0 ? '' : `127.0.0.1:${firstGroup}`}`,
        `--wsrep-node-address=127.0.0.1:${group}`,
        `--wsrep-node-name=node${index}`,
        '--wsrep-sst-method=rsync',
        `--wsrep-sst-receive-address=127.0.0.1:${transfer}`,
        `--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:${group};ist.recv_addr=127.0.0.1:${state};gcache.size=32M`,
      ]);
      processes.push(node);
      await untilReady(node, port, join(folder, 'log.err'));
      return { url: `mysql://root@127.0.0.1:${port}/test`, kill: () => kill(node) };
    };
    // The first forms the cluster, and the others join it.
    const nodes = [await start(0), ...(await Promise.all([start(1), start(2)]))];
    return { nodes, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function untilReady(node: ChildProcess, port: number, log: string): Promise<void> {
  for (;;) {
    if (node.exitCode !== null) throw new Error(`mariadbd ended: ${await readFile(log, 'utf8')}`);
    if (await isReady(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection({ host: '127.0.0.1', port, user: 'root' });
    connection.on('error', () => resolve(false));
    connection.query("show status like 'wsrep_ready'", (error, rows) => {
      connection.destroy();
      resolve(error === null && JSON.stringify(rows).includes('"ON"'));
    });
  });
}

async function threePorts(): Promise<number[]> {
  return Promise.all([freePort(), freePort(), freePort()]);
}

async function kill(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return;
  const ended = new Promise((resolve) => node.once('exit', resolve));
  node.kill('SIGKILL');
  await ended;
}

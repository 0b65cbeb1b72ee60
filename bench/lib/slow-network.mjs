// A network with a millisecond in each direction, on one machine: a server that passes bytes on to another one. Runs as a
// process of its own, so that it takes no turns with what is measured; argv is the host and port behind it.
import { fork } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const DELAY_MS = 1;

/** The port on 127.0.0.1 behind which `host` and `port` are a millisecond away. */
export async function slowed({ host, port }) {
  const child = fork(fileURLToPath(import.meta.url), [host, String(port)], { execArgv: [] });
  const { port: slow } = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
  });
  return { port: slow, close: () => child.kill() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [host, port] = process.argv.slice(2);
  const server = createServer((near) => {
    const far = connect({ host, port: Number(port), noDelay: true });
    near.setNoDelay(true);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), DELAY_MS));
      from.on('end', () => setTimeout(() => to.end(), DELAY_MS));
      from.on('error', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('disconnect', () => process.exit(0));
}

// A connection that breaks at a chosen word: a proxy on the way to a server, which counts questions and answers.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy {
  /** The server's URL, by way of here. */
  readonly url: string;
  /** Questions since the proxy was last armed; each is answered before the next is asked. */
  readonly questions: () => number;
  /** Whether the cut has happened. */
  readonly hasCut: () => boolean;
  /**
   * Counts from 0 again, and cuts at this question, counted from 1: `before` it comes to the server, or `after` the
   * server has answered, with the answer lost. `hung` passes the question on and no answer back, without an end of the
   * connection. Later connections are left alone. 0 cuts nothing.
   */
  readonly arm: (question: number, when: 'before' | 'after' | 'hung') => void;
  readonly close: () => Promise<void>;
}

export async function cuttingProxy(serverUrl: string, defaultPort: number): Promise<CuttingProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const armed = { question: 0, when: 'before' as 'before' | 'after' | 'hung', questions: 0, hasCut: false };

  const server = createServer((client) => {
    const upstream = connect(Number(target.port || defaultPort), target.hostname);
    let isAnswering = true;
    let isHung = false;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    const isDue = (when: 'before' | 'after' | 'hung'): boolean => {
      if (armed.hasCut || armed.when !== when || armed.questions !== armed.question) return false;
      armed.hasCut = armed.question > 0;
      return armed.hasCut;
    };
    client.on('data', (bytes) => {
      if (isAnswering) armed.questions++;
      isAnswering = false;
      isHung ||= isDue('hung');
      if (isDue('before')) cut();
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      isAnswering = true;
      if (isHung) return;
      if (isDue('after')) cut();
      else client.write(bytes);
    });
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(portOf(server.address()));
  return {
    url: url.href,
    questions: () => armed.questions,
    hasCut: () => armed.hasCut,
    arm(question, when) {
      Object.assign(armed, { question, when, questions: 0, hasCut: false });
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port without a listener. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return address.port;
}

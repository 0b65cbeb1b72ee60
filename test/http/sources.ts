// Bodies that are sent in chunks and count how much of them was read.
import type { WorkspaceApi } from '../../src/http/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada } from '../service/team.js';
import { apiOf, as, ORIGIN, problemIn } from './calls.js';

export const CHUNK = 65_536;
export const json = { 'Content-Type': 'application/json' };
export const valid = '{"name":"Kernel"}';

export async function openedApi(options: Parameters<typeof apiOf>[1] = {}) {
  const { workspaces, storage } = createTestWorkspaces();
  await workspaces.openAccount({ ...ada, username: 'ada' });
  return { workspaces, storage, api: apiOf(workspaces, options) };
}

/** A body that counts the chunks that were pulled; `endless` never ends. */
export function source(chunks: Iterable<Uint8Array>) {
  const told = { pulled: 0, canceled: false };
  const iterator = chunks[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = iterator.next();
        if (next.done === true) {
          controller.close();
          return;
        }
        told.pulled += next.value.byteLength;
        controller.enqueue(next.value);
      },
      cancel() {
        told.canceled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { told, body };
}

export function* endless(): Generator<Uint8Array> {
  for (;;) yield new Uint8Array(CHUNK).fill(0x20);
}

export function create(
  body: NonNullable<ConstructorParameters<typeof Response>[0]>,
  headers: Readonly<Record<string, string>> = json,
): Request {
  const init = { method: 'POST', headers: { ...as(ada), ...headers }, body, duplex: 'half' as const };
  return new Request(`${ORIGIN}/workspaces`, init);
}

export async function codeOf(api: WorkspaceApi<void>, request: Request): Promise<string> {
  return (await problemIn(await api.fetch(request))).code;
}

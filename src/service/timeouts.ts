// How long an adapter or a function of the app may take.
import type { StorageAdapter } from '../ports/storage.js';

/** Why a function of the app may never answer inside a transaction. */
export const USE_THE_TRANSACTION =
  'inside a transaction, query the same database through the `transaction` that the function receives: other connections may all be held by transactions that wait';

/**
 * The result of `call`, or an error after so many milliseconds; `null` waits without limit. Not the injected clock: its
 * sleep cannot be cancelled, so every call would leave a timer behind.
 */
export async function within<Value>(
  milliseconds: number | null,
  call: () => Value | Promise<Value>,
  hint = '',
): Promise<Value> {
  if (milliseconds === null) return call();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${milliseconds} ms${hint && `: ${hint}`}`));
    }, milliseconds);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The storage, whose calls fail after so many milliseconds. A commit that was late may have taken effect. */
export function timedStorage(storage: StorageAdapter, milliseconds: number): StorageAdapter {
  const timed =
    <Input extends unknown[], Value>(call: (...input: Input) => Promise<Value>) =>
    (...input: Input): Promise<Value> =>
      within(milliseconds, () => call(...input));
  return {
    load: timed((readSet) => storage.load(readSet)),
    commit: timed((commit) => storage.commit(commit)),
    findMembership: timed((workspaceId, userId) => storage.findMembership(workspaceId, userId)),
    listWorkspaces: timed((userId, page) => storage.listWorkspaces(userId, page)),
    listMembers: timed((workspaceId, page) => storage.listMembers(workspaceId, page)),
    listInvitations: timed((workspaceId, page) => storage.listInvitations(workspaceId, page)),
    listInvitationsFor: timed((recipients, page) => storage.listInvitationsFor(recipients, page)),
    listInvitationEvents: timed((emailKey, page) => storage.listInvitationEvents(emailKey, page)),
    findAccounts: timed((query) => storage.findAccounts(query)),
    findWorkspaces: timed((query) => storage.findWorkspaces(query)),
    listPurgeable: timed((at, page) => storage.listPurgeable(at, page)),
    listEvents: timed((workspaceId, page) => storage.listEvents(workspaceId, page)),
    listAccountEvents: timed((userId, page) => storage.listAccountEvents(userId, page)),
    isConflict: (error) => storage.isConflict?.(error) === true,
    ...(storage.withLock && {
      withLock: (readSet, attempt) =>
        within(milliseconds, async () => (await storage.withLock?.(readSet, attempt)) ?? NOT_LOCKED),
    }),
  };
}

const NOT_LOCKED = { ok: false, reason: 'conflict' } as const;

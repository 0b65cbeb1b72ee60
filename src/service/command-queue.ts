// Commands of one process on one subject run in the order they came, instead of colliding.

/** Runs `run` after everything that was queued under `key` before. A failure stops nobody behind it. */
export type CommandQueue = <Result>(key: string, run: () => Promise<Result>) => Promise<Result>;

export function commandQueue(): CommandQueue {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, run) => {
    const before = tails.get(key);
    const mine = before === undefined ? run() : before.then(run, run);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
}

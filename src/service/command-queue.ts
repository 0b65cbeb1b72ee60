// Commands of one process on the same records run one after the other instead of competing. The versions of the records
// are what makes them correct, so a command that does not end holds up the others only for a while.

/** What a command waits for. */
export interface Turn {
  /** Commands with the same key run one after the other. */
  readonly key: string;
  /** The caller. The callers of one key take turns, so that many commands of one caller do not delay those of others. */
  readonly caller: string;
  /** Called before the command waits behind many others. If it rejects, the command does not run. */
  readonly beforeLongWait?: () => Promise<void>;
}

/** Runs `run` after everything queued under its key before it. A failure does not stop the next one. */
export type CommandQueue = <Result>(turn: Turn, run: () => Promise<Result>) => Promise<Result>;

interface Line {
  /** What each caller waits with. The next turn is that of the first caller, who then goes to the end. */
  readonly waiting: Map<string, (() => void)[]>;
  size: number;
  /** How many commands have ended, to notice that none does. */
  ended: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Far longer than most commands take. If one takes longer, the next one runs at the same time and may lose a race. */
const LONGEST_WAIT_MS = 10_000;

/** Fewer waiting commands cost less than asking whether the next may wait. */
const MANY = 8;

/** A command that was waited for so long, in milliseconds, no longer holds up the next one. */
export function commandQueue(longestWait = LONGEST_WAIT_MS): CommandQueue {
  const lines = new Map<string, Line>();
  return async ({ key, caller, beforeLongWait }, run) => {
    if (beforeLongWait !== undefined && (lines.get(key)?.size ?? 0) >= MANY) await beforeLongWait();
    const line = lines.get(key) ?? { waiting: new Map(), size: 0, ended: 0, timer: undefined };
    if (lines.has(key)) await turnIn(line, caller);
    lines.set(key, line);
    try {
      return await run();
    } finally {
      line.ended++;
      if (!startNext(line)) {
        clearTimeout(line.timer);
        if (lines.get(key) === line) lines.delete(key);
      }
    }
  };

  function turnIn(line: Line, caller: string): Promise<void> {
    return new Promise((resolve) => {
      const calls = line.waiting.get(caller);
      if (calls === undefined) line.waiting.set(caller, [resolve]);
      else calls.push(resolve);
      line.size++;
      if (line.size === 1) watch(line);
    });
  }

  /**
   * One timer for all that wait: a timer for each would cost more than most commands. Not the injected clock, whose sleep
   * cannot be cancelled.
   */
  function watch(line: Line): void {
    const { ended } = line;
    clearTimeout(line.timer);
    line.timer = setTimeout(() => {
      if (line.ended === ended) startNext(line);
      if (line.size > 0) watch(line);
    }, longestWait);
  }
}

/** `false` if no command waits. */
function startNext(line: Line): boolean {
  for (const [caller, calls] of line.waiting) {
    const next = calls.shift();
    line.waiting.delete(caller);
    if (calls.length > 0) line.waiting.set(caller, calls);
    line.size--;
    next?.();
    return true;
  }
  return false;
}

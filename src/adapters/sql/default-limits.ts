// The limits that a workspace has by default, from the option `defaults` of the quota adapter.
import { limitsOfDefaults, type LimitTexts, type QuotaLimits } from '../../core/quota.js';
import type { QuotaSubject } from '../../ports/quota.js';

/** The limits of every workspace, or a function that returns them. */
export type DefaultLimits = LimitTexts | ((subject: QuotaSubject) => LimitTexts | Promise<LimitTexts>);

/** How long a function may take in a transaction of the host application, in milliseconds. */
const LONGEST_WAIT_MS = 5000;

/**
 * The limits of a workspace. In a transaction a function that does not answer is given up: if it waits for a connection
 * while transactions hold them all, it would wait without end.
 */
export function defaultLimits(
  defaults: DefaultLimits,
  { isTransaction }: { readonly isTransaction: boolean },
): (subject: QuotaSubject) => Promise<QuotaLimits> {
  if (typeof defaults !== 'function') {
    const fixed = Promise.resolve(limitsOfDefaults(defaults));
    return () => fixed;
  }
  return async (subject) => {
    const limits = isTransaction ? await inTime(() => defaults(subject)) : await defaults(subject);
    return limitsOfDefaults(limits);
  };
}

/** As `within` of the service, which adapters do not import. Not an injected clock: its sleep cannot be cancelled. */
async function inTime<Value>(call: () => Value | Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(NO_ANSWER));
    }, LONGEST_WAIT_MS);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}

const NO_ANSWER = `tenantry/sql: the function \`defaults\` gave no answer within ${LONGEST_WAIT_MS} ms in a transaction. If it queries the same database, use the transaction: other connections may all be held by transactions that wait`;

// Asks the limits of the app: a table, or a function with a timeout whose answer is checked.
import { limitsProblem, type LimitSubject, type Limits } from '../core/limits.js';
import type { ServiceContext } from './context.js';
import { wrapOutage } from './outages.js';
import { USE_THE_TRANSACTION, within } from './timeouts.js';

/**
 * The limits of a subject. Do not ask for a caller who is no member: an error or a delay would reveal that the workspace
 * exists.
 *
 * @throws WorkspaceError `UNAVAILABLE`; TypeError for invalid limits
 */
export async function queryLimits(
  {
    limits: source,
    limitsTimeout,
    transaction,
  }: Pick<ServiceContext, 'limits' | 'limitsTimeout' | 'transaction'>,
  subject: LimitSubject,
): Promise<Limits> {
  if (typeof source !== 'function') return source;
  const hint = transaction === undefined ? '' : USE_THE_TRANSACTION;
  const ask = (): Limits | Promise<Limits> => source(subject, { transaction });
  const limits = await wrapOutage('limits', () => within(limitsTimeout, ask, hint));
  const problem = limitsProblem(limits);
  if (problem !== null) throw new TypeError(`the limits function returned invalid limits: ${problem}`);
  return limits;
}

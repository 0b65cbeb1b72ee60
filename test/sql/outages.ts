// A command during an outage, and the results that its caller may get.
import { expect } from 'vitest';
import { isWorkspaceError, type StorageAdapter, type WorkspaceError } from '../../src/index.js';
import { actions, type Action } from '../../src/testing/actions.js';
import { processService, type Scenario } from '../../src/testing/scenario.js';

export const rename = actionOf('Ada gives the team the name of a workspace that Mia owns');
export const transfer = actionOf('Ada transfers the team to Mia');

/** Like a new process, with ids from the start: the same command sends the same bytes. */
export function act(action: Action, storage: StorageAdapter, scenario: Scenario): Promise<unknown> {
  return action.run(processService(storage, { ...scenario, process: 0, options: action.options }), scenario);
}

/** What a call is refused with; `null` for a success. Anything but a `WorkspaceError` fails the test. */
export async function errorOf(answer: Promise<unknown>): Promise<WorkspaceError | null> {
  try {
    await answer;
    return null;
  } catch (error) {
    if (isWorkspaceError(error)) return error;
    throw error;
  }
}

/** The caller learns what can be done about it, and nothing of the database: that is in the cause, for the log. */
export function expectUnavailable(
  error: WorkspaceError | null,
  { source = 'storage', isRetryable = true } = {},
): void {
  expect([error?.code, error?.retryable, error?.details]).toEqual(['UNAVAILABLE', isRetryable, { source }]);
  expect(error?.cause).toBeInstanceOf(Error);
  expect(error?.message).toBe(`the ${source} source failed`);
  expect(Object.keys(error ?? {}).sort()).toEqual(['code', 'details', 'name']);
}

export function actionOf(title: string): Action {
  const action = actions.find((one) => one.title === title);
  if (action === undefined) throw new Error(`there is no action: ${title}`);
  return action;
}

let scenarios = 0;

/** Letters that no other scenario of this file has in its ids. */
export function nextPrefix(): string {
  return `f${(scenarios++).toString(36).padStart(5, '0')}`;
}

// A command that meets an outage, and what its caller may be told.
import { expect } from 'vitest';
import { isWorkspaceError, type StorageAdapter, type WorkspaceError } from '../../src/index.js';
import { actions, type Action } from '../../src/testing/actions.js';
import { processService, type Scenario } from '../../src/testing/scenario.js';

export const rename = actionOf('Olga renames the team as a workspace of Mark');
export const transfer = actionOf('Olga hands the team to Mark');

/** As a process of its own, whose ids begin anew: the same command is the same to the letter. */
export function act(action: Action, storage: StorageAdapter, scenario: Scenario): Promise<unknown> {
  return action.run(processService(storage, scenario.prefix, 0), scenario);
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
export function expectUnavailable(error: WorkspaceError | null, source = 'storage'): void {
  expect([error?.code, error?.retryable, error?.details]).toEqual(['UNAVAILABLE', true, { source }]);
  expect(error?.cause).toBeInstanceOf(Error);
  expect(error?.message).toBe(`the ${source} did not answer; try again`);
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

// Plays a story step by step, prints the result of each step, and compares it with the story.
import { isWorkspaceError, type WorkspaceErrorCode } from 'tenantry';
import type { Database } from './database.js';
import { markOf, type Names, type Progress } from './progress.js';
import { shortfallLines } from './quota.js';
import { createStage, type Outcome, type Stage } from './stage.js';
import type { Step, Story } from './story.js';
import { surveyOf } from './survey.js';
import { wordsOf } from './words.js';

interface Refusal {
  readonly code: WorkspaceErrorCode;
  readonly message: string;
  readonly below: readonly string[];
}

interface Theatre {
  readonly database: Database;
  readonly print: (line: string) => void;
}

/**
 * Continues after the last step that was played on this database. If no step is left, shows the current state. A step
 * and the record that it was played are one transaction, so no step is lost or played twice, whenever a run ends.
 *
 * Returns the first difference from the story as a message, or `null` if there is none.
 */
export async function play(story: Story, { database, print }: Theatre): Promise<string | null> {
  const { title, steps } = story;
  print(`${title}\non ${database.name}`);
  const { names, played } = await database.transaction(({ progress }) => progress.begin(title));
  const marks = steps.map(markOf);
  const changed = played.findIndex((mark, index) => mark !== marks[index]);
  if (changed >= 0) {
    const place = `steps[${changed}] (line ${changed + 1})`;
    return `${place} differs from the step that was played on this database: give the story another title, or ${database.resetHint}`;
  }
  if (played.length === steps.length) {
    await show(surveyOf(story, names), { database, print, names });
    print(`\n${steps.length} steps, all played before. To play them again, ${database.resetHint}`);
    return null;
  }

  const lines = linesOf(story);
  if (played.length > 0) print(`\n${played.length} of ${steps.length} steps were played before. Continuing:`);
  else if (steps[0]?.note === undefined) print('');
  for (const [index, step] of [...steps.entries()].slice(played.length)) {
    const progress = { played: marks.slice(0, index + 1), names };
    const { answer, problem } = await playStep(story, { database, step, index, progress });
    for (const line of lines(step, index, answer)) print(line);
    if (problem !== null) return `steps[${index}] (${step.do}, line ${index + 1}) ${problem}`;
  }
  const refused = steps.filter(({ expect }) => expect !== undefined);
  print(`\n${steps.length} steps, ${refused.length} of them fail, all as expected`);
  return null;
}

/** Plays steps that only read, without comparing their results. */
async function show(
  survey: Story,
  { database, print, names }: Theatre & { readonly names: Names },
): Promise<void> {
  const lines = linesOf(survey);
  for (const [index, step] of survey.steps.entries()) {
    const answer = await database.transaction((adapters) =>
      answerOf(createStage(survey, adapters, names), step),
    );
    for (const line of lines(step, index, answer)) print(line);
  }
}

async function playStep(
  story: Story,
  {
    database,
    step,
    index,
    progress,
  }: {
    readonly database: Database;
    readonly step: Step;
    readonly index: number;
    readonly progress: Progress;
  },
): Promise<{ readonly answer: Outcome | Refusal; readonly problem: string | null }> {
  try {
    const answer = await database.transaction(async (adapters) => {
      if (!(await adapters.progress.claim(story.title, index)))
        throw new Error('another process is playing this story on this database');
      const found = await answerOf(createStage(story, adapters, progress.names), step);
      const problem = problemOf(step, found);
      // roll back, so that the next run repeats this step
      if (problem !== null) throw new Otherwise(found, problem);
      await adapters.progress.keep(story.title, progress);
      return found;
    });
    return { answer, problem: null };
  } catch (error) {
    if (error instanceof Otherwise) return error;
    throw error;
  }
}

class Otherwise extends Error {
  constructor(
    readonly answer: Outcome | Refusal,
    readonly problem: string,
  ) {
    super(problem);
  }
}

async function answerOf(stage: Stage, step: Step): Promise<Outcome | Refusal> {
  try {
    return await stage.act(step);
  } catch (error) {
    if (!isWorkspaceError(error)) throw error;
    // the service is not available: the cause from the database says more
    if (error.code === 'UNAVAILABLE') throw error.cause instanceof Error ? error.cause : error;
    const below = isWorkspaceError(error, 'QUOTA_EXCEEDED') ? shortfallLines(error.details.shortfalls) : [];
    return { code: error.code, message: error.message, below };
  }
}

function problemOf(step: Step, answer: Outcome | Refusal): string | null {
  if (!('code' in answer)) {
    return step.expect === undefined ? (answer.wrong ?? null) : `succeeds, but ${step.expect} is expected`;
  }
  if (step.expect === undefined) return `fails with ${answer.code}: ${answer.message}`;
  return step.expect === answer.code ? null : `fails with ${answer.code}, not with ${step.expect}`;
}

/** Formats a step: its note, number, actor, action and result, with the details below. */
function linesOf({
  people,
  steps,
}: Story): (step: Step, index: number, answer: Outcome | Refusal) => string[] {
  const whoWidth = Math.max(0, ...Object.keys(people).map((name) => name.length));
  const whatWidth = Math.min(48, Math.max(...steps.map((step) => wordsOf(step).length)));
  const margin = ' '.repeat(5 + whoWidth + 2);
  return (step, index, answer) => {
    const who = 'by' in step ? step.by : '';
    const result = 'code' in answer ? `error: ${answer.code}` : answer.result;
    const number = String(index + 1).padStart(3);
    return [
      ...(step.note === undefined ? [] : [`\n${step.note}`]),
      `${number}  ${who.padEnd(whoWidth)}  ${wordsOf(step).padEnd(whatWidth)}  ${result}`.trimEnd(),
      ...(answer.below ?? []).map((line) => `${margin}${line}`),
    ];
  };
}

// Plays a story step by step, prints what comes of each, and compares it with what the story says.
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
 * Goes on where the last run on this database stopped; where nothing is left to play, shows what is there. Each step and
 * its place in the story are one transaction, so that none is lost or played twice, whenever a run ends.
 *
 * Returns the first thing that went otherwise than the story says, in words; `null` when nothing did.
 */
export async function play(story: Story, { database, print }: Theatre): Promise<string | null> {
  const { title, steps } = story;
  print(`${title}\non ${database.name}`);
  const { names, played } = await database.transaction(({ progress }) => progress.begin(title));
  const marks = steps.map(markOf);
  const changed = played.findIndex((mark, index) => mark !== marks[index]);
  if (changed >= 0) {
    const place = `steps[${changed}] (line ${changed + 1})`;
    return `${place} is not the one that was played on this database: give the story another title, or ${database.afresh}`;
  }
  if (played.length === steps.length) {
    await show(surveyOf(story, names), { database, print, names });
    print(`\n${steps.length} steps, all played before; to play them again, ${database.afresh}`);
    return null;
  }

  const lines = linesOf(story);
  if (played.length > 0) print(`\n${played.length} of ${steps.length} steps were played before. It goes on:`);
  else if (steps[0]?.note === undefined) print('');
  for (const [index, step] of [...steps.entries()].slice(played.length)) {
    const progress = { played: marks.slice(0, index + 1), names };
    const { answer, problem } = await playStep(story, { database, step, index, progress });
    for (const line of lines(step, index, answer)) print(line);
    if (problem !== null) return `steps[${index}] (${step.do}, line ${index + 1}) ${problem}`;
  }
  const refused = steps.filter(({ expect }) => expect !== undefined);
  print(`\n${steps.length} steps, ${refused.length} of them refused, all as the story says`);
  return null;
}

/** Plays steps that only read, whatever comes of them. */
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
        throw new Error('somebody else is playing this story on this database');
      const found = await answerOf(createStage(story, adapters, progress.names), step);
      const problem = problemOf(step, found);
      // nothing of it is kept: the next run tries this step again
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
    // no answer at all: what the database said is worth more
    if (error.code === 'UNAVAILABLE') throw error.cause instanceof Error ? error.cause : error;
    const below = isWorkspaceError(error, 'QUOTA_EXCEEDED') ? shortfallLines(error.details.shortfalls) : [];
    return { code: error.code, message: error.message, below };
  }
}

function problemOf(step: Step, answer: Outcome | Refusal): string | null {
  if (!('code' in answer)) {
    return step.expect === undefined ? (answer.wrong ?? null) : `is done, where ${step.expect} is expected`;
  }
  if (step.expect === undefined) return `is refused with ${answer.code}: ${answer.message}`;
  return step.expect === answer.code ? null : `is refused with ${answer.code}, not with ${step.expect}`;
}

/** Each step's lines: its note, its number, who, what and what came of it, and the details below. */
function linesOf({
  people,
  steps,
}: Story): (step: Step, index: number, answer: Outcome | Refusal) => string[] {
  const whoWidth = Math.max(0, ...Object.keys(people).map((name) => name.length));
  const whatWidth = Math.min(48, Math.max(...steps.map((step) => wordsOf(step).length)));
  const margin = ' '.repeat(5 + whoWidth + 2);
  return (step, index, answer) => {
    const who = 'by' in step ? step.by : '';
    const result = 'code' in answer ? `refused: ${answer.code}` : answer.result;
    const number = String(index + 1).padStart(3);
    return [
      ...(step.note === undefined ? [] : [`\n${step.note}`]),
      `${number}  ${who.padEnd(whoWidth)}  ${wordsOf(step).padEnd(whatWidth)}  ${result}`.trimEnd(),
      ...(answer.below ?? []).map((line) => `${margin}${line}`),
    ];
  };
}

// Plays a story step by step, prints what comes of each, and compares it with what the story says.
import { isWorkspaceError, type WorkspaceErrorCode } from 'tenantry';
import { shortfallLines } from './quota.js';
import { createStage, type Outcome } from './stage.js';
import type { Story } from './story.js';
import { wordsOf } from './words.js';

interface Refusal {
  readonly code: WorkspaceErrorCode;
  readonly message: string;
  readonly below: readonly string[];
}

/** Returns the first thing that went otherwise than the story says, in words; `null` when nothing did. */
export async function play(story: Story, print: (line: string) => void): Promise<string | null> {
  const stage = createStage(story);
  const names = Object.keys(story.people).map((name) => name.length);
  const whoWidth = Math.max(0, ...names);
  const whatWidth = Math.min(48, Math.max(...story.steps.map((step) => wordsOf(step).length)));
  const margin = ' '.repeat(5 + whoWidth + 2);
  let refused = 0;

  print(story.title);
  for (const [index, step] of story.steps.entries()) {
    const place = `steps[${index}] (${step.do}, line ${index + 1})`;
    const answer = await answerTo(() => stage.act(step));
    if (index === 0 && step.note === undefined) print('');
    if (step.note !== undefined) print(`\n${step.note}`);
    const who = 'by' in step ? step.by : '';
    const result = 'code' in answer ? `refused: ${answer.code}` : answer.result;
    print(
      `${String(index + 1).padStart(3)}  ${who.padEnd(whoWidth)}  ${wordsOf(step).padEnd(whatWidth)}  ${result}`.trimEnd(),
    );
    for (const line of answer.below ?? []) print(`${margin}${line}`);
    if ('code' in answer) {
      if (step.expect === undefined) return `${place} is refused with ${answer.code}: ${answer.message}`;
      if (step.expect !== answer.code)
        return `${place} is refused with ${answer.code}, not with ${step.expect}`;
      refused += 1;
    } else {
      if (step.expect !== undefined) return `${place} is done, where ${step.expect} is expected`;
      if (answer.wrong !== undefined) return `${place} ${answer.wrong}`;
    }
  }
  print(`\n${story.steps.length} steps, ${refused} of them refused, all as the story says`);
  return null;
}

async function answerTo(act: () => Promise<Outcome>): Promise<Outcome | Refusal> {
  try {
    return await act();
  } catch (error) {
    if (!isWorkspaceError(error)) throw error;
    const below = isWorkspaceError(error, 'QUOTA_EXCEEDED') ? shortfallLines(error.details.shortfalls) : [];
    return { code: error.code, message: error.message, below };
  }
}

// Plays a story: `npm start`, or `npm start -- examples/stories/handover.json`, or a file of your own.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { play } from './play.js';
import { StoryError, readStory } from './story.js';

// whoever reads the output may stop reading, as `head` does
process.stdout.on('error', () => process.exit());

const [file = ownStory(), ...rest] = process.argv.slice(2);

if (rest.length > 0 || file.startsWith('-')) {
  finish(2, 'usage: npm start [-- story.json]');
} else {
  try {
    const problem = await play(readStory(file), (line) => console.log(line));
    if (problem !== null) finish(1, `${file}: ${problem}`);
  } catch (error) {
    if (error instanceof StoryError) finish(2, error.message);
    else finish(1, `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function ownStory(): string {
  return relative('', fileURLToPath(new URL('story.json', import.meta.url)));
}

function finish(exitCode: number, line: string): void {
  console.error(line);
  process.exitCode = exitCode;
}

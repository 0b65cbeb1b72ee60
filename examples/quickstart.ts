// Plays a story: `npm run quickstart`, `npm run quickstart -- examples/stories/handover.json`, or your own file.
// DATABASE_URL names the database; the default is an SQLite file in the current folder.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from './database-url.js';
import { DatabaseError } from './desk/src/connect.js';
import { reasonOf } from './desk/src/log.js';
import { play } from './play.js';
import { StoryError, readStory } from './story.js';

// the reader of the output may exit early, as `head` does
process.stdout.on('error', () => process.exit());

const [file = ownStory(), ...rest] = process.argv.slice(2);

if (rest.length > 0 || file.startsWith('-')) {
  finish(2, 'usage: [DATABASE_URL=...] npm run quickstart [-- story.json]');
} else {
  try {
    const problem = await playOn(process.env['DATABASE_URL'] || 'sqlite:tenantry.sqlite', file);
    if (problem !== null) finish(1, `${file}: ${problem}`);
  } catch (error) {
    if (error instanceof StoryError) finish(2, error.message);
    else if (error instanceof DatabaseError) finish(error.isUsage ? 2 : 1, error.message);
    else finish(1, `${file}: ${reasonOf(error)}`);
  }
}

async function playOn(url: string, storyFile: string): Promise<string | null> {
  const story = readStory(storyFile);
  const database = await openDatabase(url, story.quota);
  try {
    return await play(story, { database, print: (line) => console.log(line) });
  } finally {
    await database.close();
  }
}

function ownStory(): string {
  return relative('', fileURLToPath(new URL('story.json', import.meta.url)));
}

function finish(exitCode: number, line: string): void {
  console.error(line);
  process.exitCode = exitCode;
}

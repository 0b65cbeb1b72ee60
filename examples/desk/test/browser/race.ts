// Two people accept one link at the same time: both forms are held back until both have been sent.
import { expect } from 'vitest';
import type { Person } from './person.js';
import { createWorkspace, invite } from './setup.js';
import type { Stage } from './stage.js';
import { button, heading, problem } from './steps.js';

export interface Outcome {
  /** The result for each person: joined, or an error that the link was used. */
  readonly results: readonly ('in' | 'used')[];
  /** The number of new members. */
  readonly joined: number;
}

export async function raceForLink(stage: Stage, uses: number): Promise<Outcome> {
  const ada = await stage.person('Ada');
  const racers = [await stage.person('Ben'), await stage.person('Cleo')];
  const workspace = await createWorkspace(ada, 'Relay');
  const url = await invite(ada, workspace, { uses });

  const together = barrier(racers.length);
  for (const { page } of racers) {
    await page.goto(url);
    await page.route('**/join/accept', async (route) => {
      await together();
      await route.continue();
    });
  }
  const results = await Promise.all(
    racers.map(async (racer) => {
      await button(racer, 'Accept').click();
      return outcomeFor(racer);
    }),
  );

  await ada.page.goto(`${workspace}/members`);
  const members = ada.page.getByRole('table', { name: 'Members of Relay' }).getByRole('rowheader');
  return { results, joined: (await members.count()) - 1 };
}

async function outcomeFor(racer: Person): Promise<'in' | 'used'> {
  const inside = heading(racer, 'Relay');
  const refused = problem(racer, 'This invitation has already been used.');
  await inside.or(refused).waitFor();
  if (await inside.isVisible()) return 'in';
  expect(racer.refusals()).toEqual(['410 POST /join/accept']);
  return 'used';
}

/** A barrier: each caller waits until this many have arrived. */
function barrier(count: number): () => Promise<void> {
  let missing = count;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    missing -= 1;
    if (missing === 0) open();
    return opened;
  };
}

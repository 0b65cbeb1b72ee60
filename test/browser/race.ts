// Two people press Accept on one link at the same instant: neither form reaches the desk before both are on their way.
import { expect } from 'vitest';
import type { Person } from './person.js';
import { createWorkspace, invite } from './setup.js';
import type { Stage } from './stage.js';
import { button, heading, problem } from './steps.js';

export interface Outcome {
  /** How it went for each: in the workspace, or told that the link was used. */
  readonly told: readonly ('in' | 'used')[];
  /** Who is a member afterwards, besides the one who invited. */
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
  const told = await Promise.all(
    racers.map(async (racer) => {
      await button(racer, 'Accept').click();
      return outcomeFor(racer);
    }),
  );

  await ada.page.goto(`${workspace}/members`);
  const members = ada.page.getByRole('table', { name: 'Members of Relay' }).getByRole('rowheader');
  return { told, joined: (await members.count()) - 1 };
}

async function outcomeFor(racer: Person): Promise<'in' | 'used'> {
  const inside = heading(racer, 'Relay');
  const refused = problem(racer, 'This invitation was used already, by as many people as it was for.');
  await inside.or(refused).waitFor();
  if (await inside.isVisible()) return 'in';
  expect(racer.refusals()).toEqual(['410 POST /join/accept']);
  return 'used';
}

/** Each that comes waits until so many are there. */
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

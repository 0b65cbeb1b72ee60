// Offers of the ownership: the owner offers, the member answers.
import { expect, test } from 'vitest';
import { openDesk } from './desk.js';

async function offered() {
  const desk = await openDesk();
  const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben')];
  const at = await ada.create('hello');
  await ben.accept(await ada.invite(at));
  expect((await ada.post(`${at}/members/offer`, { userId: ben.id() })).status).toBe(303);
  return { ada, ben, at: `${at}/members` };
}

test('M-12 a member sees the offer, accepts it, and is the owner', async () => {
  const { ada, ben, at } = await offered();
  expect((await ada.get(at)).body).toContain('Withdraw the offer');
  expect((await ben.get(at)).body).toContain('Become the owner');
  expect((await ben.post(`${at}/offer/accept`, {})).status).toBe(303);
  expect((await ben.get(at)).body).not.toContain('Offer of the ownership');
  expect((await ada.post(`${at}/offer`, { userId: ben.id() })).status).toBe(403);
});

test.each(['decline', 'withdraw'] as const)('M-12 an offer ends: %s', async (answer) => {
  const { ada, ben, at } = await offered();
  const actor = answer === 'decline' ? ben : ada;
  expect((await actor.post(`${at}/offer/${answer}`, {})).status).toBe(303);
  expect((await ben.post(`${at}/offer/accept`, {})).status).toBe(404);
});

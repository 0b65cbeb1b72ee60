// Who calls, and who called: what is kept of an actor, when two are one, and what others are shown.
import { expect, test } from 'vitest';
import { shownName } from '../../src/domain/account.js';
import { actorRef, isOperator, isUser, sameActor, type ActorRef } from '../../src/domain/actor.js';
import { account } from './given.js';

test('Q-09 one actor is the same person, or the host under the same name; a person is never the host', () => {
  const refs: readonly ActorRef[] = [
    { userId: 'root' },
    { userId: 'ada' },
    { operator: 'root' },
    { operator: 'cron' },
  ];
  const same = refs.map((one) => refs.map((other) => sameActor(one, { ...other })));
  expect(same).toEqual(refs.map((one) => refs.map((other) => one === other)));
});

test('T-06 whom a reference names is said by its own field, and not by one that it inherits', () => {
  const inheriting: ActorRef = { operator: 'cron' };
  Object.setPrototypeOf(inheriting, { userId: 'ada' });
  expect([isUser({ userId: 'ada' }), isUser({ operator: 'cron' }), isUser(inheriting)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('of an actor the id or the name is kept, and no address', () => {
  const ada = { userId: 'ada', email: 'ada@example.org', emailVerified: true };
  const cron = { operator: 'cron' };
  expect([actorRef(ada), actorRef(cron)]).toStrictEqual([{ userId: 'ada' }, cron]);
  expect([isOperator(ada), isOperator(cron)]).toEqual([false, true]);
});

test('others are shown the display name, or the username where there is none', () => {
  const shown = [null, 'Ada L.'].map((displayName) => shownName(account('ada', { displayName })));
  expect(shown).toEqual(['ada', 'Ada L.']);
});

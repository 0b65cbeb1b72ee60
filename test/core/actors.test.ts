// Actors: what is stored of an actor, when two actors are equal, and which name other users see.
import { expect, test } from 'vitest';
import { shownName } from '../../src/core/account.js';
import { actorRef, isOperator, isUser, sameActor, type ActorRef } from '../../src/core/actor.js';
import { account } from './given.js';

test('Q-09 actors are equal if the user id or the operator name is equal; a user never equals an operator', () => {
  const refs: readonly ActorRef[] = [
    { userId: 'root' },
    { userId: 'ada' },
    { operator: 'root' },
    { operator: 'cron' },
  ];
  const same = refs.map((one) => refs.map((other) => sameActor(one, { ...other })));
  expect(same).toEqual(refs.map((one) => refs.map((other) => one === other)));
});

test('T-06 an actor reference is read by its own fields, never by inherited ones', () => {
  const inheriting: ActorRef = { operator: 'cron' };
  Object.setPrototypeOf(inheriting, { userId: 'ada' });
  expect([isUser({ userId: 'ada' }), isUser({ operator: 'cron' }), isUser(inheriting)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('stores only the id or operator name of an actor, never the e-mail address', () => {
  const ada = { userId: 'ada', email: 'ada@example.org', emailVerified: true };
  const cron = { operator: 'cron' };
  expect([actorRef(ada), actorRef(cron)]).toStrictEqual([{ userId: 'ada' }, cron]);
  expect([isOperator(ada), isOperator(cron)]).toEqual([false, true]);
});

test('other users see the display name, or the username if there is none', () => {
  const shown = [null, 'Ada L.'].map((displayName) => shownName(account('ada', { displayName })));
  expect(shown).toEqual(['ada', 'Ada L.']);
});

// Who calls, and who called: what is kept of an actor, and when two are one.
import { expect, test } from 'vitest';
import { actorRef, isOperator, sameActor, type ActorRef } from '../../src/domain/actor.js';

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

test('of an actor the id or the name is kept, and no address', () => {
  const ada = { userId: 'ada', email: 'ada@example.org', emailVerified: true };
  const cron = { operator: 'cron' };
  expect([actorRef(ada), actorRef(cron)]).toStrictEqual([{ userId: 'ada' }, cron]);
  expect([isOperator(ada), isOperator(cron)]).toEqual([false, true]);
});

// What a file of browser tests stands on: one browser and one desk for all of its tests, and new people for each.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { hasBrowser, launchBrowser } from './browser.js';
import { startDesk, type Desk } from './desk.js';
import { createPerson, type Person, type PersonOptions } from './person.js';

export interface Stage {
  /** Somebody of this name, whom nobody knows yet; signed in, and looking at nothing. */
  person(name: string, options?: PersonOptions): Promise<Person>;
  /** Somebody who may have been there before, by their whole name. */
  signIn(name: string, options?: PersonOptions): Promise<Person>;
  /** As `person`, but not signed in. */
  stranger(name: string, options?: PersonOptions): Promise<Person>;
  /** Plays at another desk than that of the file; the people have left it when this is over. */
  playAt(desk: Desk, play: () => Promise<void>): Promise<void>;
}

/** Registers the tests of a file. After each of them, nothing may have gone wrong on any page. */
export function onStage(register: (stage: Stage) => void): void {
  describe.skipIf(!hasBrowser)('in a browser', () => {
    let browser: Browser;
    let desk: Desk;
    let origin: string;
    let people: Person[] = [];
    let number = 1;

    // what was begun is ended, also where the other could not begin
    const ends: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      await Promise.all([
        launchBrowser().then((launched) => {
          browser = launched;
          ends.push(() => launched.close());
        }),
        startDesk().then((started) => {
          desk = started;
          ({ origin } = started);
          ends.push(() => started.stop());
        }),
      ]);
    });
    afterAll(async () => {
      await Promise.all(ends.map((end) => end()));
    });
    afterEach(async () => {
      number += 1;
      await leave();
    });

    const leave = async (): Promise<void> => {
      const problems = people.flatMap((person) => person.problems().map((line) => `${person.name}: ${line}`));
      await Promise.all(people.map(({ context }) => context.close()));
      people = [];
      expect(problems).toEqual([]);
    };
    const appear = async (name: string, options: PersonOptions = {}): Promise<Person> => {
      const person = await createPerson(browser, { ...options, name, origin });
      people.push(person);
      return person;
    };
    const signIn = async (name: string, options?: PersonOptions): Promise<Person> => {
      const person = await appear(name, options);
      await person.context.request.post('/sign-in', { form: { name }, maxRedirects: 0 });
      return person;
    };
    register({
      person: (name, options) => signIn(`${name} ${number}`, options),
      signIn,
      stranger: (name, options) => appear(`${name} ${number}`, options),
      async playAt(other, play) {
        ({ origin } = other);
        try {
          await play();
          await leave();
        } finally {
          ({ origin } = desk);
        }
      },
    });
  });
}

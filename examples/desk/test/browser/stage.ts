// The setup of a browser test file: one browser and one desk for all its tests, and new people for each test.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { hasBrowser, launchBrowser } from './browser.js';
import { startDesk, type RunningDesk } from '../program.js';
import { createPerson, type Person, type PersonOptions } from './person.js';

export interface Stage {
  /** A new person, signed in, on no page yet. The name is made unique. */
  person(name: string, options?: PersonOptions): Promise<Person>;
  /** Signs in with this exact name, which an earlier sign-in may have used. */
  signIn(name: string, options?: PersonOptions): Promise<Person>;
  /** As `person`, but not signed in. */
  stranger(name: string, options?: PersonOptions): Promise<Person>;
  /** Runs `play` on another desk than that of the file. Its people have left when this returns. */
  playAt(desk: RunningDesk, play: () => Promise<void>): Promise<void>;
}

/** Registers the tests of a file. After each test, no page may have reported a problem. */
export function onStage(register: (stage: Stage) => void): void {
  describe.skipIf(!hasBrowser)('in a browser', () => {
    let browser: Browser;
    let desk: RunningDesk;
    let origin: string;
    let people: Person[] = [];
    let number = 1;

    // stop what has started, even if the other part failed to start
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

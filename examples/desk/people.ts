// Who there is: the desk's own users, each with an account of tenantry that came about in the same transaction.
import { createHash, randomBytes } from 'node:crypto';
import { commandSchemas, isWorkspaceError, nameKey, type UserActor } from 'tenantry';
import type { Core } from './desk.js';
import { stored } from './stored.js';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
}

export interface People {
  find(id: string): Promise<Person | null>;
  /** The person of this name, who is made where there is none. An address that is given replaces the one before. */
  signIn(name: string, email: string | null): Promise<Person>;
  /** By id. Whoever is not there is left out: an invitation may be for any id at all. */
  namesOf(ids: Iterable<string>): Promise<ReadonlyMap<string, string>>;
}

/** Whom the service is told: here an address counts as proved, so that invitations for one can be tried. */
export function actorOf({ id, email }: Person): UserActor {
  return email === null ? { userId: id } : { userId: id, email, emailVerified: true };
}

/** Whether the service takes it as an address: asked of its own rule, that for the recipient of an invitation. */
export function isEmail(email: string): boolean {
  const input = { workspaceId: 'any', role: 'any', recipient: { email } };
  return commandSchemas.inviteMember.safeParse(input).success;
}

export function createPeople({ db, transaction }: Core): People {
  const byKey = (name: string) =>
    stored(
      db
        .selectFrom('desk_user')
        .select(['id', 'name', 'email'])
        .where('name_key', '=', keyOf(name))
        .executeTakeFirst(),
    );

  return {
    async find(id) {
      const query = db.selectFrom('desk_user').select(['id', 'name', 'email']).where('id', '=', id);
      const person = await stored(query.executeTakeFirst());
      return person === undefined ? null : known(person);
    },

    async signIn(name, email) {
      const person = await byKey(name);
      if (person !== undefined) return withEmail(known(person), email);
      try {
        return await create(name, email);
      } catch (error) {
        // Somebody of this name signed in at the same instant, and is the same person: names are all that the demo has.
        const other = isWorkspaceError(error, 'USERNAME_TAKEN') ? await byKey(name) : undefined;
        if (other === undefined) throw error;
        return withEmail(known(other), email);
      }
    },

    async namesOf(ids) {
      const wanted = [...new Set(ids)].filter(isPersonId);
      if (wanted.length === 0) return new Map();
      const query = db.selectFrom('desk_user').select(['id', 'name']).where('id', 'in', wanted);
      const rows = await stored(query.execute());
      return new Map(rows.map((row) => [row.id, row.name]));
    },
  };

  /** The account first: its rules for names hold here, too. */
  function create(name: string, email: string | null): Promise<Person> {
    return transaction(async (inside) => {
      const id = `u-${randomBytes(12).toString('hex')}`;
      const { account } = await inside.workspaces.openAccount({ userId: id, username: name });
      const person = { id, name: account.username, email };
      await inside.db
        .insertInto('desk_user')
        .values({ ...person, name_key: keyOf(name) })
        .execute();
      return person;
    });
  }

  async function withEmail(person: Person, email: string | null): Promise<Person> {
    if (email === null || email === person.email) return person;
    await stored(db.updateTable('desk_user').set({ email }).where('id', '=', person.id).execute());
    return { ...person, email };
  }
}

/** Of the form that the desk makes: MariaDB fails a whole query over one id that is not of the characters of its column. */
function isPersonId(text: string): boolean {
  return /^u-[a-f0-9]{24}$/.test(text);
}

/** An address that the service would refuse counts as none: otherwise each of the person's pages would be refused. */
function known(person: Person): Person {
  return person.email === null || isEmail(person.email) ? person : { ...person, email: null };
}

/** As the library compares usernames, so that who is one person there is one here. */
function keyOf(name: string): string {
  return createHash('sha256').update(nameKey(name)).digest('hex');
}

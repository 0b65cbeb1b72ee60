// The users of the desk. Each has a tenantry account, created in the same transaction.
import { createHash, randomBytes } from 'node:crypto';
import { WorkspaceError, commandSchemas, isWorkspaceError, nameKey, type UserActor } from 'tenantry';
import type { Closing } from './closing.js';
import type { Core } from './desk.js';
import { stored } from './stored.js';

export interface Person {
  readonly id: string;
  /** The name that others see: the display name, or the username. */
  readonly name: string;
  readonly email: string | null;
}

export interface Names {
  readonly username: string;
  /** `null`: others see the username. */
  readonly displayName: string | null;
}

export interface People {
  find(id: string): Promise<Person | null>;
  /**
   * Finds the person of this username, or creates one. A given address replaces the stored one.
   *
   * @throws WorkspaceError `INVALID_INPUT` for a name that the service rejects, `USERNAME_TAKEN`
   */
  signIn(name: string, email: string | null): Promise<Person>;
  /**
   * Renames a person. The username is the name to sign in with.
   *
   * @throws WorkspaceError `INVALID_INPUT`, `USERNAME_TAKEN`, `NAME_TAKEN`
   */
  rename(person: Person, names: Names): Promise<void>;
  /** Names by id. Unknown ids are left out: an invitation can be for any id. */
  namesOf(ids: Iterable<string>): Promise<ReadonlyMap<string, string>>;
}

/**
 * The actor for the service. The demo treats every address as verified, so that you can try invitations to an address.
 */
export function actorOf({ id, email }: Person): UserActor {
  return email === null ? { userId: id } : { userId: id, email, emailVerified: true };
}

/** Validates an address by the service's own rule for the recipient of an invitation. */
export function isEmail(email: string): boolean {
  const input = { workspaceId: 'any', role: 'any', recipient: { email } };
  return commandSchemas.inviteMember.safeParse(input).success;
}

/** Validates a name by the service's own rule for usernames. */
function isName(name: string): boolean {
  return commandSchemas.openAccount.safeParse({ userId: 'any', username: name }).success;
}

function invalidName(): WorkspaceError {
  const issues = [{ path: 'name', message: 'must have 1 to 100 visible characters' }];
  return new WorkspaceError('INVALID_INPUT', { issues });
}

export function createPeople({ db, transaction }: Core, closing: Closing): People {
  const rowOf = (name: string) =>
    stored(
      db
        .selectFrom('desk_user')
        .select(['id', 'name', 'email'])
        .where('name_key', '=', keyOf(name))
        .executeTakeFirst(),
    );

  /** Finds a person by username. If the closing of the account was interrupted, completes it: then the name is free. */
  const byName = async (name: string): Promise<Person | null> => {
    const row = await rowOf(name);
    if (row === undefined) return null;
    const person = withValidEmail(row);
    return (await closing.resume(person)) ? null : person;
  };

  return {
    async find(id) {
      const query = db.selectFrom('desk_user').select(['id', 'name', 'email']).where('id', '=', id);
      const person = await stored(query.executeTakeFirst());
      return person === undefined ? null : withValidEmail(person);
    },

    async signIn(name, email) {
      // before its key is computed, because `nameKey` throws for long strings
      if (!isName(name)) throw invalidName();
      const person = await byName(name);
      if (person !== null) return withEmail(person, email);
      try {
        return await create(name, email);
      } catch (error) {
        // A concurrent sign-in created this name first. It is the same person: the demo identifies people by name
        // alone.
        const other = isWorkspaceError(error, 'USERNAME_TAKEN') ? await byName(name) : null;
        if (other === null) throw error;
        return withEmail(other, email);
      }
    },

    async rename({ id }, { username, displayName }) {
      if (!isName(username)) throw invalidName();
      await byName(username);
      await transaction(async (inside) => {
        const account = await inside.workspaces.renameAccount(
          { userId: id },
          { userId: id, username, displayName },
        );
        await inside.db
          .updateTable('desk_user')
          .set({ name: account.displayName ?? account.username, name_key: keyOf(username) })
          .where('id', '=', id)
          .execute();
      });
    },

    async namesOf(ids) {
      const wanted = [...new Set(ids)].filter(isPersonId);
      if (wanted.length === 0) return new Map();
      const query = db.selectFrom('desk_user').select(['id', 'name']).where('id', 'in', wanted);
      const rows = await stored(query.execute());
      return new Map(rows.map((row) => [row.id, row.name]));
    },
  };

  /** Opens the account first, because the account's rules for names apply here as well. */
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

/**
 * Accepts only ids that the desk generates: MariaDB fails the whole query if one id has a character outside the
 * column's character set.
 */
function isPersonId(text: string): boolean {
  return /^u-[a-f0-9]{24}$/.test(text);
}

/** Ignores a stored address that the service would reject: otherwise every page of this person would fail. */
function withValidEmail(person: Person): Person {
  return person.email === null || isEmail(person.email) ? person : { ...person, email: null };
}

/** Compares names as the library compares usernames, so that both agree on who is the same person. */
function keyOf(name: string): string {
  return createHash('sha256').update(nameKey(name)).digest('hex');
}

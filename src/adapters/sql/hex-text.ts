// Strings in the text of a statement, for drivers that write values there.

/**
 * A string for mysql2, which writes values into the text of a statement. There it is a literal of hexadecimal digits with
 * its character set, so that no setting of the connection (`NO_BACKSLASH_ESCAPES`, a character set) can end the literal
 * early.
 */
export class HexText {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Called by mysql2, which takes the result as SQL. */
  toSqlString(): string {
    let digits = '';
    for (const byte of new TextEncoder().encode(this.#value)) digits += byte.toString(16).padStart(2, '0');
    return `_utf8mb4 x'${digits}'`;
  }

  /** What a driver sends that binds values by the protocol. */
  valueOf(): string {
    return this.#value;
  }
}

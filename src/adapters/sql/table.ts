// The description of a table, and the columns that several tables share.
import type { ColumnType } from './dialect.js';

/** `default`: what rows have that were written before the column was added, and by earlier versions of the library. */
export type Column = ColumnType & { readonly isNullable?: true; readonly default?: string | number };

export interface Table {
  readonly columns: Readonly<Record<string, Column>>;
  readonly primaryKey: readonly string[];
  readonly unique?: Readonly<Record<string, readonly string[]>>;
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
  /** Indexes that few rows need: those whose first column is not null, where the database can leave out the others. */
  readonly sparse?: readonly string[];
  readonly references?: Readonly<Record<string, Reference>>;
  readonly checks?: Readonly<Record<string, string>>;
  /**
   * Stored in the order of its primary key, where the database supports it. `false` where an index begins like the primary
   * key and a query could use either: SQLite would use the key, and read all rows of the workspace.
   */
  readonly isClustered: boolean;
  /**
   * Columns in which a few values can have very many rows. A plan for an unknown value assumes the average, one row, and so
   * cannot distinguish a good index from a bad one.
   */
  readonly skewed?: readonly string[];
}

export interface Reference {
  readonly columns: readonly string[];
  readonly to: string;
  readonly key: readonly string[];
}

export const userId = { type: 'text', length: 256 } as const;
export const workspaceId = { type: 'text', length: 63 } as const;
export const invitationId = { type: 'text', length: 64 } as const;
/** `user:` and an id, or `email:` and an address (`core/invitation.ts`). */
export const recipientKey = { type: 'text', length: 326 } as const;
export const role = { type: 'text', length: 64 } as const;
export const directory = { type: 'text', length: 64 } as const;
/** More than the longest name, 100 code points, and its key (`core/names.ts`). */
export const name = { type: 'text', length: 400 } as const;
export const whole = { type: 'whole' } as const;
export const nano = { type: 'nano' } as const;
/** An operator's name, or an event's id from the app's own source of ids. */
export const label = { type: 'text', length: 256 } as const;
export const word = { type: 'text', length: 16 } as const;

// What a hook receives: the command, its actor and its parsed input. Never a token.
import type * as z from 'zod/mini';
import type { Callers } from '../commands/define.js';
import type { MethodName, methods } from '../commands/index.js';
import type { DeepReadonly } from '../core/frozen.js';
import type { NamedInvitation } from '../core/invitation.js';

/** The name of a method that changes something: each has hooks. */
export type CommandName = {
  [Name in MethodName]: (typeof methods)[Name]['kind'] extends 'command' ? Name : never;
}[MethodName];

export type { NamedInvitation };

/** The input that a hook of each command receives: of an answered invitation its ids, never its token. */
export type HookInputs = {
  readonly [Name in CommandName]: 'token' extends keyof z.output<(typeof methods)[Name]['input']>
    ? NamedInvitation
    : DeepReadonly<z.output<(typeof methods)[Name]['input']>>;
};

/** What a hook of each command receives, as one union. */
export type HookContexts = {
  readonly [Name in CommandName]: {
    readonly command: Name;
    /** The actor that the method takes; for `openAccount`, the user whose account it is. */
    readonly actor: Callers[(typeof methods)[Name]['caller']];
    readonly input: HookInputs[Name];
    /**
     * Inside `withTransaction`, what `begin` passed to the work; otherwise `undefined`. Query the same database through it:
     * other connections may all be held by transactions that wait for this hook.
     */
    readonly transaction: unknown;
  };
}[CommandName];

/** What a hook receives. Frozen: a hook may reject the command, not change it. */
export type HookContext<Name extends CommandName = CommandName> = Extract<
  HookContexts,
  { readonly command: Name }
>;

/** Runs before a command is decided. Throwing, or rejecting, rejects the command. */
export type CommandHook<Name extends CommandName = CommandName> = (
  context: HookContext<Name>,
) => void | Promise<void>;

// Who is told after a commit, and who is asked before a command.
import mitt from 'mitt';
import type { EventOf, EventType, TenantryEvent } from '../domain/events.js';
import { deepFreeze } from '../domain/frozen.js';
import { WorkspaceError } from '../errors.js';
import type { CommandHook, CommandName, HookContext } from './hooks.js';

/**
 * Receives what a listener threw, or rejected with. The command has long succeeded. It may be async; nobody waits for it,
 * and what it throws, or rejects with, is lost.
 */
export type ListenerErrorHandler = (error: unknown, event: TenantryEvent) => unknown;

export interface EventHub {
  on<Type extends EventType | '*'>(type: Type, listener: (event: Heard<Type>) => unknown): () => void;
  before<Name extends CommandName>(command: Name, hook: CommandHook<Name>): () => void;
  /**
   * `null` where there is nobody to ask.
   *
   * @throws WorkspaceError `VETOED`, with what a hook threw as its cause.
   */
  ask(context: HookContext): Promise<void> | null;
  publish(events: readonly TenantryEvent[]): void;
}

/** What a listener of the type is called with: for `'*'`, whatever happens. */
type Heard<Type extends EventType | '*'> = Type extends EventType ? EventOf<Type> : TenantryEvent;

type AnyHook = (context: HookContext) => void | Promise<void>;

export function eventHub(onListenerError: ListenerErrorHandler): EventHub {
  const emitter = mitt<Record<EventType, TenantryEvent>>();
  const hooks = new Set<AnyHook>();

  return {
    on(type, listener) {
      const deliver = (event: TenantryEvent): void => {
        if (!isOfType(event, type)) return;
        void tell(
          () => listener(event),
          (error) => onListenerError(error, event),
        );
      };
      const deliverAny = (_type: EventType, event: TenantryEvent): void => {
        deliver(event);
      };
      if (type === '*') emitter.on(type, deliverAny);
      else emitter.on(type, deliver);
      return () => {
        if (type === '*') emitter.off(type, deliverAny);
        else emitter.off(type, deliver);
      };
    },
    before(command, hook) {
      const ask = (context: HookContext): void | Promise<void> => {
        if (isOfCommand(context, command)) return hook(context);
      };
      hooks.add(ask);
      return () => {
        hooks.delete(ask);
      };
    },
    ask(context) {
      return hooks.size === 0 ? null : askAll(hooks, deepFreeze(context));
    },
    publish(events) {
      for (const event of events) emitter.emit(event.type, event);
    },
  };
}

async function askAll(hooks: Iterable<AnyHook>, context: HookContext): Promise<void> {
  for (const hook of hooks) {
    try {
      await hook(context);
    } catch (cause) {
      throw new WorkspaceError('VETOED', { command: context.command }, { cause });
    }
  }
}

/** Starts the listener now. Never rejects, whatever becomes of it and of who handles its error: nobody waits for either. */
async function tell(listener: () => unknown, onError: (error: unknown) => unknown): Promise<void> {
  try {
    await listener();
  } catch (error) {
    try {
      await onError(error);
    } catch {
      // There is no one left to tell.
    }
  }
}

function isOfType<Type extends EventType | '*'>(event: TenantryEvent, type: Type): event is Heard<Type> {
  return type === '*' || event.type === type;
}

function isOfCommand<Name extends CommandName>(
  context: HookContext,
  command: Name,
): context is HookContext<Name> {
  return context.command === command;
}

// Listeners, which receive events after a commit, and hooks, which run before a command.
import mitt from 'mitt';
import type { Actor } from '../core/actor.js';
import type { EventOf, EventType, TenantryEvent } from '../core/events.js';
import { eventView, type SerializedEvent } from '../core/event-view.js';
import { deepFreeze } from '../core/frozen.js';
import { WorkspaceError } from '../errors.js';
import type { CommandHook, CommandName, HookContext } from './hooks.js';
import { USE_THE_TRANSACTION, within } from './timeouts.js';

/**
 * Receives an error of a listener. The command has already succeeded. The handler may be async; it is not awaited, and its
 * own errors are ignored.
 */
export type ListenerErrorHandler = (error: unknown, event: TenantryEvent) => unknown;

export interface EventHub {
  on<Type extends EventType | '*'>(type: Type, listener: (event: ReceivedEvent<Type>) => unknown): () => void;
  before<Name extends CommandName>(command: Name, hook: CommandHook<Name>): () => void;
  /**
   * Runs the hooks of a command. `null` if there are none.
   *
   * @throws WorkspaceError `VETOED`, with the hook's error as its cause.
   */
  runHooks(call: CommandCall, inside?: InsideCall): Promise<void> | null;
  publish(events: readonly SerializedEvent[]): void;
}

/** What a listener of the type receives: for `'*'`, every event. */
type ReceivedEvent<Type extends EventType | '*'> = Type extends EventType ? EventOf<Type> : TenantryEvent;

/** A command that hooks may reject. */
interface CommandCall {
  readonly command: CommandName;
  readonly actor: Actor;
  readonly input: object;
}

/** What a hook receives. */
interface HookCall extends CommandCall {
  readonly transaction: unknown;
}

/** The state of a call inside a transaction of the app. */
interface InsideCall {
  readonly transaction: unknown;
  /** How long a hook may take, in milliseconds. */
  readonly timeout: number;
}

type AnyHook = (call: HookCall) => void | Promise<void>;

export function eventHub(onListenerError: ListenerErrorHandler): EventHub {
  const emitter = mitt<Record<EventType, TenantryEvent>>();
  const hooks = new Set<AnyHook>();

  return {
    on(type, listener) {
      const receive = (event: TenantryEvent): void => {
        if (isOfType(event, type)) void deliver(event, listener, onListenerError);
      };
      const receiveAny = (_type: EventType, event: TenantryEvent): void => {
        receive(event);
      };
      if (type === '*') emitter.on(type, receiveAny);
      else emitter.on(type, receive);
      return () => {
        if (type === '*') emitter.off(type, receiveAny);
        else emitter.off(type, receive);
      };
    },
    before(command, hook) {
      const run = (call: HookCall): void | Promise<void> => {
        if (isOfCommand(call, command)) return hook(call);
      };
      hooks.add(run);
      return () => {
        hooks.delete(run);
      };
    },
    runHooks(call, inside) {
      if (hooks.size === 0) return null;
      // Not frozen with the rest: it belongs to the app.
      const received = Object.freeze({ ...deepFreeze(call), transaction: inside?.transaction });
      return runAll(hooks, received, inside?.timeout ?? null);
    },
    publish(events) {
      // Most services have few listeners: skip creating views without one.
      if (emitter.all.size === 0) return;
      for (const event of events) emitter.emit(event.type, eventView(event));
    },
  };
}

/** A hub that buffers events until `flush`. Hooks and listeners are those of the other hub. */
export function bufferedEventHub(
  hub: EventHub,
  denials: SerializedEvent[],
): EventHub & { readonly buffered: readonly SerializedEvent[]; readonly flush: () => void } {
  const buffer: SerializedEvent[] = [];
  return {
    ...hub,
    buffered: buffer,
    publish: (events) => {
      buffer.push(...events);
      denials.push(...events.filter(({ type }) => type === 'quota.denied'));
    },
    flush: () => {
      hub.publish(buffer.splice(0));
    },
  };
}

async function runAll(hooks: Iterable<AnyHook>, call: HookCall, timeout: number | null): Promise<void> {
  for (const hook of hooks) {
    try {
      await within(timeout, () => hook(call), USE_THE_TRANSACTION);
    } catch (cause) {
      throw new WorkspaceError('VETOED', { command: call.command }, { cause });
    }
  }
}

/** Starts the listener. Never rejects, because neither the listener nor the error handler is awaited. */
async function deliver<Event extends TenantryEvent>(
  event: Event,
  listener: (event: Event) => unknown,
  onError: ListenerErrorHandler,
): Promise<void> {
  try {
    await listener(event);
  } catch (error) {
    try {
      await onError(error, event);
    } catch {
      // An error of the error handler has no receiver.
    }
  }
}

function isOfType<Type extends EventType | '*'>(
  event: TenantryEvent,
  type: Type,
): event is ReceivedEvent<Type> {
  return type === '*' || event.type === type;
}

/** The service passes each command's own actor and parsed input. */
function isOfCommand<Name extends CommandName>(call: HookCall, command: Name): call is HookContext<Name> {
  return call.command === command;
}

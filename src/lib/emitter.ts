import { toError } from "./error.ts";

/** Events by name, each with the type of its one payload. */
export type EventMap = object;

export type Listener<Payload> = (payload: Payload) => void;
export type Unsubscribe = () => void;

/** What happened is told to whoever listens; a listener that throws is reported and never stops the one who tells. */
export interface Emitter<Events extends EventMap> {
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void;
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Unsubscribe;
}

export function createEmitter<Events extends EventMap>(
  onListenerError: (error: Error, event: keyof Events) => void,
): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<Listener<never>>>();
  return {
    emit(name, payload) {
      const interested = listeners.get(name) as Set<Listener<typeof payload>> | undefined;
      if (interested === undefined) return;
      for (const listener of interested) {
        try {
          listener(payload);
        } catch (thrown) {
          onListenerError(toError(thrown), name);
        }
      }
    },
    on(name, listener) {
      const interested = listeners.get(name) ?? new Set();
      listeners.set(name, interested);
      interested.add(listener);
      return () => interested.delete(listener);
    },
  };
}

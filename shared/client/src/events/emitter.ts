import { ParleyClientError } from '../client-error.ts'

const mostListeners = 1_000

/** Typed events. `E` maps the name of each event to its value. */
export interface Emitter<E> {
  /**
   * Returns how to stop listening.
   * @throws ParleyClientError `too-many-listeners` beyond 1,000 of one event
   */
  on<N extends keyof E>(name: N, listener: (value: E[N]) => void): () => void
  emit<N extends keyof E>(name: N, value: E[N]): void
  /** Forgets all listeners. */
  clear(): void
}

/**
 * Every listener sees events in the order in which they were emitted, also when a listener causes the next
 * one. A listener that throws keeps neither the others nor the client from going on: what it threw is
 * reported as an uncaught error, as an `EventTarget` does.
 */
export function createEmitter<E>(): Emitter<E> {
  const listeners = new Map<keyof E, Set<(value: never) => void>>()
  const waiting: (() => void)[] = []
  let emitting = false

  function deliver<N extends keyof E>(name: N, value: E[N]): void {
    for (const listener of [...(listeners.get(name) ?? [])] as ((value: E[N]) => void)[]) {
      try {
        listener(value)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      if (set.size >= mostListeners) throw new ParleyClientError('too-many-listeners')
      listeners.set(name, set)
      // Wrapped, so that the same function can listen twice and stop once.
      const own: (value: never) => void = (value) => listener(value)
      set.add(own)
      return () => void set.delete(own)
    },
    emit(name, value) {
      waiting.push(() => deliver(name, value))
      if (emitting) return
      emitting = true
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next()
      emitting = false
    },
    clear() {
      listeners.clear()
    },
  }
}

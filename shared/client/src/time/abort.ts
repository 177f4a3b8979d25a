/**
 * A controller that is also aborted with any of its parents. `AbortSignal.any` does the same, but leaks in
 * Node 20 when a parent lives long.
 */
export interface LinkedAbort {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
  /** Lets go of the parents. */
  release(): void
}

export function linkAbort(...parents: readonly (AbortSignal | undefined)[]): LinkedAbort {
  const controller = new AbortController()
  const links = parents
    .filter((parent) => parent !== undefined)
    .map((parent) => ({ parent, follow: () => controller.abort(parent.reason) }))
  for (const { parent, follow } of links) {
    if (parent.aborted) follow()
    else parent.addEventListener('abort', follow)
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release() {
      for (const { parent, follow } of links) parent.removeEventListener('abort', follow)
    },
  }
}

/** Settles as `promise` does, unless `signal` is aborted first: then it rejects with the signal's reason. */
export function orAborted<R>(promise: Promise<R>, signal: AbortSignal): Promise<R> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

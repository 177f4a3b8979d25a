import { join } from 'node:path'

/** What a measured process does on the signal SIGUSR2, by a module that is loaded before its own program. */
export type OnSignal =
  | { readonly do: 'profile'; /** Where profiles are written. */ readonly folder: string }
  | { readonly do: 'collect-garbage' }

/** The environment of a Node process that obeys; empty without an order. @param name of the process in file names */
export function preloadEnv(
  onSignal: OnSignal | undefined,
  name: string,
  modules: string = import.meta.dirname,
): Record<string, string> {
  if (onSignal === undefined) return {}
  if (onSignal.do === 'collect-garbage')
    return { NODE_OPTIONS: `--import=${join(modules, 'collect-garbage-on-signal.mjs')}` }
  return {
    NODE_OPTIONS: `--import=${join(modules, 'profile-on-signal.mjs')}`,
    PROFILE_FOLDER: onSignal.folder,
    PROFILE_NAME: name,
  }
}

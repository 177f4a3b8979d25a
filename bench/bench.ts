import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clients, startClients } from './load/clients.ts'
import type { Cast } from './load/protocol.ts'
import { createNoiseMeter, type NoiseMeter } from './measure/noise-meter.ts'
import type { Options } from './options.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { startEmbeddedSystem } from './systems/embedded.ts'
import { startStackSystem } from './systems/stack.ts'
import type { System } from './systems/system.ts'
import { startBaseline, startFloor } from './systems/yardsticks.ts'

/** What a scenario measures with. What is opened here is closed when the scenario ends, however it ends. */
export interface Bench {
  readonly options: Options
  readonly noise: NoiseMeter
  /** Where profiles are written, when they are. */
  readonly profiles: string | undefined
  /** Parley in the mode that was asked for. */
  readonly openParley: (settings?: ParleySettings) => Promise<System>
  readonly openBaseline: () => Promise<System>
  readonly openFloor: () => Promise<System>
  openClients(cast: Cast): Promise<Clients>
  /** What goes on, for who waits. */
  say(what: string): void
  /** Closes everything, the last first, also when some of it fails. */
  close(): Promise<void>
}

export interface ParleySettings {
  /** Of the services, by the names of their environment variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Of the stack; as many as were asked for without it. */
  readonly gateways?: number
}

/** @param onSignal what the servers are to do on a signal, where that is not to write profiles */
export function createBench(options: Options, { name, onSignal: wanted }: Scenario): Bench {
  const opened: (() => Promise<void>)[] = []
  const when = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const profiles = options.profile
    ? join(process.cwd(), 'bench', 'results', `profiles-${name}-${options.mode}-${when}`)
    : undefined
  const onSignal =
    wanted ?? (profiles === undefined ? undefined : ({ do: 'profile', folder: profiles } as const))
  if (profiles !== undefined) mkdirSync(profiles, { recursive: true })

  /** Also what is still opening when the scenario ends: it is closed once it has opened. */
  async function keep<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
    opened.push(async () => {
      const thing = await opening.catch(() => undefined)
      await thing?.close()
    })
    return await opening
  }

  return {
    options,
    profiles,
    noise: createNoiseMeter(),
    openParley: (settings = {}) =>
      keep<System>(
        options.mode === 'stack'
          ? startStackSystem({
              onSignal,
              gateways: settings.gateways ?? options.gateways,
              chats: options.chats,
              settings: settings.env,
            })
          : startEmbeddedSystem(onSignal, settings.env),
      ),
    openBaseline: () => keep(startBaseline(onSignal)),
    openFloor: () => keep(startFloor(onSignal)),
    openClients: (cast) => keep(startClients(cast, options.clients)),
    say: (what) => void process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${what}\n`),
    async close() {
      const failures: unknown[] = []
      for (const close of opened.splice(0).toReversed()) {
        try {
          await close()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'))
    },
  }
}

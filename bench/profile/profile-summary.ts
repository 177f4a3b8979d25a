import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableOf } from '../report/table.ts'

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}
/** As V8 writes it. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

export interface SelfTime {
  readonly what: string
  readonly microseconds: number
}

const topFunctions = 25
const topPlaces = 20

/** The package of a function, its file in this repository, or what of Node or V8 it is. */
export function placeOf({ url, functionName }: CallFrame): string {
  const inPackage = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (inPackage !== undefined) return inPackage
  if (url.startsWith('node:')) return url
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)'
  return url.replace(/^file:\/\//, '').replace(/^.*\/((?:services|shared|bench)\/)/, '$1')
}

const functionOf = (frame: CallFrame): string =>
  `${frame.functionName === '' ? '(anonymous)' : frame.functionName}  ${placeOf(frame)}${frame.url === '' ? '' : `:${frame.lineNumber + 1}`}`

/** Self time: within the function itself, without what it calls. Idle time is left out. */
export function selfTimes(profile: CpuProfile, keyOf: (frame: CallFrame) => string): SelfTime[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, number>()
  for (const [index, id] of profile.samples.entries()) {
    const frame = frames.get(id)!
    if (frame.functionName === '(idle)') continue
    const key = keyOf(frame)
    times.set(key, (times.get(key) ?? 0) + (profile.timeDeltas[index + 1] ?? 0))
  }
  return [...times]
    .map(([what, microseconds]) => ({ what, microseconds }))
    .toSorted((a, b) => b.microseconds - a.microseconds)
}

/** The profiles of a folder as text, those of one process together: where each spent its time. */
export function summarizeProfiles(folder: string): string {
  const files = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))
  const byProcess = Map.groupBy(files, (file) => file.replace(/-\d+\.cpuprofile$/, ''))
  const parts = [...byProcess].map(([name, own]) => {
    const profiles = own.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile)
    const section = (title: string, keyOf: (frame: CallFrame) => string, top: number): string => {
      const all = sumUp(profiles.map((profile) => selfTimes(profile, keyOf)))
      const total = all.reduce((sum, { microseconds }) => sum + microseconds, 0)
      const rows = all
        .slice(0, top)
        .map(({ what, microseconds }) => [
          what,
          `${((100 * microseconds) / total).toFixed(1)} %`,
          (microseconds / 1_000).toFixed(0),
        ])
      return tableOf([`${name}: ${title}`, 'self', 'ms'], rows)
    }
    return `${section('by package or file', placeOf, topPlaces)}\n\n${section('by function', functionOf, topFunctions)}`
  })
  return [`\nProfiles in ${folder}`, ...parts].join('\n\n')
}

function sumUp(lists: readonly (readonly SelfTime[])[]): SelfTime[] {
  const times = new Map<string, number>()
  for (const { what, microseconds } of lists.flat()) times.set(what, (times.get(what) ?? 0) + microseconds)
  return [...times]
    .map(([what, microseconds]) => ({ what, microseconds }))
    .toSorted((a, b) => b.microseconds - a.microseconds)
}

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

// What Linux says in /proc, which counts all threads of a process and those that have ended.

/** `/proc/<pid>/stat`: user and system time so far, in clock ticks. The name may hold spaces and brackets. */
export function parseProcessStat(text: string): { ticks: number } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { ticks: Number(fields[11]) + Number(fields[12]) }
}

/** `/proc/<pid>/status`: memory that is in RAM, in bytes. */
export function parseResidentBytes(text: string): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]
  if (kibibytes === undefined) throw new Error('there is no VmRSS here')
  return Number(kibibytes) * 1_024
}

/** `/proc/stat`: what all processors did so far other than wait, in clock ticks. Guests count as user already. */
export function parseMachineStat(text: string): { busyTicks: number } {
  const line = /^cpu +(.+)$/m.exec(text)?.[1]
  if (line === undefined) throw new Error('there is no line for all processors')
  const [user, nice, system, , , interrupts, softInterrupts, stolen] = line.split(' ').map(Number)
  return { busyTicks: user! + nice! + system! + interrupts! + softInterrupts! + (stolen ?? 0) }
}

let ticksPerSecond: number | undefined
function microsecondsOf(ticks: number): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK']))
  return (ticks * 1_000_000) / ticksPerSecond
}

/** User and system time of a process so far, in microseconds, to the nearest tick (10 ms). */
export const processCpu = (pid: number): number =>
  microsecondsOf(parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).ticks)

export const residentBytes = (pid: number): number =>
  parseResidentBytes(readFileSync(`/proc/${pid}/status`, 'utf8'))

/** Of the whole machine, in microseconds. */
export const machineCpu = (): number =>
  microsecondsOf(parseMachineStat(readFileSync('/proc/stat', 'utf8')).busyTicks)

import { existsSync, readFileSync } from 'node:fs'
import { residentBytes } from './proc.ts'

// What the control group of a container counts: all of its processes, to the nanosecond.

const root = '/sys/fs/cgroup'

/**
 * Where to read the CPU of a control group, by `/proc/<pid>/cgroup` of a process in it: version 1, where CPU has a
 * hierarchy of its own, or version 2.
 */
export function cgroupPathOf(text: string): { version: 1 | 2; path: string } {
  const lines = text.split('\n').map((line) => line.split(':'))
  const accounting = lines.find(([, controllers]) => controllers?.split(',').includes('cpuacct'))
  if (accounting !== undefined) return { version: 1, path: accounting[2]! }
  const unified = lines.find(([number]) => number === '0')
  if (unified === undefined) throw new Error('this process is in no control group that counts CPU')
  return { version: 2, path: unified[2]! }
}

/** `cpu.stat` of version 2: microseconds used so far. */
export function parseUsage(text: string): number {
  const usage = /^usage_usec (\d+)$/m.exec(text)?.[1]
  if (usage === undefined) throw new Error('there is no usage_usec here')
  return Number(usage)
}

function folderOf(pid: number): { version: 1 | 2; folder: string } {
  const { version, path } = cgroupPathOf(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))
  if (version === 2) return { version, folder: `${root}${path}` }
  const folders = ['cpuacct', 'cpu,cpuacct'].map((controllers) => `${root}/${controllers}${path}`)
  return { version, folder: folders.find((folder) => existsSync(folder)) ?? folders[0]! }
}

/**
 * User and system time of a container so far, in microseconds.
 * @param pid of a process in it, as this machine counts
 */
export function containerCpu(pid: number): number {
  const { version, folder } = folderOf(pid)
  return version === 1
    ? Number(readFileSync(`${folder}/cpuacct.usage`, 'utf8')) / 1_000
    : parseUsage(readFileSync(`${folder}/cpu.stat`, 'utf8'))
}

/** Memory in RAM of all processes of a container, in bytes. */
export function residentBytesOfContainer(pid: number): number {
  const { folder } = folderOf(pid)
  return readFileSync(`${folder}/cgroup.procs`, 'utf8')
    .split('\n')
    .filter(Boolean)
    .reduce((sum, each) => sum + residentBytes(Number(each)), 0)
}

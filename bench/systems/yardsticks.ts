import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import jwt from 'jsonwebtoken'
import type { Catalogue } from '../load/worker.ts'
import { startWorker, type Worker } from '../load/worker.ts'
import { processCpu, residentBytes } from '../measure/proc.ts'
import { type OnSignal, preloadEnv } from '../preload/preload-env.ts'
import type { BaselineOrders, FloorOrders } from '../yardsticks/protocol.ts'
import type { System } from './system.ts'

const folder = join(import.meta.dirname, '..', 'yardsticks')
const tokenSeconds = 86_400

/** Yardstick F: raw Socket.IO that sends by itself. */
export async function startFloor(onSignal: OnSignal | undefined): Promise<System> {
  const worker = startWorker<FloorOrders>(join(folder, 'floor.ts'), preloadEnv(onSignal, 'floor'))
  const { port } = await worker.ask('listen', {})
  return {
    ...systemOf('floor', worker, port),
    async createPeople(count) {
      const ids = Array.from({ length: count }, () => randomUUID())
      return ids.map((id) => ({ id, token: id }))
    },
    emit: (sending, order) => worker.ask('emit', { sending, ...order }),
  }
}

/** Yardstick B: Express and Socket.IO with arrays in memory. Its tokens are signed here, before the run. */
export async function startBaseline(onSignal: OnSignal | undefined): Promise<System> {
  const worker = startWorker<BaselineOrders>(join(folder, 'baseline.ts'), preloadEnv(onSignal, 'baseline'))
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const { port } = await worker.ask('listen', { publicKey })
  return {
    ...systemOf('baseline', worker, port),
    async createPeople(count) {
      const ids = Array.from({ length: count }, () => randomUUID())
      await worker.ask('people', { ids })
      const options = { algorithm: 'ES256', expiresIn: tokenSeconds } as const
      return ids.map((id) => ({
        id,
        token: jwt.sign({ sid: randomUUID() }, keys.privateKey, { ...options, subject: id }),
      }))
    },
  }
}

/** What a yardstick has in common with the other one: it is a single process. */
function systemOf<O extends Catalogue<O>>(name: string, worker: Worker<O>, port: number) {
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    cpu: async () => [{ name, part: 'own' as const, microseconds: processCpu(worker.pid) }],
    residentBytes: async () => residentBytes(worker.pid),
    signal: async () => void process.kill(worker.pid, 'SIGUSR2'),
    close: () => worker.end(),
  }
}

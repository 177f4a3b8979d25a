import type { Bench } from '../bench.ts'
import { interleave, loadColumns, standInNote, startTalking, type Talking } from './one-to-one.ts'
import { durationOf, type Scenario } from './scenario.ts'

const sizes = [10, 100, 1_000] as const
const deliveriesPerSecond = { embedded: 2_000, stack: 3_000 }
const warmUpDeliveries = 8_000

/** Several rooms of a size that together have a thousand sockets, each with somebody who writes to it. */
async function startRooms(
  bench: Bench,
  system: Awaited<ReturnType<Bench['openParley']>>,
  size: number,
  perSecond: number,
): Promise<Talking> {
  const rooms = Math.max(1, 1_000 / size)
  const devices = Array.from({ length: 2 * rooms }, (_, person) => (person % 2 === 0 ? 1 : size))
  return startTalking(bench, `${system.name}-${size}`, system, system.emit === undefined ? 'http' : 'not', {
    devices,
    pairs: Array.from({ length: rooms }, (_, room) => [2 * room, 2 * room + 1] as const),
    direction: 'forth',
    warmUp: { messages: Math.ceil(warmUpDeliveries / size), perSecond: perSecond / size },
  })
}

const perDelivery = (size: number, over: string, under: string) => ({
  name: `CPU per delivery to ${size} sockets: ${over} ÷ ${under}`,
  over: { subject: `${over}-${size}`, figure: 'cpu' },
  under: { subject: `${under}-${size}`, figure: 'cpu' },
})

/**
 * One message to many online sockets: members with so many devices, since conversations are between two people.
 * Measured is server CPU per delivery, beside raw Socket.IO emitting to rooms of the same size. The share of the send
 * itself (HTTP, token, database) is in it, and shrinks with the size; the baseline shows what a send costs that is not
 * even stored.
 */
export const fanOut: Scenario = {
  name: 'fan-out',
  what: 'server CPU per delivery of one message to 10, 100 and 1,000 sockets, beside raw Socket.IO',
  modes: ['embedded', 'stack'],
  async measure(bench) {
    const { mode, rate } = bench.options
    const perSecond = rate ?? deliveriesPerSecond[mode]
    const seconds = durationOf(bench, { full: 10, short: 4 })
    const parley = await bench.openParley()
    const floor = await bench.openFloor()
    const baseline = await bench.openBaseline()
    // Too few messages go to rooms to warm up what sends them.
    for (const system of [parley, baseline]) {
      const warm = await startTalking(bench, system.name, system, 'http')
      await warm.clients.close()
    }
    const subjects: { talking: Talking; rate: number }[] = []
    const measured = bench.options.short ? [100] : sizes
    for (const size of measured) {
      for (const system of [parley, floor, baseline]) {
        subjects.push({ talking: await startRooms(bench, system, size, perSecond), rate: perSecond / size })
      }
    }
    const runs = await interleave(bench, subjects, seconds)
    return {
      load: `${perSecond} deliveries/s, ${seconds} s`,
      columns: loadColumns(bench),
      runs,
      ratios: measured.flatMap((size) => [
        { ...perDelivery(size, 'parley', 'floor'), ...(size === 100 ? { target: { atMost: 1.3 } } : {}) },
        perDelivery(size, 'baseline', 'floor'),
      ]),
      notes: mode === 'stack' ? [standInNote] : [],
    }
  },
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRoomEntry } from './enter-rooms.ts'
import type { ParleySocket } from './parley-socket.ts'

it('a socket has entered its rooms only when others are heard there', async () => {
  const heard = Promise.withResolvers<void>()
  const order: string[] = []
  const socket = { join: (rooms: string[]) => void order.push(`join ${rooms.length}`) }
  const enter = createRoomEntry(() => heard.promise)
  const rooms = Array.from({ length: 300 }, (_, index) => `room ${index}`)
  const entered = enter(socket as unknown as ParleySocket, rooms).then(() => order.push('entered'))
  await new Promise(setImmediate)
  expect(order).toEqual(['join 300'])
  heard.resolve()
  await entered
  expect(order).toEqual(['join 300', 'entered'])
})

it('nobody enters rooms in another way', () => {
  const sources = join(__dirname, '..')
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  const joining = files.filter(
    (file) =>
      file.endsWith('.ts') &&
      !file.includes('.test.') &&
      /\.(join|socketsJoin)\(\[/.test(readFileSync(join(sources, file), 'utf8')),
  )
  expect(joining).toEqual([join('connection', 'enter-rooms.ts')])
})

import { createEmitter } from './emitter.ts'

interface Events {
  count: number
}

describe('an emitter', () => {
  it('keeps the order for every listener, also when one of them causes the next event', () => {
    const emitter = createEmitter<Events>()
    const heard: string[] = []
    emitter.on('count', (count) => {
      heard.push(`first ${count}`)
      if (count === 1) emitter.emit('count', 2)
    })
    emitter.on('count', (count) => heard.push(`second ${count}`))
    emitter.emit('count', 1)
    expect(heard).toEqual(['first 1', 'second 1', 'first 2', 'second 2'])
  })

  it('stops telling who does not listen any more', () => {
    const emitter = createEmitter<Events>()
    const heard = jest.fn()
    const stop = emitter.on('count', heard)
    emitter.on('count', heard)
    stop()
    emitter.emit('count', 1)
    expect(heard).toHaveBeenCalledTimes(1)
    emitter.clear()
    emitter.emit('count', 2)
    expect(heard).toHaveBeenCalledTimes(1)
  })

  it('goes on when a listener throws, and reports what it threw', () => {
    const reported: (() => void)[] = []
    const microtask = jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((run) => reported.push(run))
    try {
      const emitter = createEmitter<Events>()
      const heard = jest.fn()
      emitter.on('count', () => {
        throw new Error('a fault of the app')
      })
      emitter.on('count', heard)
      emitter.emit('count', 1)
      emitter.emit('count', 2)
      expect(heard.mock.calls).toEqual([[1], [2]])
      expect(reported).toHaveLength(2)
      expect(reported[0]).toThrow('a fault of the app')
    } finally {
      microtask.mockRestore()
    }
  })

  it('refuses a listener too many, which somebody forgot', () => {
    const emitter = createEmitter<Events>()
    const stops = Array.from({ length: 1_000 }, () => emitter.on('count', () => undefined))
    const another = (): (() => void) => emitter.on('count', () => undefined)
    expect(another).toThrow(expect.objectContaining({ code: 'too-many-listeners' }))
    stops[0]?.()
    expect(another).not.toThrow()
  })
})

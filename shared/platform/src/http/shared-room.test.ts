import { createSharedRoom } from './shared-room.ts'

describe('room that clients share', () => {
  it('is taken from whoever holds most, the oldest first', () => {
    const room = createSharedRoom({ most: 10 })
    const given: string[] = []
    const hold = (who: string, amount: number, name: string) => room.hold(who, amount, () => given.push(name))
    hold('honest', 3, 'honest 1')
    hold('greedy', 4, 'greedy 1')
    hold('greedy', 3, 'greedy 2')
    expect(given).toEqual([])
    hold('honest', 1, 'honest 2')
    expect(given).toEqual(['greedy 1'])
    hold('greedy', 9, 'greedy 3')
    expect(given).toEqual(['greedy 1', 'greedy 2', 'greedy 3'])
    hold('honest', 6, 'honest 3')
    expect(given).toHaveLength(3)
  })

  it('is free again when it is released, once', () => {
    const room = createSharedRoom({ most: 2 })
    const giveUp = jest.fn()
    const release = room.hold('one', 1, giveUp)
    release()
    release()
    room.hold('two', 1, giveUp)
    room.hold('three', 1, giveUp)
    expect(giveUp).not.toHaveBeenCalled()
    room.hold('four', 1, giveUp)
    expect(giveUp).toHaveBeenCalledTimes(1)
  })

  it('holds nothing that is greater than all of it', () => {
    const room = createSharedRoom({ most: 2 })
    const giveUp = jest.fn()
    room.hold('one', 3, giveUp)
    expect(giveUp).toHaveBeenCalledTimes(1)
  })
})

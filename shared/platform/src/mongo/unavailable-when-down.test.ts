import mongoose from 'mongoose'
import { isOutage, unavailableWhenDown } from './unavailable-when-down.ts'

const { mongo } = mongoose

describe('a store that says when its database is away', () => {
  const refused = new mongo.MongoNetworkError('connection refused')
  const server = (code: number) => new mongo.MongoServerError({ message: 'no', code })
  const storeThat = (error: unknown) =>
    unavailableWhenDown({
      async find(): Promise<string> {
        throw error
      },
    })

  it.each([
    ['no connection', refused],
    ['no server in time', new mongo.MongoServerSelectionError('away', {} as never)],
    ['no server when opening', new mongoose.Error.MongooseServerSelectionError('away')],
    ['a server that shuts down', server(91)],
    ['a server that is no primary any more', server(10_107)],
    ['a write that no majority has in time', server(64)],
    ['a batch that met an outage', new mongo.MongoBulkWriteError(refused as never, {} as never)],
  ])('rejects with `unavailable`: %s', async (_name, error) => {
    await expect(storeThat(error).find()).rejects.toMatchObject({
      code: 'unavailable',
      details: { retryAfterSeconds: 2 },
      cause: error,
    })
  })

  it('rejects with `overloaded` when no connection became free in time', async () => {
    const error = Object.assign(new Error('timed out'), { name: 'MongoWaitQueueTimeoutError' })
    await expect(storeThat(error).find()).rejects.toMatchObject({
      code: 'overloaded',
      details: { retryAfterSeconds: 1 },
      cause: error,
    })
  })

  it.each([
    ['a duplicate key', server(11_000)],
    ['a refused login', server(18)],
    ['a batch with a duplicate key', new mongo.MongoBulkWriteError(server(11_000) as never, {} as never)],
    ['an error in our code', new TypeError('of undefined')],
    ['what is no error', undefined],
  ])('passes on as it is: %s', async (_name, error) => {
    expect(isOutage(error)).toBe(false)
    await expect(storeThat(error).find()).rejects.toBe(error)
  })

  it('leaves answers, arguments and what is no method alone', async () => {
    const add = jest.fn(async (a: number, b: number) => a + b)
    const store = unavailableWhenDown({ name: 'a store', add })
    expect(await store.add(1, 2)).toBe(3)
    expect(add).toHaveBeenCalledWith(1, 2)
    expect(store.name).toBe('a store')
  })
})

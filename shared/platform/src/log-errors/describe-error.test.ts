import { DatabaseSync } from 'node:sqlite'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import mongoose from 'mongoose'
import { openMongo } from '../mongo/open-mongo.ts'
import { OwnError } from '../own-error.ts'
import { ParleyError } from '../parley-error.ts'
import { describeError, errorInWords, errorReport } from './describe-error.ts'

const secret = 'hunter2'

/** What the log holds of an error, whichever way it got there. */
function logged(error: unknown): string {
  const { logger, lines } = createRecordingLogger()
  logger.error({ err: error }, 'failed')
  logger.error({ err: error })
  logger.error({ reason: error }, 'failed')
  logger.error(error)
  expect(lines).toHaveLength(4)
  return JSON.stringify(lines)
}

/** What is thrown by real drivers, without a server; those with one are in `driver-errors.int.test.ts`. */
async function thrownBy(work: () => unknown): Promise<Error> {
  try {
    await work()
  } catch (error) {
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).toContain(secret)
    return error as Error
  }
  throw new Error('nothing was thrown')
}

describe('the log holds nothing of what a driver was given', () => {
  it.each<[string, () => unknown, object]>([
    [
      'SQLite, which repeats a text that it cannot parse',
      () => {
        const database = new DatabaseSync(':memory:')
        database.exec('CREATE VIRTUAL TABLE messages USING fts5(text)')
        database.prepare('SELECT * FROM messages WHERE messages MATCH ?').all(`${secret}: hello`)
      },
      { type: 'Error', code: 1, message: 'SQLite: SQL logic error' },
    ],
    [
      'an address with a password',
      () => new URL(`redis://:${secret}@redis:99999`),
      { type: 'TypeError', code: 'ERR_INVALID_URL' },
    ],
    [
      'MongoDB, given an address that it does not take',
      () =>
        openMongo(`mongodb://auth:password@mongo/?${secret}=1`, { logger: createRecordingLogger().logger }),
      { type: 'MongoParseError', message: 'the address of MongoDB is not well formed' },
    ],
    ['a parser of JSON', () => JSON.parse(secret), { type: 'SyntaxError' }],
    [
      'mongoose, which repeats a value of another type',
      () => new (mongoose.model('Person', new mongoose.Schema({ age: Number })))({ age: secret }).validate(),
      { type: 'ValidationError', message: 'a document is not as the schema says' },
    ],
    [
      'a cause, and one of several errors',
      () => {
        const inner = Object.assign(new Error(`AUTH ${secret} failed`), { command: { args: [secret] } })
        throw new AggregateError([inner], `all failed: ${secret}`, { cause: inner })
      },
      { type: 'AggregateError', cause: { type: 'Error' }, errors: [{ type: 'Error' }] },
    ],
    [
      'a message of several lines, one of them like a frame',
      () => {
        throw new Error(`no\n    at ${secret} (somewhere:1:1)`)
      },
      { type: 'Error' },
    ],
    [
      'a name and a code that are no words',
      () => {
        throw Object.assign(new Error('no'), { name: `no ${secret}`, code: `NO ${secret}`, stack: secret })
      },
      { type: 'Error' },
    ],
  ])('%s', async (_, work, expected) => {
    const error = await thrownBy(work)
    expect(logged(error)).not.toContain(secret)
    expect(errorReport(error)).not.toContain(secret)
    expect(describeError(error)).toMatchObject(expected)
  })

  it('nor of what is thrown that is no error', () => {
    const { logger, lines } = createRecordingLogger()
    logger.error({ err: { text: secret } }, 'failed')
    logger.error({ err: secret }, 'failed')
    expect(lines).toMatchObject([{ err: { type: 'object' } }, { err: { type: 'string' } }])
    expect(JSON.stringify(lines)).not.toContain(secret)
    expect(describeError(secret)).toEqual({ type: 'string' })
    expect(describeError(null)).toEqual({ type: 'null' })
  })
})

describe('what the log tells of an error', () => {
  it('is our own words, its code, where it happened and why', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:27017'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '10.0.0.7',
      port: 27_017,
    })
    const error = new ParleyError('unavailable', { detail: 'The database is away.', cause })
    expect(describeError(error)).toMatchObject({
      type: 'ParleyError',
      code: 'unavailable',
      message: 'The database is away.',
      stack: expect.stringMatching(/^ {4}at .*describe-error\.test/),
      cause: {
        type: 'Error',
        code: 'ECONNREFUSED',
        message: 'connection refused',
        syscall: 'connect',
        target: '10.0.0.7:27017',
      },
    })
    expect(errorInWords(error)).toBe(
      'The database is away. (unavailable); connection refused (ECONNREFUSED) connect 10.0.0.7:27017',
    )
  })

  it('of one without words is the class, and the line of our code', () => {
    const bug = (() => {
      try {
        return (undefined as unknown as { text: string }).text
      } catch (error) {
        return error
      }
    })()
    expect(describeError(bug)).toEqual({
      type: 'TypeError',
      stack: expect.stringContaining('describe-error.test.ts'),
    })
  })

  it('ends, also when an error is its own cause', () => {
    const error = new OwnError('round and round')
    error.cause = error
    expect(JSON.stringify(describeError(error)).match(/round and round/g)).toHaveLength(6)
  })
})

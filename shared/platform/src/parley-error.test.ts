import { problem, type ProblemCode, problems } from '@parley/contracts/problem.ts'
import { z } from 'zod'
import { isOurFault, ParleyError, parseOrThrow, toProblem } from './parley-error.ts'

const codes = Object.keys(problems) as ProblemCode[]

describe('the problem that an error is answered with', () => {
  it.each(codes)('keeps to its contract for %s', (code) => {
    const answered = toProblem(new ParleyError(code), 'correlation-1')
    expect(problem.strict().parse(answered)).toEqual({
      type: `urn:parley:problem:${code}`,
      ...problems[code],
      code,
      correlationId: 'correlation-1',
    })
  })

  it('carries what its thrower had to say, and not the cause', () => {
    const cause = new Error('select * from secrets')
    const errors = [{ path: 'text', message: 'must not be blank' }]
    const error = new ParleyError('rate-limited', {
      detail: 'Slow down.',
      errors,
      retryAfterSeconds: 3,
      cause,
    })
    const answered = toProblem(error, 'correlation-1')
    expect(answered).toMatchObject({ detail: 'Slow down.', errors, retryAfterSeconds: 3 })
    expect(JSON.stringify(answered)).not.toContain('secrets')
    expect(error.cause).toBe(cause)
  })

  it.each([
    new Error('password hunter2'),
    new TypeError('hunter2'),
    'hunter2',
    undefined,
    { code: 'hunter2' },
  ])('says nothing about an unknown error', (unknown) => {
    expect(toProblem(unknown, 'correlation-1')).toEqual({
      type: 'urn:parley:problem:internal',
      ...problems.internal,
      code: 'internal',
      correlationId: 'correlation-1',
    })
  })
})

it('our fault is what we did not foresee, and what has a status of 500 or more', () => {
  expect(isOurFault(new Error('unforeseen'))).toBe(true)
  const ours = codes.filter((code) => isOurFault(new ParleyError(code)))
  // A flood of refusals is to leave no flood of lines.
  expect(ours).toEqual(['internal', 'unavailable'])
})

describe('checking what came from outside', () => {
  const schema = z.strictObject({ text: z.string(), list: z.array(z.object({ id: z.uuid() })) })

  it('returns what the schema made of it', () => {
    expect(parseOrThrow(z.object({ limit: z.coerce.number() }), { limit: '5' })).toEqual({ limit: 5 })
  })

  it('throws every fault with where it is', () => {
    const thrown = (value: unknown, within?: string) => {
      try {
        return parseOrThrow(schema, value, within)
      } catch (error) {
        return error
      }
    }
    expect(thrown({ text: 1, list: [{ id: 'x' }], more: true }, 'query')).toMatchObject({
      code: 'validation-failed',
      details: {
        errors: [
          { path: 'query.text', message: expect.any(String) },
          { path: 'query.list.0.id', message: expect.any(String) },
          { path: 'query', message: expect.stringContaining('more') },
        ],
      },
    })
    expect(thrown(undefined)).toMatchObject({ details: { errors: [{ path: '' }] } })
  })
})

describe('the words for a fault', () => {
  const wordsFor = (schema: z.ZodType, value: unknown): string | undefined => {
    try {
      parseOrThrow(z.object({ field: schema }), { field: value })
    } catch (error) {
      return (error as ParleyError).details.errors?.[0]?.message
    }
    return undefined
  }

  it.each<[z.ZodType, unknown, string]>([
    [z.string(), undefined, 'is required'],
    [z.string(), 7, 'must be a text'],
    [z.string(), null, 'must be a text'],
    [z.number(), 'x', 'must be a number'],
    [z.number(), Number.NaN, 'must be a number'],
    [z.coerce.number(), 'x', 'must be a number'],
    [z.number().int(), 1.5, 'must be a whole number'],
    [z.number().int(), 2 ** 60, 'must be at most 9007199254740991'],
    [z.number().min(1), 0, 'must be at least 1'],
    [z.number().gt(1), 1, 'must be more than 1'],
    [z.number().max(5), 6, 'must be at most 5'],
    [z.number().lt(5), 5, 'must be less than 5'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.array(z.string()), 'x', 'must be a list'],
    [z.object({}), [], 'must be an object'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().min(8), 'x', 'must have at least 8 characters'],
    [z.string().max(2), 'xxx', 'must have at most 2 characters'],
    [z.array(z.string()).min(2), [], 'must have at least 2 entries'],
    [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 entry'],
    [z.uuid(), 'x', 'must be a UUID'],
    [z.iso.datetime(), 'x', 'must be a time such as 2026-01-31T12:00:00.000Z'],
    [z.enum(['a', 'b']), 'c', 'must be one of: a, b'],
    [z.literal('a'), 'c', 'must be a'],
    [z.enum(['a', 'b']), undefined, 'is required'],
    [z.union([z.string(), z.number()]), true, 'has none of the forms that are taken here'],
    [z.union([z.string(), z.number()]), undefined, 'is required'],
    [z.strictObject({}), { more: 1 }, 'has a field that is not known here: more'],
    [z.strictObject({}), { more: 1, most: 2 }, 'has fields that are not known here: more, most'],
    [z.string().regex(/^a$/, 'must be the letter a'), 'b', 'must be the letter a'],
    [z.string().regex(/^a$/), 'b', 'is not well formed'],
    [z.string().refine(() => false), 'b', 'is not acceptable'],
  ])('%#: for people', (schema, value, words) => expect(wordsFor(schema, value)).toBe(words))

  it('do not repeat without end what was sent', () => {
    const hostile = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`${n}${'x'.repeat(500)}`, 1]))
    const words = wordsFor(z.strictObject({}), hostile)
    expect(words).toMatch(/^has fields that are not known here: 0x+…, 1x+…, 2x+… and 997 more$/)
    expect(words!.length).toBeLessThan(300)
  })
})

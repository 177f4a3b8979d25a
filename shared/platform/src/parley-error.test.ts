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

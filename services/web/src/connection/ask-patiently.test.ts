import { ParleyClientError } from '@parley/client/client-error.ts'
import { problemFor } from '@parley/client/testing/protocol-server.ts'
import { askPatiently } from './ask-patiently.ts'

const tooOften = new ParleyClientError(problemFor('rate-limited'))

it('asks until it is answered, and tells each time why it waits', async () => {
  const failures: ParleyClientError[] = [tooOften, new ParleyClientError(problemFor('overloaded'))]
  const waits: string[] = []
  const ask = async (): Promise<string> => {
    const failure = failures.shift()
    if (failure !== undefined) throw failure
    return 'answer'
  }
  expect(await askPatiently(ask, { onWait: ({ code }) => waits.push(code) })).toBe('answer')
  expect(waits).toEqual(['rate-limited', 'overloaded'])
})

it('waits for nothing else, and for nobody who does not want the answer any more', async () => {
  for (const failure of [new ParleyClientError('unavailable'), new ParleyClientError(problemFor('internal'))])
    await expect(askPatiently(() => Promise.reject(failure))).rejects.toBe(failure)
  const abort = new AbortController()
  const asked = askPatiently(() => Promise.reject(tooOften), {
    signal: abort.signal,
    onWait: () => abort.abort(new Error('enough')),
  })
  await expect(asked).rejects.toThrow('enough')
})

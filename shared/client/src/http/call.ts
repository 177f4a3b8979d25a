import type { Operation } from '@parley/contracts/operation.ts'
import type { RequestOf, ResponseOf } from '@parley/contracts/operation-types.ts'

/** Calls an operation of the contracts: `call<typeof getMe>('get', '/users/me', {})`. */
export type Call = <O extends Operation>(
  method: O['method'],
  path: O['path'],
  request: RequestOf<O>,
  signal?: AbortSignal,
) => Promise<ResponseOf<O>>

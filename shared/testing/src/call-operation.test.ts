import { getUser } from '@parley/contracts/users.ts'
import { logout } from '@parley/contracts/sessions.ts'
import type { ProblemCode } from '@parley/contracts/problem.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { Router } from 'express'
import { callOperation, problemOf } from './call-operation.ts'
import { serveRouters } from './serve-routers.ts'

const user = { id: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10', firstName: 'Alice', lastName: 'A' }
const failWith = (code: ProblemCode) => () => {
  throw new ParleyError(code)
}

const router = Router()
router.get('/users/good', (_request, response) => void response.json({ user }))
router.get('/users/bad', (_request, response) => void response.json({ user: { ...user, id: 7 } }))
router.get('/users/teapot', (_request, response) => void response.status(418).json({ user }))
router.get('/users/missing', failWith('user-not-found'))
router.get('/users/unforeseen', failWith('internal'))
router.get('/users/undeclared', failWith('email-taken'))
router.post('/users/auth/logout', (_request, response) => void response.status(204).end())

let served: Awaited<ReturnType<typeof serveRouters>>
beforeAll(async () => {
  served = await serveRouters([router])
})
afterAll(() => served.close())
const call = (id: string) => callOperation(served.origin, getUser, { params: { id } })

describe('calling an operation in a test', () => {
  it('returns an answer that the contract allows', async () => {
    expect(await call('good')).toMatchObject({ status: 200, body: { user } })
    const answer = await callOperation(served.origin, logout)
    expect([answer.status, answer.body]).toEqual([204, undefined])
    expect(problemOf(await call('missing')).code).toBe('user-not-found')
    expect(problemOf(await call('unforeseen')).code).toBe('internal')
  })

  it.each([
    ['bad', 'a body that is not as declared'],
    ['teapot', 'a status that is not declared'],
    ['undeclared', 'a problem that is not declared'],
  ])('fails the test at %s: %s', async (id) => {
    await expect(call(id)).rejects.toThrow(Error)
  })
})

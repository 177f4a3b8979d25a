import { login } from '@parley/contracts/sessions.ts'
import { createUser, getMe, getUser, searchUsers, searchUsersResponse } from '@parley/contracts/users.ts'
import { problemOf } from '@parley/testing/call-operation.ts'
import { password, startTestAuth, type TestAuth } from '../test-auth.ts'
import { anybody } from './anybody.ts'
import { exampleUser } from './example-user.ts'
import { createPasswords } from './passwords.ts'

describe('user routes', () => {
  let auth: TestAuth
  beforeEach(async () => {
    auth = await startTestAuth()
  })
  afterEach(() => auth.close())

  const body = { firstName: ' Alice ', lastName: 'Anders', email: ' Alice@Example.COM ', password }

  describe('registering', () => {
    it('answers 201 with the user, and never with the password', async () => {
      const answer = await auth.call(createUser, { body })
      expect(answer.status).toBe(201)
      expect(answer.body).toEqual({
        user: {
          id: expect.any(String),
          firstName: 'Alice',
          lastName: 'Anders',
          email: 'alice@example.com',
          createdAt: expect.any(String),
        },
      })
    })

    it('answers 409 for an e-mail address that has an account, however it is spelled', async () => {
      await auth.register('alice@example.com')
      for (const email of ['alice@example.com', 'ALICE@example.com', ' ａlice@Example.com ']) {
        const answer = await auth.call(createUser, { body: { ...body, email } })
        expect(answer.status).toBe(409)
        expect(problemOf(answer).code).toBe('email-taken')
      }
    })

    it('gives an e-mail address to one of twenty who want it at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => auth.call(createUser, { body })))
      const statuses = answers.map(({ status }) => status)
      expect(statuses.filter((status) => status === 201)).toHaveLength(1)
      expect(statuses.filter((status) => status === 409)).toHaveLength(19)
    })

    it.each([
      ['an operator as e-mail address', { email: { $ne: null } }, 'email'],
      ['an operator as password', { password: { $ne: null } }, 'password'],
      ['no name', { firstName: undefined }, 'firstName'],
      ['a blank name', { lastName: '  ' }, 'lastName'],
      ['a number as name', { firstName: 7 }, 'firstName'],
      ['something else than an e-mail address', { email: 'alice' }, 'email'],
      ['a password of 9 characters', { password: 'nine char' }, 'password'],
      ['a password of 9 emoji, which have 18 units', { password: '🔑'.repeat(9) }, 'password'],
      ['one of the commonest passwords', { password: 'Qwertyuiop' }, 'password'],
      ['another one', { password: '1q2w3e4r5t' }, 'password'],
      ['a name of zero-width characters', { firstName: '\u200B\u200D\uFEFF' }, 'firstName'],
      ['a name of letters that are not drawn', { firstName: '\u3164\u115F' }, 'firstName'],
      ['a name of an empty Braille cell and marks', { firstName: '\u2800 \u0301' }, 'firstName'],
      ['a name that turns the direction around', { lastName: 'nimdA\u202E' }, 'lastName'],
      ['a name in an isolate', { lastName: '\u2067Anders\u2069' }, 'lastName'],
      ['a password of 73 bytes', { password: `${'é'.repeat(36)}x` }, 'password'],
    ])('answers 400 to %s and stores nothing', async (_, fault, path) => {
      const answer = await auth.call(createUser, { body: { ...body, ...fault } })
      expect(answer.status).toBe(400)
      expect(problemOf(answer).errors).toEqual([expect.objectContaining({ path })])
      expect(await auth.stores.users.findByEmail('alice@example.com')).toBeUndefined()
    })

    it.each([
      ['an emoji joined of several', '👩\u200D🚀'],
      ['a Persian name with a zero-width non-joiner', 'علی\u200Cرضا'],
      ['a name of one letter', 'Ö'],
      ['digits and signs', '4 & co.'],
    ])('takes %s', async (_, firstName) => {
      const answer = await auth.call(createUser, { body: { ...body, firstName } })
      expect(answer.status).toBe(201)
    })

    it('leaves those in who have a shorter password from before', async () => {
      const passwordHash = await createPasswords({ cost: 4, concurrency: 1 }).hash('short', anybody)
      await auth.stores.users.insert(...exampleUser({ email: 'early@example.com', passwordHash }))
      const answer = await auth.call(login, { body: { email: 'early@example.com', password: 'short' } })
      expect(answer.status).toBe(200)
    })

    it('takes nobody where it is closed, and with an invite where that is asked for', async () => {
      const invite = 'an-invite-of-ours'
      const settings = { INVITE_CODES: `another-invite, ${invite}` }
      const statuses = []
      for (const REGISTRATION of ['open', 'invite', 'closed']) {
        const other = await startTestAuth({ settings: { ...settings, REGISTRATION } })
        for (const given of [undefined, 'a-wrong-invite', invite]) {
          const email = `${given ?? 'nobody'}@example.com`
          const answer = await other.call(createUser, { body: { ...body, email, invite: given } })
          if (answer.status !== 201) {
            const { code, errors } = problemOf(answer)
            expect(code).toBe('registration-closed')
            // Whoever has an invite can do something about it.
            const about = REGISTRATION === 'invite' ? 'invite' : undefined
            expect(errors?.map(({ path }) => path)).toEqual(about && [about])
          }
          statuses.push(answer.status)
        }
        await other.close()
      }
      expect(statuses).toEqual([201, 201, 201, 403, 403, 201, 403, 403, 403])
    })

    it('is counted before it takes anything from logins of the same network', async () => {
      const settings = { REGISTRATIONS_PER_ADDRESS: 2, AUTH_ATTEMPTS_PER_ADDRESS: 4 }
      const limited = await startTestAuth({ settings })
      const { email } = await limited.register('alice@example.com')
      const statuses = []
      for (let time = 0; time < 5; time += 1) {
        statuses.push((await limited.call(createUser, { body: { ...body, email } })).status)
      }
      expect(statuses).toEqual([409, 429, 429, 429, 429])
      const answer = await limited.call(login, { body: { email, password } })
      await limited.close()
      expect(answer.status).toBe(200)
    })

    it('takes a password of 72 bytes', async () => {
      const answer = await auth.call(createUser, { body: { ...body, password: 'é'.repeat(36) } })
      expect(answer.status).toBe(201)
    })

    it.each([
      ['a prototype', `{"__proto__":{"admin":true},"firstName":"A"}`, 400],
      ['half a body', '{"firstName":', 400],
      ['a megabyte', JSON.stringify({ ...body, firstName: 'x'.repeat(1_000_000) }), 413],
    ])('refuses %s', async (_, text, status) => {
      const answer = await auth.call(createUser, { body: text })
      expect(answer.status).toBe(status)
      expect(await auth.stores.outbox.pending(10)).toEqual([])
    })
  })

  it.each([
    ['minute', { AUTH_ATTEMPTS_PER_ADDRESS: 2 }, 60],
    ['hour', { REGISTRATIONS_PER_ADDRESS: 2 }, 3_600],
  ])('limits how often one address may register in a %s', async (_, settings, seconds) => {
    await auth.close()
    auth = await startTestAuth({ settings })
    await auth.register('a@example.com')
    await auth.register('b@example.com')
    const answer = await auth.call(createUser, { body })
    expect(answer.status).toBe(429)
    expect(problemOf(answer).retryAfterSeconds).toBe(seconds)
    expect(answer.headers.get('retry-after')).toBe(String(seconds))
  })

  it('shows users themselves, and to others a person without e-mail address', async () => {
    const alice = await auth.register('alice@example.com')
    await auth.register('bob@example.com', { firstName: 'Bob' })
    const { token } = await auth.logIn('alice@example.com')
    const { token: bobsToken } = await auth.logIn('bob@example.com')

    expect((await auth.call(getMe, { token })).body).toEqual({ user: alice })
    const { email: _email, createdAt: _createdAt, ...person } = alice
    const seen = await auth.call(getUser, { token: bobsToken, params: { id: alice.id } })
    expect(seen.body).toEqual({ user: person })
    expect(await auth.auth.findPerson(alice.id)).toEqual(person)
  })

  it('answers 404 for nobody, 400 for what is no id, and 401 without a token', async () => {
    await auth.register('alice@example.com')
    const { token } = await auth.logIn('alice@example.com')
    const nobody = '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10'
    expect((await auth.call(getUser, { token, params: { id: nobody } })).status).toBe(404)
    expect((await auth.call(getUser, { token, params: { id: 'nobody' } })).status).toBe(400)
    expect(await auth.auth.findPerson(nobody)).toBeUndefined()
    for (const operation of [getMe, getUser, searchUsers]) {
      expect((await auth.call(operation, { params: { id: nobody } })).status).toBe(401)
    }
  })

  it('searches in pages', async () => {
    for (const firstName of ['Anna', 'Annabel', 'Anne']) {
      await auth.register(`${firstName}@example.com`, { firstName })
    }
    const { token } = await auth.logIn('anna@example.com')
    const search = async (query: Record<string, string | number>) =>
      searchUsersResponse.parse((await auth.call(searchUsers, { token, query })).body)

    const first = await search({ search: 'ANN', limit: 2 })
    expect(first.users.map(({ firstName }) => firstName)).toEqual(['Anna', 'Annabel'])
    const second = await search({ search: 'ANN', limit: 2, cursor: String(first.nextCursor) })
    expect(second.users.map(({ firstName }) => firstName)).toEqual(['Anne'])
    expect(second.nextCursor).toBeNull()

    const byEmail = await auth.call(searchUsers, { token, query: { search: 'Anne@Example.com' } })
    expect(byEmail.body).toEqual({ users: second.users, nextCursor: null })
    expect(JSON.stringify(byEmail.body)).not.toContain('@')
  })

  it('limits how often a user may search, and nobody else for it', async () => {
    await auth.close()
    auth = await startTestAuth({ settings: { SEARCHES_PER_USER: 2 } })
    const statuses: number[] = []
    for (const email of ['alice@example.com', 'bob@example.com']) {
      await auth.register(email)
      const { token } = await auth.logIn(email)
      for (let time = 0; time < 3; time += 1) {
        const answer = await auth.call(searchUsers, { token, query: { search: 'a' } })
        statuses.push(answer.status)
      }
    }
    expect(statuses).toEqual([200, 200, 429, 200, 200, 429])
  })

  it('answers 400 to a search without words, and to a foreign cursor', async () => {
    await auth.register('alice@example.com')
    const { token } = await auth.logIn('alice@example.com')
    for (const query of [{}, { search: ' ' }, { search: 'a', cursor: 'zzz' }, { search: 'a', cursor: '%' }]) {
      expect((await auth.call(searchUsers, { token, query })).status).toBe(400)
    }
  })
})

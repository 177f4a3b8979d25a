import { z } from 'zod'
import { id } from './ids.ts'
import { operation } from './operation.ts'
import { cursor, limit } from './paging.ts'
import { email, newPassword, personName } from './text.ts'

export const userId = id.meta({ examples: ['0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10'] })

/** What everybody who is logged in may see of a user. */
export const person = z
  .object({ id: userId, firstName: z.string(), lastName: z.string() })
  .meta({ id: 'Person', description: 'What other users see of a user.' })
export type Person = z.infer<typeof person>

/** What users see of themselves. */
export const user = person
  .extend({ email: z.string(), createdAt: z.iso.datetime() })
  .meta({ id: 'User', description: 'What users see of themselves.' })
export type User = z.infer<typeof user>

export const createUserRequest = z
  .object({
    firstName: personName,
    lastName: personName,
    email,
    password: newPassword,
    invite: z.string().min(1).max(200).optional().meta({
      description: 'A code from the operator, where only those may register who have one.',
    }),
  })
  .meta({ id: 'CreateUserRequest' })
export type CreateUserRequest = z.infer<typeof createUserRequest>

export const createUserResponse = z.object({ user }).meta({ id: 'CreateUserResponse' })
export type CreateUserResponse = z.infer<typeof createUserResponse>

export const userResponse = z.object({ user }).meta({ id: 'UserResponse' })
export type UserResponse = z.infer<typeof userResponse>

export const personResponse = z.object({ user: person }).meta({ id: 'PersonResponse' })
export type PersonResponse = z.infer<typeof personResponse>

export const searchUsersQuery = z.strictObject({
  search: z
    .string()
    .trim()
    .min(1, 'must not be blank')
    .max(100)
    .meta({
      examples: ['alice'],
      description:
        'Beginnings of the words of a name, in any order, or a whole e-mail address. Case, accents and letters that ' +
        'are hard to type do not matter: `lukasz` finds Łukasz. Three letters and more are found inside a word too; ' +
        'those come after the others.',
    }),
  cursor: cursor.optional(),
  limit: limit(20, 50),
})
export type SearchUsersQuery = z.infer<typeof searchUsersQuery>

export const searchUsersResponse = z
  .object({ users: z.array(person), nextCursor: cursor.nullable() })
  .meta({ id: 'SearchUsersResponse' })
export type SearchUsersResponse = z.infer<typeof searchUsersResponse>

export const createUser = operation({
  id: 'createUser',
  method: 'post',
  path: '/users/auth/create',
  tag: 'Users',
  summary: 'Register',
  description:
    'Makes an account, and logs nobody in. Names are trimmed; the e-mail address is put into lower case, and has one account at most. An operator may ask for an invite, or take nobody.',
  authenticated: false,
  body: createUserRequest,
  example: {
    firstName: 'Erin',
    lastName: 'Evans',
    email: 'erin@example.com',
    password: 'correct horse battery',
  },
  responses: { 201: createUserResponse },
  problems: ['registration-closed', 'email-taken'],
})

export const getMe = operation({
  id: 'getMe',
  method: 'get',
  path: '/users/me',
  tag: 'Users',
  summary: 'The caller',
  description: 'With the e-mail address, which nobody else is shown.',
  authenticated: true,
  responses: { 200: userResponse },
  problems: ['user-not-found'],
})

export const getUser = operation({
  id: 'getUser',
  method: 'get',
  path: '/users/:id',
  tag: 'Users',
  summary: 'What others see of a user',
  description: 'The name that goes with an id, as messages and members have it.',
  authenticated: true,
  params: z.strictObject({ id: userId }),
  responses: { 200: personResponse },
  problems: ['user-not-found'],
})

export const searchUsers = operation({
  id: 'searchUsers',
  method: 'get',
  path: '/users',
  tag: 'Users',
  summary: 'Find users by name or e-mail address',
  description:
    'Finds people to write to. Each page names the cursor of the next one; `nextCursor` is null on the last. How often one may search is limited per user.',
  authenticated: true,
  query: searchUsersQuery,
  responses: { 200: searchUsersResponse },
  problems: [],
})

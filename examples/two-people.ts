import { createParleyClient } from '@parley/client/create-parley-client.ts'

const url = process.argv[2] ?? 'http://localhost:3000'
const password = 'parley-demo'
const alice = createParleyClient({ url })
const bob = createParleyClient({ url })

const { id: bobId } = await bob.logIn({ email: 'bob@example.com', password })
bob.on('entry', ({ seq, body }) => console.log(`${seq}: ${body.text}`))
await bob.connect()

await alice.logIn({ email: 'alice@example.com', password })
await alice.connect()
const { conversationId } = await alice.send({ to: bobId, text: 'Hello Bob 👋' })
await bob.send({ conversationId, text: 'Hello Alice!' })

alice.close()
bob.close()

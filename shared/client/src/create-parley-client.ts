import { io } from 'socket.io-client'
import { assembleClient } from './assemble-client.ts'
import type { ParleyClientOptions } from './options.ts'
import type { ParleyClient } from './parley-client.ts'

/**
 * Creates a client. It does nothing until it is asked to; `close()` it at the end.
 * @example
 * const client = createParleyClient({ url: 'https://chat.example.com' })
 * client.on('entry', (entry) => show(entry))
 * await client.logIn({ email, password })
 * await client.connect()
 * await client.send({ to: userId, text: 'Hello 👋' })
 */
export const createParleyClient = (options: ParleyClientOptions): ParleyClient => assembleClient(options, io)

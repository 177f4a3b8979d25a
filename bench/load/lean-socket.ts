import { WebSocket } from 'ws'

/**
 * A Socket.IO client with next to nothing in it, so that hundreds of them leave the processor to the server:
 * events come as frames that are not parsed, and it does not reconnect.
 */
export interface LeanSocket {
  /** Sends an event; the answer comes as the text of its JSON, an array with the arguments of the ack. */
  ask(event: string, payload: unknown, onAnswer: (json: string) => void): void
  close(): void
}

const openingTimeoutMs = 30_000

/**
 * Speaks Engine.IO 4 and Socket.IO 5 over a websocket. Resolves once the server has let it in.
 * @param onEvent gets the text of each event frame, such as `42["timeline:entry",{…}]`
 * @param onLost the connection is gone, and nobody had asked for that
 */
export function openLeanSocket({
  url,
  token,
  onEvent,
  onLost,
}: {
  url: string
  token: string
  onEvent: (frame: string) => void
  onLost: () => void
}): Promise<LeanSocket> {
  const address = `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`
  const socket = new WebSocket(address, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: openingTimeoutMs,
  })
  const opened = Promise.withResolvers<LeanSocket>()
  const answers = new Map<string, (json: string) => void>()
  let asked = 0
  let closed = false

  const opening: LeanSocket = {
    ask(event, payload, onAnswer) {
      const id = String((asked += 1))
      answers.set(id, onAnswer)
      socket.send(`42${id}${JSON.stringify([event, payload])}`)
    },
    close() {
      closed = true
      socket.terminate()
    },
  }

  function receive(frame: string): void {
    if (frame.startsWith('42')) return onEvent(frame)
    if (frame.startsWith('43')) {
      const from = frame.indexOf('[')
      const id = frame.slice(2, from)
      answers.get(id)?.(frame.slice(from))
      answers.delete(id)
    } else if (frame === '2') socket.send('3')
    else if (frame.startsWith('0')) socket.send(`40${JSON.stringify({ token })}`)
    else if (frame.startsWith('40')) opened.resolve(opening)
    else if (frame.startsWith('44')) opened.reject(new Error(`the server refused a socket: ${frame}`))
  }

  socket.on('message', (data: Buffer) => receive(data.toString()))
  socket.on('error', (error) => opened.reject(error))
  socket.on('close', () => {
    opened.reject(new Error('the connection was closed before it was of use'))
    if (!closed) onLost()
  })
  return opened.promise
}

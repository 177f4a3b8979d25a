import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Few clients send requests ahead, and those that do send a handful. */
const mostWaiting = 16

/**
 * Answers a connection one request at a time. Node hands over whatever a client has sent ahead (pipelining) at once;
 * then a single connection has as much under way as it likes, and what is answered waits in memory for a reader.
 *
 * Guarantees: a request is handed on when the client has taken the answer to the one before it, or the operating
 * system has taken it for the client. Up to 16 wait for that; a connection that sends more is cut.
 */
export function oneAtATime(handle: RequestListener): RequestListener {
  const waitingOn = new WeakMap<Socket, (() => void)[]>()

  function begin(socket: Socket, response: ServerResponse, work: () => void): void {
    response.once('close', () => {
      const next = waitingOn.get(socket)?.shift()
      if (next === undefined) waitingOn.delete(socket)
      // After `Connection: close` nothing more is answered.
      else if (socket.writable) next()
    })
    work()
  }

  return (request, response) => {
    const { socket } = request
    const work = () => handle(request, response)
    const waiting = waitingOn.get(socket)
    if (waiting === undefined) {
      waitingOn.set(socket, [])
      begin(socket, response, work)
    } else if (waiting.length < mostWaiting) {
      waiting.push(() => begin(socket, response, work))
    } else {
      socket.destroy()
    }
  }
}

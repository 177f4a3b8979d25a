// Stands for any of the services behind the edge: says which one it is and what it was asked.
// `/…/status/503` answers with that status, `/…/drop` cuts the connection, SIGUSR2 makes it refuse new sockets.
import { createServer } from 'node:http'

const name = process.env.NAME
let draining = false
process.on('SIGUSR2', () => (draining = true))
process.on('SIGTERM', () => process.exit(0))

async function tellWhatWasAsked(request, response) {
  const { method, url, headers } = request
  process.stdout.write(`${method} ${url}\n`)
  let received = 0
  for await (const chunk of request) received += chunk.length
  if (url.endsWith('/drop')) {
    request.socket.destroy()
    return
  }
  response.statusCode = Number(/\/status\/(\d+)$/.exec(url)?.[1] ?? 200)
  response.setHeader('content-type', 'application/json')
  const padding = url.endsWith('/large') ? ' '.repeat(10_000) : ''
  response.end(JSON.stringify({ name, method, url, headers, received, padding }))
}
const server = createServer((request, response) => void tellWhatWasAsked(request, response))

// Enough of a websocket: what comes after the handshake comes back as it is.
server.on('upgrade', ({ headers }, socket) => {
  socket.on('error', () => socket.destroy())
  const answer = draining
    ? ['HTTP/1.1 503 unavailable', 'Connection: close', 'Content-Length: 0']
    : ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `X-Upstream: ${name}`]
  socket.write([...answer, `X-Asked: ${headers.upgrade}`, '', ''].join('\r\n'))
  if (draining) socket.end()
  else socket.pipe(socket)
})
server.listen(8080)

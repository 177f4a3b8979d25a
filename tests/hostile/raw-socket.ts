import { connect, type Socket } from 'node:net'

/** A TCP connection to a server, for what no HTTP client would do. Errors end it, and are no news. */
export function openRaw(url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  return socket
}

/** The lines of a request before its body. */
export function headOf(
  method: string,
  path: string,
  url: string,
  headers: Readonly<Record<string, string | number>>,
): string {
  const lines = Object.entries({ Host: new URL(url).host, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

#!/usr/bin/env bash
# Node's HTTP server, requests that a client sends ahead (RFC 9112 section 9.3.2), and a handler that ends the connection.
#
# One would expect that `socket.destroy()` in a handler is the end of it: that nothing more of this connection is handed on.
# Seen with node 24.21.0 (the npm package `node`): what came in the same read of the socket, up to 64 kB, is parsed to its
# end all the same, and each request in it still reaches the handler, with a request and a response object of its own, on
# a socket that says `destroyed`. Of 1,000 short GETs in one write the 990 behind it are handed on; nothing
# of the next read is. So a bound on requests per connection has to count objects of a whole read, whatever it does at its
# limit, and a handler has to look at `socket.destroyed` before it begins anything.
#
# Fails when that changes. Needs npm and a network; runs without Parley.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund node@24.21.0
cat > seen.mjs << 'END'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'

const limit = 10
let before = 0
let after = 0
const server = createServer((request) => {
  if (request.socket.destroyed) after += 1
  else before += 1
  if (before === limit) request.socket.destroy()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const client = connect(server.address().port, '127.0.0.1')
client.on('error', () => undefined)
client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1_000))
await new Promise((resolve) => client.once('close', resolve))
server.close()
console.log(`node ${process.version}: ${before} requests until the handler ended the connection, ${after} after it`)
if (before !== limit || after < 500) {
  console.log('This is not what was seen before.')
  process.exitCode = 1
}
END
node_modules/.bin/node seen.mjs

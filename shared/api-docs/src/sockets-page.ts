import { closeReasons } from '@parley/contracts/socket.ts'
import type { AsyncApiDocument } from './asyncapi.ts'
import type { Operation } from './asyncapi-parts.ts'

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** Words with `code` in them. */
const prose = (text: string): string => escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

/** What to type into a shell and into `hello.mjs`; a test does exactly that. */
const gettingStarted = (url: string): { shell: string; script: string } => ({
  shell: `npm install socket.io-client
curl -s ${url}/users/auth/login -H 'content-type: application/json' \\
  -d '{"email":"alice@example.com","password":"parley-demo"}' > session.json
node hello.mjs`,
  script: `import { readFileSync } from 'node:fs'
import { io } from 'socket.io-client'

const { token, user } = JSON.parse(readFileSync('session.json', 'utf8'))
const socket = io('${url}', { transports: ['websocket'], auth: { token } })
socket.on('connect_error', (error) => console.error(error.data ?? error))
socket.on('timeline:entry', (entry) => console.log('heard', entry.seq, entry.body.text))
socket.on('connect', async () => {
  console.log('connected as', user.firstName)
  const found = await fetch('${url}/users?search=bob', { headers: { authorization: \`Bearer \${token}\` } })
  const [bob] = (await found.json()).users
  const clientId = crypto.randomUUID()
  const ack = await socket.emitWithAck('message:send', { to: bob.id, clientId, text: 'Hello Bob' })
  console.log('stored', ack.ok, ack.entry.seq)
  setTimeout(() => socket.close(), 500)
})`,
})

/** The page about sockets, made from the AsyncAPI document. It has no script, and loads one style sheet. */
export function renderSocketsPage(document: AsyncApiDocument, url: string): string {
  const { schemas } = document.components
  const { shell, script } = gettingStarted(url)

  /** A schema, and those that it names, each once. */
  function schemaOf(reference: string, shown = new Set<string>()): string {
    const name = reference.split('/').at(-1)!
    if (shown.has(name)) return ''
    shown.add(name)
    const text = JSON.stringify(schemas[name], null, 2)
    const others = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, other]) => other!)
    return (
      `<h4 id="${name}">${name}</h4>\n<pre>${escape(text)}</pre>\n` +
      others.map((other) => schemaOf(other, shown)).join('')
    )
  }

  function describe(id: string, { summary, description }: Operation): string {
    const channel = document.channels[id]!
    const messages = Object.values(channel.messages).map(({ title, payload }) => {
      const { $ref } = payload as { $ref: string }
      return `<details><summary><code>${escape(title)}</code></summary>\n${schemaOf($ref)}</details>`
    })
    return `<section id="${id}"><h3><code>${escape(channel.address)}</code></h3>
<p><strong>${prose(summary)}.</strong> ${prose(description)}</p>
${messages.join('\n')}</section>`
  }

  const list = (server: string, action: Operation['action']): string =>
    Object.entries(document.operations)
      .filter(([id]) => document.channels[id]!.servers[0]!.$ref === `#/servers/${server}`)
      .filter(([, operation]) => operation.action === action)
      .map(([id, operation]) => describe(id, operation))
      .join('\n')

  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Parley: sockets</title>
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/sockets.css">
  </head>
  <body>
<main>
<h1>Sockets</h1>
<p>The live half of the API. Operations over HTTP are at <a href="/docs/">/docs</a>; this page for programs is
<a href="/docs/asyncapi.json">asyncapi.json</a>.</p>
<h2>Getting started</h2>
<p>With the demo people of <code>npm start</code>, in an empty folder. This is <code>hello.mjs</code>:</p>
<pre id="hello">${escape(script)}</pre>
<pre id="run">${escape(shell)}</pre>
<h2>What clients send</h2>
${list('gateway', 'receive')}
<h2>What the gateway sends</h2>
${list('gateway', 'send')}
<h2>Why a connection was closed</h2>
<p>The close frame has the code and, as its reason, the word.</p>
<ul>${Object.entries(closeReasons)
    .map(([reason, code]) => `<li>${code} <code>${reason}</code></li>`)
    .join('')}</ul>
<h2>Between services</h2>
<p>Events of the broker, inside an installation only.</p>
${list('broker', 'send')}
</main>
  </body>
</html>
`
}

export const socketsStyle = `:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5 }
main { max-width: 52rem; margin: 0 auto; padding: 1rem }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid; border-radius: 0.5rem; font-size: 0.85rem }
section { margin-block: 1.5rem }
`

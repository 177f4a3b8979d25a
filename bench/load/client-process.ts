// A process with clients: the people of its share of the cast, their sockets and their requests.
import { beginAsking, beginSending, type ClientRun, sendClosed } from './client-run.ts'
import { createPlayers, type Players } from './players.ts'
import type { Order, Orders } from './protocol.ts'
import { serveOrders } from './worker.ts'

let players: Players
let current: ClientRun | undefined

function begin(run: ClientRun): object {
  current?.stop()
  current = run
  return {}
}

async function carryOut(order: Order): Promise<object> {
  switch (order.do) {
    case 'cast':
      players = createPlayers({
        ...order,
        onEvent: (frame, person, device) => current?.receive(frame, person, device),
      })
      return {}
    case 'connect':
      return players.connect(order.atOnce)
    case 'send':
      return begin(beginSending(players, order.sending))
    case 'ask':
      return begin(beginAsking(players, order.asking))
    case 'send-closed':
      return sendClosed(players, order.closed)
    case 'resync':
      return players.resync()
    case 'tally':
      return { ...current!.tally(), lost: players.lost() }
    case 'latencies':
    default:
      return current!.latencies()
  }
}

serveOrders<Orders>(carryOut)

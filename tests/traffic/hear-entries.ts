import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { Decoder, Encoder, type Packet } from 'socket.io-parser'

/**
 * A parser for Socket.IO that also tells what comes over the socket, before the client has a say in it: the
 * client hides what it has already, and what it has to wait with.
 */
export function hearEntries(onEntry: (entry: TimelineEntry) => void) {
  class ListeningDecoder extends Decoder {
    constructor() {
      super()
      this.on('decoded', ({ data }: Packet) => {
        const [event, payload] = Array.isArray(data) ? (data as unknown[]) : []
        if (event === 'timeline:entry') onEntry(payload as TimelineEntry)
      })
    }
  }
  return { Encoder, Decoder: ListeningDecoder }
}

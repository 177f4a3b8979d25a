import type { HeadsResponse } from '@parley/contracts/conversations.ts'
import type { TimelineResponse } from '@parley/contracts/timeline.ts'
import type { HttpCalls } from './http-calls.ts'

/**
 * What a client that was away does: asks what has changed, and reads each timeline to its head.
 * @returns how many entries came
 */
export async function resync(calls: HttpCalls, token: string): Promise<number> {
  let entries = 0
  let cursor: string | undefined
  for (let more = true; more;) {
    const path: string = cursor === undefined ? '/chat/heads' : `/chat/heads?cursor=${cursor}`
    const page = (await calls.read({ method: 'GET', path, token })) as HeadsResponse
    for (const { conversationId } of page.heads) entries += await readTimeline(calls, token, conversationId)
    cursor = page.cursor
    more = page.more
  }
  return entries
}

async function readTimeline(calls: HttpCalls, token: string, conversationId: string): Promise<number> {
  let last = 0
  for (let more = true; more;) {
    const path = `/chat/conversations/${conversationId}/timeline?after=${last}`
    const page = (await calls.read({ method: 'GET', path, token })) as TimelineResponse
    for (const { seq } of page.entries) {
      if (seq !== last + 1) throw new Error(`${seq} came after ${last}`)
      last = seq
    }
    more = page.more
  }
  return last
}

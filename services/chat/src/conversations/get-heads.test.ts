import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { HeadsResponse } from '@parley/contracts/conversations.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { openSqliteChatStores } from '../stores.sqlite.ts'
import { directConversation } from './direct-conversation.ts'
import { createGetHeads } from './get-heads.ts'

describe('asking what changed, over several pages', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())

  it('tells in the next round of a commit that became visible behind the place of this one', async () => {
    const stores = openSqliteChatStores(join(folder.path, 'chat.sqlite'))
    const me = randomUUID()
    const before = Date.now() - 2_000
    const conversations = Array.from({ length: 3 }, () => directConversation(me, randomUUID()))
    for (const conversation of conversations) await stores.conversations.create(conversation, 1)
    const [first, second, late] = conversations.map(({ id }) => id) as [string, string, string]
    const change = (conversationId: string, changedAt: number) =>
      stores.conversations.advanceTo([{ conversationId, head: 1, changedAt }])
    await change(first, before)
    await change(second, before + 1_000)

    const getHeads = createGetHeads({ conversations: stores.conversations, pageSize: 1 })
    async function round(
      cursor: string | undefined,
      meanwhile: () => Promise<void>,
    ): Promise<HeadsResponse[]> {
      const pages = [await getHeads(me, cursor)]
      while (pages.at(-1)!.more) {
        pages.push(await getHeads(me, pages.at(-1)!.cursor))
        // Its writer took the time before this round came by, and the database shows it only now.
        if (pages.at(-1)!.heads.some(({ conversationId }) => conversationId === second)) await meanwhile()
      }
      return pages
    }
    const pages = await round(undefined, () => change(late, before - 500))
    const next = await round(pages.at(-1)!.cursor, async () => undefined)
    expect(next.flatMap(({ heads }) => heads)).toContainEqual({ conversationId: late, head: 1 })
    await stores.close()
  })
})

import { join } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { describeConversationStore } from './conversations/conversation-store.contract.ts'
import { describePeopleDirectory } from './people/people-directory.contract.ts'
import { describeReceiptStore } from './receipts/receipt-store.contract.ts'
import { openSqliteChatStores } from './stores.sqlite.ts'
import { describeTimelineWriter } from './timeline/timeline.contract.ts'
import { describeTimelineStore } from './timeline/timeline-store.contract.ts'

describe('chat stores on SQLite', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())

  let files = 0
  const open = async () => openSqliteChatStores(join(folder.path, `chat-${(files += 1)}.sqlite`))

  describeTimelineStore(open)
  describeTimelineWriter(open)
  describeConversationStore(open)
  describeReceiptStore(open)
  describePeopleDirectory(open)

  it('finds its data again when the file is opened again', async () => {
    const file = join(folder.path, 'again.sqlite')
    const person = { id: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10', firstName: 'Alice', lastName: 'Adams' }
    const first = openSqliteChatStores(file)
    await first.people.put(person)
    await first.close()

    const second = openSqliteChatStores(file)
    expect(await second.people.findMany([person.id])).toEqual([person])
    await second.close()
  })
})

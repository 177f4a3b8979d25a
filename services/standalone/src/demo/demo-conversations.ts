import { randomUUIDv7 } from 'node:crypto'
import { directConversation } from '@parley/chat/conversations/direct-conversation.ts'
import type { ChatStores } from '@parley/chat/stores.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { User } from '@parley/contracts/users.ts'
import type { DemoName } from './demo-people.ts'

const [minute, hour, day] = [1, 60, 24 * 60]

interface DemoConversation {
  readonly between: readonly [DemoName, DemoName]
  /** Who said what, and how many minutes ago; oldest first. */
  readonly lines: readonly (readonly [DemoName, number, string])[]
  /** How many of the newest messages somebody has not read, and of these how many have not arrived. */
  readonly unread: Partial<Readonly<Record<DemoName, readonly [unread: number, undelivered: number]>>>
}

const demoConversations: readonly DemoConversation[] = [
  {
    between: ['alice', 'yuki'],
    lines: [
      ['yuki', 4 * day + 3 * hour, 'The photos from the harbour are up: https://photos.example.com/harbour'],
      ['alice', 4 * day + 2 * hour, 'So good!! The third one belongs on a wall 😍'],
      ['yuki', 4 * day + 2 * hour - 2 * minute, 'Arigatō! I will print it for you'],
      ['alice', 4 * day + hour, 'When can I pick it up?'],
    ],
    unread: { yuki: [1, 1] },
  },
  {
    between: ['alice', 'noor'],
    lines: [
      ['alice', 2 * day + 5 * hour, 'How do you say "see you tomorrow" again?'],
      ['noor', 2 * day + 5 * hour - 4 * minute, 'أراك غدًا'],
      ['noor', 2 * day + 5 * hour - 5 * minute, 'and you answer: إن شاء الله 🙂'],
      ['alice', 2 * day + 4 * hour, 'So now I say أراك غدًا يا نور. Did I get it right?'],
      ['noor', 7 * hour, 'Perfect! 👏'],
    ],
    unread: { alice: [1, 0] },
  },
  {
    between: ['bob', 'yuki'],
    lines: [
      ['bob', day + 6 * hour, 'Are you coming along on Saturday? Alice has found a path along the river'],
      ['yuki', day + 5 * hour, 'If there is cake at the end, yes'],
      ['bob', day + 5 * hour - minute, 'There is always cake at the end'],
    ],
    unread: {},
  },
  {
    between: ['alice', 'bob'],
    lines: [
      ['alice', 2 * day + 9 * hour, 'Hi Bob! Is Saturday still on?'],
      ['bob', 2 * day + 9 * hour - 3 * minute, 'Of course. I have new boots, they want out 🥾'],
      ['alice', 2 * day + 9 * hour - 4 * minute, 'Good.'],
      [
        'alice',
        2 * day + 9 * hour - 5 * minute,
        'I found a path along the river: 14 km, hardly any climbing.',
      ],
      [
        'alice',
        2 * day + 9 * hour - 6 * minute,
        'The map is here: https://maps.example.com/river-path?from=mill&to=old-bridge',
      ],
      ['bob', day + 7 * hour, 'Looks lovely. I asked Yuki too, she comes if there is cake'],
      ['alice', day + 6 * hour, '🍰 Then I bake one'],
      [
        'alice',
        day + 6 * hour - minute,
        'Which train do we take?\n08:12 gets us there at 9.\n09:12 if we sleep in.',
      ],
      ['bob', day + 5 * hour, 'The early one. It says rain after four ☔️'],
      ['alice', 50 * minute, 'Tickets are bought, all three. Platform 4!'],
      ['bob', 12 * minute, 'You are the best'],
      ['bob', 11 * minute, 'Breakfast on the train is on me'],
      ['bob', 3 * minute, 'Croissant or something with seeds? 🥐'],
    ],
    unread: { alice: [3, 0] },
  },
]

/**
 * Lets the demo people have talked over the last days. What is written here is as old as it says, and everybody
 * has been told of it, so it goes past the service and its outbox.
 * @param now in milliseconds since the epoch
 */
export async function createDemoConversations({
  stores: { conversations, timeline, receipts },
  people,
  now,
}: {
  stores: Pick<ChatStores, 'conversations' | 'timeline' | 'receipts'>
  people: Readonly<Record<DemoName, User>>
  now: number
}): Promise<void> {
  for (const { between, lines, unread } of demoConversations) {
    const [one, other] = between.map((name) => people[name].id) as [string, string]
    const { id: conversationId, ...conversation } = directConversation(one, other)
    const entries = lines.map(([name, minutesAgo, text], index): TimelineEntry => ({
      id: randomUUIDv7(),
      conversationId,
      seq: index + 1,
      kind: 'message-created',
      senderId: people[name].id,
      clientId: randomUUIDv7(),
      at: new Date(now - minutesAgo * 60_000).toISOString(),
      body: { text },
    }))
    const head = entries.length
    await conversations.create({ ...conversation, id: conversationId, createdAt: entries[0]!.at })
    await timeline.append(entries)
    await timeline.markPublished(entries.map(({ id }) => id))
    await conversations.advance([{ conversationId, head }])
    for (const name of between) {
      const [unreadByName, undelivered] = unread[name] ?? [0, 0]
      const watermark = {
        conversationId,
        userId: people[name].id,
        delivered: head - undelivered,
        read: head - unreadByName,
      }
      await receipts.advance(watermark)
      await receipts.markPublished([watermark])
    }
  }
}

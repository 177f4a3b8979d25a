import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { directConversation } from '../conversations/direct-conversation.ts'
import { openSqliteChatStores } from '../stores.sqlite.ts'
import type { ChatStores } from '../stores.ts'
import { createTimeline } from '../timeline/timeline.ts'
import { findingCodes } from './finding.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

describe('the command line of the checker', () => {
  const root = createTemporaryFolder()
  const folder = root.path
  /** As the server has it open, all the time. */
  let stores: ChatStores
  const conversation = directConversation(randomUUID(), randomUUID())
  const [sender, other] = conversation.memberIds as [string, string]

  beforeAll(async () => {
    stores = openSqliteChatStores(join(folder, 'chat.sqlite'))
    for (const id of conversation.memberIds) await stores.people.put({ id, firstName: 'A', lastName: 'B' })
    await stores.conversations.create(conversation)
    const timeline = createTimeline({
      store: stores.timeline,
      conversations: stores.conversations,
      onCommitted: (committed) => void stores.timeline.markPublished(committed.map(({ entry }) => entry.id)),
      logger: createSilentLogger(),
    })
    const body = { text: 'hello' }
    await timeline.append({ conversation, senderId: sender, clientId: 'one', kind: 'message-created', body })
  })
  afterAll(async () => {
    await stores.close()
    root.remove()
  })

  const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
    new Promise((resolve) => {
      const options = { env: { PATH: process.env['PATH'], ...env } }
      execFile(process.execPath, ['services/chat/src/verify.ts', ...args], options, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
    })

  it('says how it is used, and what it finds', async () => {
    const { code, stdout } = await run(['--help'])
    expect(code).toBe(0)
    for (const word of [
      '--data',
      '--repair',
      '--json',
      '--pending-seconds',
      'MONGO_URL_FILE',
      'Exit codes',
    ]) {
      expect(stdout).toContain(word)
    }
    for (const finding of Object.keys(findingCodes)) expect(stdout).toContain(`  ${finding} `)
  })

  it.each([
    [['--fix'], {}, "Unknown option '--fix'"],
    [['--data', '/nowhere'], {}, 'there is no /nowhere/chat.sqlite'],
    [[], { MONGO_URL: 'mongodb://127.0.0.1:1/chat' }, 'MongoDB cannot be reached'],
  ])('cannot run with %j and %j, and says why', async (args, env, why) => {
    const { code, stdout, stderr } = await run(args, env)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`verify: ${why}`)
    expect(stderr).not.toContain('    at ')
  })

  it('ends with 0 on clean data, with 1 on findings, and with 0 again once they are repaired', async () => {
    const clean = await run(['--data', folder])
    expect(clean).toMatchObject({ code: 0, stderr: '' })
    expect(clean.stdout).toMatch(/entries +1\n[^]*Clean/)

    await stores.receipts.advance({ conversationId: conversation.id, userId: other, delivered: 9, read: 1 })
    await stores.receipts.markPublished(await stores.receipts.pending(1))
    const found = await run(['--data', folder])
    expect(found).toMatchObject({ code: 1, stderr: '' })
    const place = `conversation=${conversation.id}  user=${other}`
    const what = 'expected 0 ≤ read ≤ delivered ≤ head; found read 1, delivered 9, head 1'
    expect(found.stdout).toContain(`receipt-out-of-bounds  ${place}  ${what}\n`)
    expect(found.stdout).toMatch(/receipt-out-of-bounds +1 +0\n\n1 finding\(s\), 0 of them repaired\.\n$/)

    const asJson = await run(['--data', folder, '--json'])
    expect(asJson).toMatchObject({ code: 1, stderr: '' })
    expect(
      asJson.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      {
        finding: {
          code: 'receipt-out-of-bounds',
          conversationId: conversation.id,
          userId: other,
          expected: '0 ≤ read ≤ delivered ≤ head',
          found: 'read 1, delivered 9, head 1',
        },
      },
      {
        summary: {
          checked: { entries: 1, 'client keys': 1, conversations: 1, receipts: 1, usage: 0 },
          found: { 'receipt-out-of-bounds': { found: 1, repaired: 0 } },
          findings: 1,
          repaired: 0,
        },
      },
    ])

    const repaired = await run(['--data', folder, '--repair'])
    expect(repaired.code).toBe(0)
    expect(repaired.stdout).toContain('repaired: set to read 1, delivered 1')
    await stores.receipts.markPublished(await stores.receipts.pending(1))
    const after = await run(['--data', folder])
    expect(after).toMatchObject({ code: 0, stderr: '' })
    expect(after.stdout).toContain('Clean')
  })

  it('ends with 1 when something cannot be repaired', async () => {
    const entry = (await stores.timeline.after(conversation.id, 0, 1))[0]!
    await stores.timeline.append([{ ...entry, id: randomUUID(), seq: 3, clientId: 'three' }])
    await stores.conversations.advance([{ conversationId: conversation.id, head: 3 }])
    const { code, stdout } = await run(['--data', folder, '--repair', '--pending-seconds', '600'])
    expect(code).toBe(1)
    const line = `seq-hole  conversation=${conversation.id}  seq=2  expected seq 2; found entry`
    expect(stdout).toContain(line)
    expect(stdout).toContain('not repaired: what was there is not known')
  })
})

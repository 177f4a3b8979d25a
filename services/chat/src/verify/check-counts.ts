import { othersThan } from '../unread/count-between.ts'
import type { ChatReader, CountedEntries, StoredConversation, StoredReceipt } from './chat-reader.ts'
import type { Finding } from './finding.ts'

/**
 * What is kept of how much counts as unread: as the entries say up to the seq that it stands for, which never change.
 * That it stands for an earlier seq than the head is no fault: it is counted on when somebody asks. Where entries are
 * missing, or there twice, nobody knows.
 */
export interface CountsCheck {
  ofConversation(conversation: StoredConversation): Promise<Finding[]>
  ofReceipt(receipt: StoredReceipt): Promise<Finding[]>
}

/** For one page: the receipts of a conversation often stand for one seq. */
export function createCountsCheck(reader: Pick<ChatReader, 'countedEntries'>): CountsCheck {
  const counted = new Map<string, Promise<CountedEntries>>()

  function upTo(conversationId: string, seq: number): Promise<CountedEntries> {
    const key = `${conversationId}/${seq}`
    const found = counted.get(key) ?? reader.countedEntries(conversationId, seq)
    counted.set(key, found)
    return found
  }

  return {
    async ofConversation({ id, memberIds, countedTo, counted: all, countedOf }) {
      const found = `${all}, of members ${JSON.stringify(countedOf)}, up to seq ${countedTo}`
      const wrong = (expected: string): Finding[] => [
        { code: 'unread-miscounted', conversationId: id, expected, found },
      ]
      if (countedTo === 0 && all === 0) return []
      if (![countedTo, all, ...Object.values(countedOf)].every(isCount)) return wrong('whole numbers')
      const { entries, last, of } = await upTo(id, countedTo)
      if (last < countedTo) return wrong(`no seq beyond ${last}`)
      if (entries !== countedTo) return []
      const isRight =
        all === othersThan('', of) &&
        memberIds.every((each) => (countedOf[each] ?? 0) === (of.get(each) ?? 0))
      return isRight
        ? []
        : wrong(`${othersThan('', of)}, of members ${JSON.stringify(Object.fromEntries(of))}`)
    },
    async ofReceipt({ conversationId, userId, othersRead, othersReadTo }) {
      const found = `${othersRead} up to seq ${othersReadTo}`
      const wrong = (expected: string): Finding[] => [
        { code: 'receipt-miscounted', conversationId, userId, expected, found },
      ]
      if (othersReadTo === 0 && othersRead === 0) return []
      if (![othersRead, othersReadTo].every(isCount)) return wrong('whole numbers')
      const { entries, last, of } = await upTo(conversationId, othersReadTo)
      if (last < othersReadTo) return wrong(`no seq beyond ${last}`)
      if (entries !== othersReadTo) return []
      const expected = othersThan(userId, of)
      return othersRead === expected ? [] : wrong(String(expected))
    },
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

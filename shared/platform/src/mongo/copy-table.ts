import { createHash } from 'node:crypto'
import mongoose, { type Model } from 'mongoose'
import { isDuplicateKey } from './duplicate-key.ts'
import { OwnError } from '../own-error.ts'
import { errorInWords } from '../log-errors/describe-error.ts'

const { MongoBulkWriteError } = mongoose.mongo

/** A document as it is stored; its id is how both sides are ordered. */
export interface CopiedDocument {
  readonly _id: string
  readonly [field: string]: unknown
}

/** How many documents there are, and the SHA-256 over all of them in the order of their ids. */
export interface Sum {
  readonly count: number
  readonly checksum: string
}

export interface CopyProgress {
  readonly collection: string
  readonly copied: number
}

export interface CopyReport {
  readonly collection: string
  /** By this run; an earlier one that was broken off may have copied others. */
  readonly copied: number
  readonly source: Sum
  readonly target: Sum
}

/** The copy cannot go on, or is not what it was copied from; the message names the collection and document. */
export class CopyError extends OwnError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CopyError'
  }
}

/**
 * Copies documents into a collection and verifies that it holds exactly those afterwards, by reading both
 * sides again. It never changes a document that is there already: an equal one is passed over, so a run that
 * was broken off is simply run again; a different one is an error.
 * @param readPage the next documents of the source, at most `limit`, ascending by the UTF-8 bytes of their
 *   ids, after an id that may be empty. Called from the start again to verify
 * @param model of the target; documents are written as they are, without its casting
 * @param onProgress after each page, with how many documents of the source the target has by now
 * @throws CopyError for a document that differs, or when both sides do not hold the same in the end
 */
export async function copyTable({
  model,
  readPage,
  onProgress,
  pageSize = 500,
}: {
  model: Pick<Model<never>, 'collection'>
  readPage: ReadPage
  onProgress?: ((progress: CopyProgress) => void) | undefined
  pageSize?: number | undefined
}): Promise<CopyReport> {
  const collection = model.collection.collectionName
  const target = model.collection

  async function write(page: readonly CopiedDocument[]): Promise<number> {
    try {
      const result = await target.bulkWrite(
        page.map(({ _id, ...fields }) => ({
          updateOne: { filter: { _id: _id as never }, update: { $setOnInsert: fields }, upsert: true },
        })),
        { ordered: false },
      )
      return result.upsertedCount
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      // The driver's own words would say which document it met with its values, which may be an e-mail address.
      const [refusal] = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : []
      const { _id: id = 'a document' } = page[refusal?.index ?? -1] ?? {}
      throw new CopyError(`${collection}: ${id}: ${errorInWords(error)}`, { cause: error })
    }
  }

  async function compare(page: readonly CopiedDocument[]): Promise<void> {
    const stored = new Map<string, string>()
    const ids = page.map(({ _id }) => _id) as never[]
    for await (const { _id: id, ...fields } of target.find({ _id: { $in: ids } })) {
      stored.set(String(id), canonicalJson(fields))
    }
    for (const { _id: id, ...fields } of page) {
      if (stored.get(id) !== canonicalJson(fields)) {
        throw new CopyError(`${collection}: ${id} is there already, and differs`)
      }
    }
  }

  let copied = 0
  let done = 0
  for await (const page of pagesOf(readPage, pageSize)) {
    copied += await write(page)
    await compare(page)
    done += page.length
    onProgress?.({ collection, copied: done })
  }

  const source = await sumOf(documentsOf(readPage, pageSize))
  const stored = await sumOf(target.find().sort({ _id: 1 }))
  if (source.count !== stored.count || source.checksum !== stored.checksum) {
    throw new CopyError(
      `${collection}: the source has ${source.count} documents (${source.checksum}), the target ${stored.count} (${stored.checksum})`,
    )
  }
  return { collection, copied, source, target: stored }
}

export type ReadPage = (
  after: string,
  limit: number,
) => readonly CopiedDocument[] | Promise<readonly CopiedDocument[]>

const idOf = ({ _id: id }: CopiedDocument): string => id

async function* pagesOf(readPage: ReadPage, pageSize: number): AsyncGenerator<readonly CopiedDocument[]> {
  let after = ''
  for (;;) {
    const page = await readPage(after, pageSize)
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    after = idOf(last)
  }
}

async function* documentsOf(readPage: ReadPage, pageSize: number): AsyncGenerator<CopiedDocument> {
  for await (const page of pagesOf(readPage, pageSize)) yield* page
}

async function sumOf(documents: AsyncIterable<object>): Promise<Sum> {
  const hash = createHash('sha256')
  let count = 0
  for await (const document of documents) {
    hash.update(canonicalJson(document)).update('\n')
    count += 1
  }
  return { count, checksum: hash.digest('hex') }
}

/** The same text for the same content, in whatever order its fields come. */
const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

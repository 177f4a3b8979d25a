import type { Model } from 'mongoose'
import type { Logger } from '../log.ts'

type Built = Pick<Model<never>, 'collection' | 'createCollection' | 'createIndexes' | 'listIndexes'>

/**
 * Builds the collections of models and the indexes that their schemas declare, where they are missing. What
 * is there already stays, also an index that no schema declares any more.
 * @throws when an index of the same name has other keys or options: a migration has to drop it first
 */
export async function buildCollections(models: readonly Built[], logger: Logger): Promise<void> {
  for (const model of models) {
    const { collectionName: collection } = model.collection
    await model.createCollection()
    const before = await indexNames(model)
    await model.createIndexes()
    const built = (await indexNames(model)).filter((name) => !before.includes(name))
    logger.info({ collection, built, kept: before }, 'indexes are in place')
  }
}

const indexNames = async (model: Built): Promise<string[]> =>
  (await model.listIndexes()).map(({ name }) => String(name))

import type { Connection, mongo } from 'mongoose'
import type { TestServer } from './containers.ts'

type Document = mongo.BSON.Document

/** A query that ran, and how the server goes about it. */
export interface ExplainedQuery {
  /** `find users {"email":1}`: the command, its collection, and what it asks for, without values. */
  readonly query: string
  /** Whether it goes by an index, and in no part through a whole collection. */
  readonly usesIndex: boolean
  /** How many documents are read to answer it; an index that does not fit the query reads all. */
  readonly examined: number
  /** All stages of the plan, such as `IXSCAN`, `FETCH`, `SORT`; reading everything is a `COLLSCAN`. */
  readonly stages: readonly string[]
  /** The whole answer of `explain`, to read when a test fails. */
  readonly plan: Document
}

/** What a URL needs for `explainQueries`. */
export const monitored = (url: string): string => `${url}?monitorCommands=true`

/**
 * To be called once a suite has filled its collections. MongoDB tries plans out and needs nothing; the
 * stand-in that takes its place where no registry is (`../shared/stack`) chooses them by statistics. Those
 * come by themselves within a minute; until then it takes any query for one that finds next to nothing.
 */
export async function settlePlans({ container }: TestServer): Promise<void> {
  const analyze = `for psql in /usr/lib/postgresql/*/bin/psql; do
    if [ -x "$psql" ]; then "$psql" -h /data/db/standin-pg -U mongodb -d postgres -c ANALYZE; fi
  done`
  const { exitCode, output } = await container.exec(['sh', '-c', analyze])
  if (exitCode !== 0) throw new Error(`no statistics were made: ${output}`)
}

/**
 * Runs something and explains every query that it made, as the code sent it: finds, counts, aggregations,
 * updates and deletions (each statement of a batch by itself). Plain inserts ask for nothing and are left out.
 * Plans are made afterwards, on what `run` left in the database, and change nothing there.
 * @param connection opened with a `monitored` URL, and used by nobody else meanwhile
 * @throws when no query was seen, so a test cannot pass by explaining nothing
 */
export async function explainQueries(
  connection: Connection,
  run: () => Promise<unknown>,
): Promise<ExplainedQuery[]> {
  const client = connection.getClient()
  const statements: Document[] = []
  const keep = ({ databaseName, command }: mongo.CommandStartedEvent): void => {
    if (databaseName === connection.name) statements.push(...toStatements(command))
  }
  client.on('commandStarted', keep)
  try {
    await run()
  } finally {
    client.off('commandStarted', keep)
  }
  if (statements.length === 0) throw new Error('no query was seen; is the URL a monitored one?')

  const database = client.db(connection.name)
  const explained: ExplainedQuery[] = []
  for (const statement of statements) {
    const plan = await database.command({ explain: statement, verbosity: 'executionStats' })
    const stages = valuesOf('stage', valuesOf('winningPlan', plan)).map(String)
    explained.push({
      query: describeQuery(statement),
      usesIndex: stages.some((stage) => byIndex.test(stage)) && !stages.includes('COLLSCAN'),
      examined: Math.max(...valuesOf('totalDocsExamined', plan).map(Number)),
      stages,
      plan,
    })
  }
  return explained
}

const explainable = new Set(['find', 'count', 'distinct', 'aggregate', 'findAndModify', 'update', 'delete'])
/** The commands that carry several statements, and where. */
const batches: Readonly<Record<string, string>> = { update: 'updates', delete: 'deletes' }
/** How a command is sent, not what it asks for; `explain` takes none of them. */
const ofTheSending = new Set(['lsid', 'txnNumber', 'writeConcern', 'readConcern', 'ordered'])

/** What to explain instead of a command that ran: `explain` takes one statement at a time. */
function toStatements(command: Document): Document[] {
  const name = Object.keys(command)[0] ?? ''
  if (!explainable.has(name)) return []
  const asked = Object.fromEntries(
    Object.entries(command).filter(([field]) => !field.startsWith('$') && !ofTheSending.has(field)),
  )
  const batch = batches[name]
  if (batch === undefined) return [asked]
  return (command[batch] as Document[]).map((statement) => ({ ...asked, [batch]: [statement] }))
}

function describeQuery(statement: Document): string {
  const [name = '', collection] = Object.entries(statement)[0] ?? []
  const { filter, query, pipeline, updates, deletes } = statement
  const asked: unknown = filter ?? query ?? pipeline ?? updates?.[0].q ?? deletes?.[0].q
  return `${name} ${String(collection)} ${JSON.stringify(withoutValues(asked))}`
}

/** Fields and operators only, so that a test may name the query. */
function withoutValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.some(isPlain) ? value.map(withoutValues) : 1
  if (!isPlain(value)) return 1
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutValues(inner)]))
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** The ways to find by an index, the short ones by id among them. */
const byIndex = /IXSCAN|IDHACK|EXPRESS|COUNT_SCAN|DISTINCT_SCAN/

/** Everything that a field of this name holds, however deep. */
function valuesOf(name: string, within: unknown): unknown[] {
  if (typeof within !== 'object' || within === null) return []
  return Object.entries(within).flatMap(([key, inner]) => [
    ...(key === name ? [inner] : []),
    ...valuesOf(name, inner),
  ])
}

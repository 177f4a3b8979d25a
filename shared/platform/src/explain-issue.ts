import type { z } from 'zod'

const wordsForTypes: Readonly<Record<string, string>> = {
  string: 'must be a text',
  number: 'must be a number',
  nan: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
}

const wordsForFormats: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  email: 'must be an e-mail address',
  url: 'must be a URL',
  datetime: 'must be a time such as 2026-01-31T12:00:00.000Z',
}

/** Names of fields come from whoever sent them: only a few are repeated, and no long one. */
const fieldsNamed = 3
const lettersNamed = 40

/**
 * What is wrong with a value, in words for whoever reads the answer; the field is named beside them. This is
 * zod's `error` for every schema that checks what came from outside; a schema's own words come before these.
 */
export const explainIssue: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && issue.code !== 'custom') return 'is required'
  switch (issue.code) {
    case 'invalid_type':
      return wordsForTypes[issue.expected] ?? 'is not acceptable'
    case 'too_small':
      return `must ${atLeast(issue)}`
    case 'too_big':
      return `must ${atMost(issue)}`
    case 'invalid_format':
      return wordsForFormats[issue.format] ?? 'is not well formed'
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of: ${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return 'has none of the forms that are taken here'
    case 'unrecognized_keys':
      return unknownFields(issue.keys)
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      break
  }
  return 'is not acceptable'
}

type RawIssue<T extends z.core.$ZodIssueBase> = z.core.$ZodRawIssue<T>

function atLeast({ origin, minimum, inclusive }: RawIssue<z.core.$ZodIssueTooSmall>): string {
  if (origin === 'string') return minimum === 1 ? 'not be empty' : `have at least ${minimum} characters`
  if (origin === 'array') return `have at least ${entries(minimum)}`
  return inclusive === false ? `be more than ${minimum}` : `be at least ${minimum}`
}

function atMost({ origin, maximum, inclusive }: RawIssue<z.core.$ZodIssueTooBig>): string {
  if (origin === 'string') return `have at most ${maximum} characters`
  if (origin === 'array') return `have at most ${entries(maximum)}`
  return inclusive === false ? `be less than ${maximum}` : `be at most ${maximum}`
}

const entries = (count: number | bigint): string => `${count} ${Number(count) === 1 ? 'entry' : 'entries'}`

function unknownFields(names: readonly string[]): string {
  const named = names.slice(0, fieldsNamed).map((name) => {
    return name.length > lettersNamed ? `${name.slice(0, lettersNamed).toWellFormed()}…` : name
  })
  const others = names.length - named.length
  const list = `${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`
  return names.length === 1
    ? `has a field that is not known here: ${list}`
    : `has fields that are not known here: ${list}`
}

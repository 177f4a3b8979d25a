/** Where an operation is called: its path filled with parameters, and its query without what is left out. */
export function operationAddress(
  origin: string,
  path: string,
  {
    params = {},
    query = {},
  }: {
    readonly params?: Readonly<Record<string, string>>
    readonly query?: Readonly<Record<string, string | number | undefined>>
  },
): URL {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const target = new URL(filled, origin)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) target.searchParams.set(name, String(value))
  }
  return target
}

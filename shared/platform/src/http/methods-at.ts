import type { IRouter } from 'express'

/** What `router` (Express 5) keeps of a route, or of a router within. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> }
  readonly handle: Partial<IRouter>
  match(path: string): boolean
}

/** The methods of all routes at a path, in order: none where there is no route. `GET` brings `HEAD` along. */
export function methodsAt(router: IRouter, path: string): readonly string[] {
  const methods = new Set<string>()
  for (const layer of router.stack as unknown as readonly Layer[]) {
    if (layer.route === undefined) {
      if (layer.handle.stack !== undefined)
        for (const method of methodsAt(layer.handle as IRouter, path)) methods.add(method)
    } else if (layer.match(path)) {
      for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase())
    }
  }
  if (methods.has('GET')) methods.add('HEAD')
  return [...methods].toSorted()
}

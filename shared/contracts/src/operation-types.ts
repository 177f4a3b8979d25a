import type { Operation } from './operation.ts'

// Of the schemas only their types, so that zod stays out of an app's bundle.
type Input<S> = S extends { readonly _zod: { readonly input: infer I } } ? I : never
type Output<S> = S extends { readonly _zod: { readonly output: infer R } } ? R : undefined

/** `undefined` stands for leaving it out. */
type Sparse<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** What an operation is called with. */
export type RequestOf<O extends Operation> = (O extends { readonly params: infer S }
  ? { readonly params: Input<S> }
  : unknown) &
  (O extends { readonly query: infer S } ? { readonly query?: Sparse<Output<S>> } : unknown) &
  (O extends { readonly body: infer S } ? { readonly body: Input<S> } : unknown)

/** What it answers when all is well. */
export type ResponseOf<O extends Operation> = Output<O['responses'][keyof O['responses']]>

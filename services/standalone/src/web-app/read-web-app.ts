import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

export interface WebFile {
  readonly bytes: Buffer
  /** The same, compressed, where that makes it smaller. */
  readonly compressed: Readonly<Partial<Record<'br' | 'gzip', Buffer>>>
  /** Follows from the content. */
  readonly etag: string
  /** Begins with a dot; tells the type. */
  readonly extension: string
  /** Its name changes with its content. */
  readonly hashed: boolean
}

/** By path as in an address, such as `/assets/index-B3kq0a1c.js`. */
export type WebApp = ReadonlyMap<string, WebFile>

const compressible = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest', '.xml'])

/**
 * Reads the built web app into memory (some hundred kilobytes), so that nothing but what was built can ever be
 * served, and a build that runs meanwhile mixes up nothing.
 * @param folder of the build
 * @returns nothing when the app is not built
 */
export function readWebApp(folder: string): WebApp | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [`/${relative(folder, file).replaceAll(sep, '/')}`, file] as const)
      .map(([path, file]) => [path, readWebFile(path, readFileSync(file))]),
  )
}

function readWebFile(path: string, bytes: Buffer): WebFile {
  const extension = extname(path)
  return {
    bytes,
    compressed: compressible.has(extension) ? compress(bytes) : {},
    // A weak one, since it stands for all encodings.
    etag: `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    extension,
    hashed: path.startsWith('/assets/'),
  }
}

/** As well as a start can wait for: some ten milliseconds. */
function compress(bytes: Buffer): WebFile['compressed'] {
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
  const gzip = gzipSync(bytes, { level: 9 })
  return {
    ...(br.length < bytes.length ? { br } : {}),
    ...(gzip.length < bytes.length ? { gzip } : {}),
  }
}

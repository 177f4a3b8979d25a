import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join('services', 'web')
const index = readFileSync(join(folder, 'index.html'), 'utf8')

interface Manifest {
  readonly icons: readonly { src: string; sizes: string; type: string; purpose?: string }[]
}

/** Width and height, as the head of a PNG has them. */
function sizeOfPng(file: string): string {
  const bytes = readFileSync(file)
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  return `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`
}

it('the manifest names icons that are there, as large as it says, and a maskable one', () => {
  const [, href] = /<link rel="manifest" href="([^"]+)"/.exec(index)!
  const { icons } = JSON.parse(readFileSync(join(folder, 'public', href!), 'utf8')) as Manifest
  for (const { src, sizes, type } of icons) {
    const file = join(folder, 'public', src)
    if (type === 'image/png') expect([src, sizeOfPng(file)]).toEqual([src, sizes])
    else expect(readFileSync(file, 'utf8')).toContain('<svg')
  }
  expect(icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']))
  expect(icons.some(({ purpose }) => purpose === 'maskable')).toBe(true)
  const [, touch] = /<link rel="apple-touch-icon" href="([^"]+)"/.exec(index)!
  expect(sizeOfPng(join(folder, 'public', touch!))).toBe('180x180')
})

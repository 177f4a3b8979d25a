import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBrowser } from './open-windows.ts'

/** The app's icons as PNG, drawn from its SVG: npm run icons. */
const target = join('services', 'web', 'public')
const svg = readFileSync(join(target, 'icon.svg'), 'utf8')

/** Of a maskable icon, a device may cut off all but a circle of four fifths. */
const icons = [
  { name: 'icon-192.png', size: 192, part: 0.94, colours: { sign: '#0f766e', dots: '#fff', back: 'none' } },
  { name: 'icon-512.png', size: 512, part: 0.94, colours: { sign: '#0f766e', dots: '#fff', back: 'none' } },
  {
    name: 'icon-180.png',
    size: 180,
    part: 0.66,
    colours: { sign: '#fff', dots: '#0f766e', back: '#0f766e' },
  },
  {
    name: 'icon-maskable-512.png',
    size: 512,
    part: 0.56,
    colours: { sign: '#fff', dots: '#0f766e', back: '#0f766e' },
  },
] as const

const windows = await startBrowser()
try {
  const { page } = await windows.open('about:blank')
  for (const { name, size, part, colours } of icons) {
    const drawn = svg
      .replaceAll('#fff', 'DOTS')
      .replaceAll('#0f766e', colours.sign)
      .replaceAll('DOTS', colours.dots)
      .replace('<svg', `<svg width="${size * part}" height="${size * part}"`)
    await page.setViewportSize({ width: size, height: size })
    await page.setContent(
      `<body style="margin:0;height:100vh;display:grid;place-items:center;background:${colours.back}">${drawn}`,
    )
    await page.screenshot({ path: join(target, name), omitBackground: true })
    process.stdout.write(`${join(target, name)}\n`)
  }
} finally {
  await windows.end()
}

import { existsSync } from 'node:fs'

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The Chromium of this machine, or the one that PARLEY_CHROMIUM names. */
export const findChromium = (): string | undefined =>
  [process.env['PARLEY_CHROMIUM'] ?? [], usualPlaces].flat().find((path) => existsSync(path))

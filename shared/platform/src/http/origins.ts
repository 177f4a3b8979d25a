import { z } from 'zod'

/** As a browser sends it: scheme, host and port, nothing behind. */
const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text

/** A setting: a list of web origins with commas between them. */
export const origins = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
  )
  .refine((list) => list.every(isOrigin), 'must be origins such as https://chat.example.com, with commas')

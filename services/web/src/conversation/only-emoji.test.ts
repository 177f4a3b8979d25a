import { isOnlyEmoji } from './only-emoji.ts'

it.each(['👋', '👩‍👩‍👧‍👦 🏳️‍🌈', '❤️👍🏽🎉'])('%s is shown large', (text) => {
  expect(isOnlyEmoji(text)).toBe(true)
})

it.each(['1', 'ok 👍', '👍👍👍👍', ''])('%j is not', (text) => {
  expect(isOnlyEmoji(text)).toBe(false)
})

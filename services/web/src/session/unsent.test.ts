import { whatIsLost } from './unsent.ts'

it.each([
  [0, 0, undefined],
  [1, 0, 'one message that the server has not got yet'],
  [0, 1, 'one draft'],
  [3, 2, '3 messages that the server has not got yet and 2 drafts'],
])('%i messages and %i drafts', (messages, drafts, words) => {
  expect(whatIsLost(messages, drafts)).toBe(words)
})

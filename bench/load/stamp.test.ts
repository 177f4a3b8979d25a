import { readStamp, stampedText } from './stamp.ts'

it('is found again in whatever frame the text comes', () => {
  const frame = `42["timeline:entry",${JSON.stringify({ seq: 3, body: { text: stampedText(12, 3_456) } })}]`
  expect(readStamp(frame)).toEqual({ run: 12, index: 3_456 })
})

it('is missing where a message is not of the bench', () => {
  expect(readStamp('42["presence",{"online":true}]')).toBeUndefined()
})

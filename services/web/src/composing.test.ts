import { isForComposition } from './composing.ts'

it('leaves to an input method what is for it, as Chromium, Firefox and Safari tell it', () => {
  expect(isForComposition({ isComposing: true, keyCode: 229 })).toBe(true)
  expect(isForComposition({ isComposing: true, keyCode: 13 })).toBe(true)
  expect(isForComposition({ isComposing: false, keyCode: 229 })).toBe(true)
  expect(isForComposition({ isComposing: false, keyCode: 13 })).toBe(false)
})

/** What people write: many scripts, both directions, combining marks, joined emoji, and things that look like code. */
const phrases = [
  'Hello there',
  'Grüße aus Köln',
  'Πώς είσαι σήμερα;',
  'Как дела? Всё хорошо.',
  'שלום, מה שלומך היום?',
  'مرحبا، كيف حالك اليوم؟',
  'English and עברית and English again',
  'नमस्ते, आप कैसे हैं?',
  'สวัสดีครับ',
  '你好，最近怎么样？',
  'こんにちは、お元気ですか',
  '안녕하세요, 잘 지내세요?',
  'Za\u0301z\u030Co\u0301ł\u0107 — combining marks, not composed',
  'Z̸̢̛͎a̵͇͐l̶͔̈́g̷̙̀o̶̰͌',
  '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇵🇱',
  '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒷𝑒𝓎𝑜𝓃𝒹 𝓉𝒽𝑒 𝒷𝒶𝓈𝒾𝒸 𝓅𝓁𝒶𝓃𝑒',
  '\u202Eright-to-left override\u202C and back',
  '<b>not bold</b> <script>alert(1)</script>',
  "Robert'); DROP TABLE entries;--",
  '{"$ne": null, "__proto__": {"admin": true}}',
  'line one\nline two\r\n\ttabbed',
  'zero\u200Bwidth\u200Dmarks\uFEFF',
] as const

const longest = 4_000

/**
 * A text of at most 4,000 characters. About one in fifty is exactly that long.
 * @param below a random integer from 0 to its argument, exclusive
 */
export function createText(index: number, below: (limit: number) => number): string {
  const phrase = phrases[below(phrases.length)]!
  const text = `#${index} ${phrase}`
  if (below(50) > 0) return text
  const characters = Array.from(text)
  while (characters.length < longest) characters.push(...Array.from(phrase))
  return characters.slice(0, longest).join('')
}

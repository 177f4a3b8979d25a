/**
 * The text of an answer, read as it comes.
 * @param onBytes told whenever some of it came. A `fetch` without streams, as React Native has, tells nothing
 */
export async function readText(response: Response, onBytes: () => void): Promise<string> {
  // Null without content, and undefined where there are no streams.
  const reader = (response.body as Response['body'] | undefined)?.getReader()
  if (reader === undefined) return response.text()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    onBytes()
    text += decoder.decode(value, { stream: true })
  }
}

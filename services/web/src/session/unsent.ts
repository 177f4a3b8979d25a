/** What is lost by logging out, in words; undefined: nothing is. */
export function whatIsLost(messages: number, drafts: number): string | undefined {
  const parts = [
    messages > 0
      ? `${messages === 1 ? 'one message' : `${messages} messages`} that the server has not got yet`
      : [],
    drafts > 0 ? (drafts === 1 ? 'one draft' : `${drafts} drafts`) : [],
  ].flat()
  return parts.length === 0 ? undefined : parts.join(' and ')
}

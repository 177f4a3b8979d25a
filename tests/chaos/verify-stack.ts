import type { ComposedStack } from '../stack/composed-stack.ts'

/** Runs the checker for live data in a chat container. Resolves to what it found; empty: nothing. */
export async function verifyStack(stack: ComposedStack): Promise<string> {
  try {
    await stack.compose('exec', '-T', 'chat', 'node', 'services/chat/src/verify.ts')
    return ''
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return `${stdout}${stderr}`.trim() || String(error)
  }
}

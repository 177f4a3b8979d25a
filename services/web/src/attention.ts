import { type ReadonlySignal, signal } from '@preact/signals-core'

/** Whether the user looks at this page: it is visible, and has the focus. */
export interface Attention {
  readonly isHere: ReadonlySignal<boolean>
  /** Whether the user looks at this page, or at another tab of it. */
  isAnywhere(): Promise<boolean>
  close(): void
}

/** Held by the tab that the user looks at, so that the others can tell. */
const lockName = 'parley.looking'

export function watchAttention(window: Window): Attention {
  const { document, navigator } = window
  const look = (): boolean => !document.hidden && document.hasFocus()
  const isHere = signal(false)
  let letGo: (() => void) | undefined

  function set(next: boolean): void {
    if (next === isHere.value) return
    isHere.value = next
    letGo?.()
    // Only on https and on localhost; elsewhere each tab knows of itself alone.
    if (!next || !('locks' in navigator)) return
    const gone = new Promise<void>((resolve) => {
      letGo = resolve
    })
    navigator.locks.request(lockName, { mode: 'shared' }, () => gone).catch(() => undefined)
  }
  const onChange = (): void => set(look())

  window.addEventListener('focus', onChange)
  window.addEventListener('blur', onChange)
  document.addEventListener('visibilitychange', onChange)
  onChange()

  return {
    isHere,
    async isAnywhere() {
      if (isHere.value || !('locks' in navigator)) return isHere.value
      const { held = [] } = await navigator.locks.query()
      return held.some(({ name }) => name === lockName)
    },
    close() {
      set(false)
      window.removeEventListener('focus', onChange)
      window.removeEventListener('blur', onChange)
      document.removeEventListener('visibilitychange', onChange)
    },
  }
}

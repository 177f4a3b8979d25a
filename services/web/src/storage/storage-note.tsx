import { type ReadonlySignal, signal } from '@preact/signals'
import { CloseIcon } from '../icons.tsx'

/** Said once: until the page is loaded again. */
const isDismissed = signal(false)

/** Says that the browser keeps nothing, so that nobody counts on it. */
export function StorageNote({ isKept }: { isKept: ReadonlySignal<boolean> }) {
  if (isKept.value || isDismissed.value) return null
  return (
    <p class="storage-note" role="note">
      <span>
        This browser cannot keep anything for this page: drafts, and messages that are not sent yet, are lost
        when you close it.
      </span>
      <button
        class="button-icon"
        type="button"
        aria-label="Dismiss"
        onClick={() => (isDismissed.value = true)}
      >
        <CloseIcon />
      </button>
    </p>
  )
}

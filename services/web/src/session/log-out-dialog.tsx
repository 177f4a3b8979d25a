import { useEffect, useRef } from 'preact/hooks'

/** Asks before something is lost that only this browser has. */
export function LogOutDialog({
  lost,
  onClose,
  onLogOut,
}: {
  lost: string
  onClose: () => void
  onLogOut: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="log-out-title"
      aria-describedby="log-out-lost"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="dialog-body">
        <h2 id="log-out-title">Log out and lose what is not sent?</h2>
        <p id="log-out-lost">Only this browser has {lost}. Logging out deletes that.</p>
        <div class="dialog-buttons">
          <button class="button-quiet" type="button" onClick={() => dialog.current?.close()}>
            Stay
          </button>
          <button class="button-danger" type="button" onClick={onLogOut}>
            Log out anyway
          </button>
        </div>
      </div>
    </dialog>
  )
}

import { useEffect, useRef } from 'preact/hooks'

/** Asks before messages are lost that the server has not accepted. */
export function LogOutDialog({ onClose, onLogOut }: { onClose: () => void; onLogOut: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="log-out-title" onClose={onClose}>
      <div class="dialog-body">
        <h2 id="log-out-title">Log out and lose messages?</h2>
        <p>Some messages are not sent yet. They will be lost when you log out.</p>
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

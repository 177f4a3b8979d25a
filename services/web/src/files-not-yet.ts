import { type ReadonlySignal, signal } from '@preact/signals'

/** How long a word stays after the last cause for it. */
const staysMs = 4_000
const isFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') === true

/**
 * Takes care of files that are dragged or pasted here: left alone, the browser would show them instead of the page.
 * @returns what there is to say about it, for a while
 */
export function refuseFiles(window: Window): ReadonlySignal<string | undefined> {
  const said = signal<string | undefined>(undefined)
  let ending: ReturnType<typeof setTimeout> | undefined

  function say(): void {
    said.value = 'Files cannot be sent yet.'
    clearTimeout(ending)
    ending = setTimeout(() => (said.value = undefined), staysMs)
  }
  function onDrag(event: DragEvent): void {
    if (!isFiles(event.dataTransfer)) return
    event.preventDefault()
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'none'
    say()
  }
  for (const type of ['dragenter', 'dragover', 'drop'] as const) window.addEventListener(type, onDrag)
  window.addEventListener('paste', ({ clipboardData }) => {
    // What is copied from a page or an office document may come as a picture too; the text of it is pasted.
    if (isFiles(clipboardData) && clipboardData?.types.includes('text/plain') !== true) say()
  })
  return said
}

import type { FieldName } from './form-faults.ts'

/** A field with its label, a hint, and what is wrong with it; all of that is read out with it. */
export function FormField({
  name,
  label,
  fault,
  hint,
  type = 'text',
  autoComplete,
}: {
  name: FieldName
  label: string
  fault: string | undefined
  hint?: string | undefined
  type?: 'text' | 'email' | 'password'
  autoComplete: string
}) {
  const note = fault ?? hint
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        // Typed by what each type allows, and nothing of that is used.
        {...({ type } as { type: 'text' })}
        dir="auto"
        required
        aria-invalid={fault !== undefined}
        aria-describedby={note === undefined ? undefined : `${name}-note`}
        autoComplete={autoComplete}
      />
      {note !== undefined && (
        <p class={fault === undefined ? 'hint' : 'fault'} id={`${name}-note`}>
          {note}
        </p>
      )}
    </div>
  )
}

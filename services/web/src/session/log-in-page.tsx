import { useEffect, useRef, useState } from 'preact/hooks'
import { Mark } from '../icons.tsx'
import { fieldFaults, problemText } from '../problem-text.ts'
import {
  type Faults,
  faultsOf,
  type FieldName,
  fieldNames,
  type Fields,
  passwordMinLength,
} from './form-faults.ts'
import { FormField } from './form-field.tsx'
import type { Session } from './session.ts'

/** Logging in and signing up. What is wrong stands at its field, and goes when the field changes. */
export function LogInPage({ session }: { session: Session }) {
  const [isNew, setIsNew] = useState(false)
  const [faults, setFaults] = useState<Faults>({})
  const [problem, setProblem] = useState<string>()
  const [asksInvite, setAsksInvite] = useState(false)
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const notice = session.notice.value
  const input = (name: FieldName): HTMLInputElement | null =>
    form.current?.querySelector(`[name=${name}]`) ?? null

  useEffect(() => {
    form.current?.querySelector('input')?.focus()
  }, [isNew])

  // Few servers ask for one, and only when there is none.
  useEffect(() => {
    if (asksInvite) input('invite')?.focus()
  }, [asksInvite])

  /** Shows what is wrong where it is wrong, and leads to the first of it. */
  function point(out: Faults): void {
    setFaults(out)
    const first = fieldNames.find((name) => out[name] !== undefined)
    if (first !== undefined) input(first)?.focus()
  }

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (busy) return
    const fields = Object.fromEntries(
      fieldNames.flatMap((name) => (name === 'invite' ? [] : [[name, input(name)?.value ?? '']])),
    ) as unknown as Fields
    const wrong = faultsOf(fields, isNew)
    setProblem(undefined)
    point(wrong)
    if (Object.keys(wrong).length > 0) return
    setBusy(true)
    const { email, password } = fields
    const invite = input('invite')?.value.trim() ?? ''
    let isMade = false
    try {
      if (isNew) {
        await session.register({ ...fields, ...(invite !== '' && { invite }) })
        isMade = true
      }
      await session.logIn({ email, password })
    } catch (error) {
      setBusy(false)
      if (isMade) {
        setIsNew(false)
        return setProblem(`Your account is ready. ${problemText(error)}`)
      }
      const told = fieldFaults(error)
      if (told['invite'] !== undefined) setAsksInvite(true)
      if (fieldNames.some((name) => told[name] !== undefined)) return point(told)
      setProblem(problemText(error))
      input(isNew ? 'email' : 'password')?.focus()
    }
  }

  function turn(): void {
    setIsNew(!isNew)
    setProblem(undefined)
    setFaults({})
  }

  return (
    <main class="log-in">
      <div class="log-in-card">
        <Mark size={48} />
        <h1>{isNew ? 'Join Parley' : 'Welcome to Parley'}</h1>
        {notice !== undefined && problem === undefined && <p class="log-in-notice">{notice}</p>}
        <form
          ref={form}
          // The bubbles of browsers say less, and go by themselves.
          noValidate
          onSubmit={(event) => void submit(event)}
          onInput={({ target }) => {
            setProblem(undefined)
            if (target instanceof HTMLInputElement) setFaults({ ...faults, [target.name]: undefined })
          }}
        >
          {isNew && (
            <div class="log-in-names">
              <FormField
                name="firstName"
                label="First name"
                fault={faults.firstName}
                autoComplete="given-name"
              />
              <FormField
                name="lastName"
                label="Last name"
                fault={faults.lastName}
                autoComplete="family-name"
              />
            </div>
          )}
          <FormField name="email" label="E-mail" fault={faults.email} type="email" autoComplete="username" />
          <FormField
            name="password"
            label="Password"
            fault={faults.password}
            hint={isNew ? `At least ${passwordMinLength} characters.` : undefined}
            type="password"
            autoComplete={isNew ? 'new-password' : 'current-password'}
          />
          {isNew && asksInvite && (
            <FormField name="invite" label="Invite code" fault={faults.invite} autoComplete="off" />
          )}
          <p class="log-in-problem" role="alert">
            {problem}
          </p>
          <button class="button-main" type="submit" aria-busy={busy}>
            {isNew ? 'Sign up' : 'Log in'}
          </button>
        </form>
        <button class="button-link" type="button" onClick={turn}>
          {isNew ? 'I have an account' : 'Create an account'}
        </button>
      </div>
    </main>
  )
}

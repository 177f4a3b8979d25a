import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { problemText } from '../problem-text.ts'
import type { Session } from './session.ts'

export function LogInPage({ session }: { session: Session }) {
  const [isNew, setIsNew] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const notice = session.notice.value

  useEffect(() => {
    form.current?.querySelector('input')?.focus()
  }, [isNew])

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (form.current === null || busy) return
    const fields = new FormData(form.current)
    const field = (name: string): string => {
      const value = fields.get(name)
      return typeof value === 'string' ? value : ''
    }
    const credentials = { email: field('email'), password: field('password') }
    setBusy(true)
    setProblem(undefined)
    try {
      if (isNew)
        await session.signUp({
          ...credentials,
          firstName: field('firstName'),
          lastName: field('lastName'),
        })
      else await session.logIn(credentials)
    } catch (error) {
      setProblem(problemText(error))
      setBusy(false)
      form.current?.querySelector<HTMLInputElement>(isNew ? 'input' : '[name=password]')?.focus()
    }
  }

  function turn(): void {
    setIsNew(!isNew)
    setProblem(undefined)
  }

  return (
    <main class="log-in">
      <div class="log-in-card">
        <img class="log-in-mark" src="/icon.svg" alt="" width="48" height="48" />
        <h1>{isNew ? 'Join Parley' : 'Welcome to Parley'}</h1>
        {notice !== undefined && problem === undefined && <p class="log-in-notice">{notice}</p>}
        <form ref={form} onSubmit={(event) => void submit(event)}>
          {isNew && (
            <div class="log-in-names">
              <Field id="first-name" label="First name">
                <input {...given('first-name')} name="firstName" autoComplete="given-name" maxLength={100} />
              </Field>
              <Field id="last-name" label="Last name">
                <input {...given('last-name')} name="lastName" autoComplete="family-name" maxLength={100} />
              </Field>
            </div>
          )}
          <Field id="email" label="E-mail">
            <input {...given('email')} name="email" type="email" autoComplete="username" maxLength={254} />
          </Field>
          <Field id="password" label="Password">
            <input
              {...given('password')}
              name="password"
              type="password"
              autoComplete={isNew ? 'new-password' : 'current-password'}
              minLength={isNew ? 8 : 1}
              aria-describedby={isNew ? 'password-hint' : undefined}
            />
            {isNew && (
              <p class="hint" id="password-hint">
                At least 8 characters.
              </p>
            )}
          </Field>
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

/** What every field of the form has. */
const given = (id: string) => ({ id, required: true, dir: 'auto' as const })

const Field = ({ id, label, children }: { id: string; label: string; children: ComponentChildren }) => (
  <div class="field">
    <label for={id}>{label}</label>
    {children}
  </div>
)

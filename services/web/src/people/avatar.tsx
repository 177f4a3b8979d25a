import type { Person } from '@parley/contracts/users.ts'
import { initials, tintOf } from './person-name.ts'

/** A person's initials in their colour, and a dot when they are online. What it shows is said in words elsewhere. */
export function Avatar({
  person,
  userId,
  online,
}: {
  person: Person | undefined
  userId: string
  online?: boolean
}) {
  return (
    <span class="avatar" data-tint={tintOf(userId)} aria-hidden="true">
      {initials(person)}
      {online === true && <span class="avatar-dot" />}
    </span>
  )
}

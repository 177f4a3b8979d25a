import type { Person } from '@parley/contracts/users.ts'
import { initials } from './person-name.ts'
import { tintOf } from './tint.ts'

/** A person's initials in their colour, and a dot when they are online. What it shows is said in words elsewhere. */
export const Avatar = ({ person, online }: { person: Person | undefined; online?: boolean }) => (
  // Somebody who is not known yet has no colour.
  <span class="avatar" data-tint={person && tintOf(person)} aria-hidden="true">
    {initials(person)}
    {online === true && <span class="avatar-dot" />}
  </span>
)

import type { ComponentChildren } from 'preact'

/** An icon of 24 by 24; it says nothing to a screen reader unless it has a name. */
function Icon({ name, children }: { name?: string | undefined; children: ComponentChildren }) {
  const says = name === undefined ? { 'aria-hidden': true } : { role: 'img' as const, 'aria-label': name }
  return (
    <svg class="icon" viewBox="0 0 24 24" {...says}>
      {children}
    </svg>
  )
}

/** The sign of Parley, as in `icon.svg`. It is here, and not a file of its own, so that it is there offline too. */
export const Mark = ({ size }: { size: number }) => (
  <svg class="mark-of-parley" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
    <path d="M16 3C8.3 3 2 8.2 2 14.6c0 3.7 2.1 7 5.4 9.1-.1 1.7-.8 3.3-1.9 4.6-.3.4 0 .9.5.8 3-.4 5.4-1.5 7-2.7 1 .1 2 .2 3 .2 7.7 0 14-5.2 14-11.9S23.7 3 16 3z" />
    <circle cx="10" cy="15" r="2" />
    <circle cx="16" cy="15" r="2" />
    <circle cx="22" cy="15" r="2" />
  </svg>
)
export const BackIcon = () => (
  <Icon>
    <path d="m15 5-7 7 7 7" />
  </Icon>
)
export const SendIcon = () => (
  <Icon>
    <path d="M12 20V5m-6 6 6-6 6 6" />
  </Icon>
)
export const DownIcon = () => (
  <Icon>
    <path d="M12 5v14m-6-6 6 6 6-6" />
  </Icon>
)
export const CloseIcon = () => (
  <Icon>
    <path d="m6 6 12 12M18 6 6 18" />
  </Icon>
)
export const MoreIcon = () => (
  <Icon>
    <path d="M5 12h.01M12 12h.01M19 12h.01" />
  </Icon>
)
export const LogOutIcon = () => (
  <Icon>
    <path d="M14 4h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4M10 8l-4 4 4 4M6 12h9" />
  </Icon>
)
export const BellIcon = ({ off }: { off: boolean }) => (
  <Icon>
    <path d="M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500h4" />
    {off && <path d="M4 4l16 16" />}
  </Icon>
)
export const SearchIcon = () => (
  <Icon>
    <path d="M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zm5 12 4 4" />
  </Icon>
)
export const ClockIcon = ({ name }: { name?: string }) => (
  <Icon name={name}>
    <path d="M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zm0 4v4l3 2" />
  </Icon>
)
export const TickIcon = ({ name }: { name: string }) => (
  <Icon name={name}>
    <path d="m6 12.500 4 4 8-9" />
  </Icon>
)
export const TwoTicksIcon = ({ name }: { name: string }) => (
  <Icon name={name}>
    <path d="m2 12.500 4 4 8-9M11 15.500l1 1 8-9" />
  </Icon>
)
export const FailedIcon = ({ name }: { name?: string }) => (
  <Icon name={name}>
    <path d="M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zm0 4v5m0 3v.100" />
  </Icon>
)

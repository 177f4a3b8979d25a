import type { Connection } from './connection.ts'

const words = {
  connecting: 'Connecting…',
  offline: 'You are offline. Messages are sent when you are back.',
  'catching-up': 'Catching up…',
  'no-socket': 'Live updates are not getting through. Messages arrive with a delay.',
  'too-many-sockets':
    'Parley is open in too many places. Close some: until then messages arrive here with a delay.',
  'server-failing': 'The server cannot answer right now. Trying again…',
} as const

/** Always there, so that a screen reader notices when it begins to speak. */
export function ConnectionBanner({ connection }: { connection: Connection }) {
  const state = connection.banner.value
  return (
    <div class="banner" role="status" data-state={state ?? 'live'}>
      {state !== undefined && <span>{words[state]}</span>}
    </div>
  )
}

/**
 * Settings of the services under load: limits that would refuse what all comes from one address or one user are lifted, tokens
 * live as long as a run, and passwords are cheap to hash, since people are made at the set-up and not measured.
 * Nothing else is changed: what is measured has its standard settings.
 */
export const benchSettings = {
  BCRYPT_COST: '4',
  AUTH_ATTEMPTS_PER_ADDRESS: '1000000',
  REGISTRATIONS_PER_ADDRESS: '1000000',
  SENDS_PER_SECOND: '1000000',
  SENDS_BURST: '1000000',
  SEND_BYTES_PER_HOUR: '1000000000000',
  READS_PER_SECOND: '1000000',
  READS_BURST: '1000000',
  REFRESHES_PER_MINUTE: '1000000',
  ACCESS_TOKEN_SECONDS: '86400',
  SOCKET_EVENTS_PER_SECOND: '10000',
  SOCKET_EVENTS_BURST: '10000',
  SOCKETS_PER_USER: '100000',
  SOCKETS_PER_ADDRESS: '100000',
} as const

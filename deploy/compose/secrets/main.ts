import { SecretFileError } from '../../../shared/platform/src/secrets/secret-file.ts'
import { makeSecrets } from './make-secrets.ts'

const usage = `Makes the secrets of the stack that are missing, each in the volume of the container that reads it.

  docker compose run --rm secrets

What exists stays as it is, so this can be run at any time; "docker compose up" runs it before all else.
Nothing secret is printed. To read one:

  docker compose exec rabbitmq cat /run/secrets/password

To put another key in the place of the one that access tokens are signed with, while all goes on:

  docker compose --profile tools run --rm --build rotate-keys

To renew the refresh-secret, which ends all sessions, remove it first:

  docker compose run --rm --entrypoint rm secrets /secrets/auth/refresh-secret
  docker compose run --rm secrets
  docker compose restart auth

Likewise the password of a service at RabbitMQ or Redis, with which its address and its rights are made anew:

  docker compose run --rm --entrypoint rm secrets /secrets/rabbitmq/realtime-password
  docker compose run --rm secrets
  docker compose restart rabbitmq realtime

The passwords of MongoDB are taken over when it first starts, and later stay as they are in there.
`

/** `EX_USAGE` of sysexits.h. */
const EXIT_USAGE = 64

const args = process.argv.slice(2)
if (args.length === 0) {
  try {
    for (const [consumer, { made, kept }] of Object.entries(makeSecrets('/secrets'))) {
      const said = made.length > 0 ? [`made ${made.join(', ')}`] : []
      if (kept.length > 0) said.push(`kept ${kept.join(', ')}`)
      process.stdout.write(`${consumer}: ${said.join('; ')}\n`)
    }
  } catch (error) {
    if (!(error instanceof SecretFileError)) throw error
    process.stderr.write(`secrets: ${error.message} (docker compose run --rm secrets --help says how)\n`)
    process.exitCode = 1
  }
} else if (args.length === 1 && args[0] === '--help') {
  process.stdout.write(usage)
} else {
  process.stderr.write(usage)
  process.exitCode = EXIT_USAGE
}

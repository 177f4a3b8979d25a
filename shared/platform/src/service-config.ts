import { z } from 'zod'
import { type RequestLimits, standardLimits } from './http/request-limits.ts'
import { hosts } from './http/hosts.ts'
import { origins } from './http/origins.ts'
import { standardRequestsPerUser } from './http/user-shares.ts'
import { logLevels } from './log.ts'
import { wholeNumber } from './whole-number.ts'

/** What every process bounds, whichever services are in it. */
export const requestLimits = {
  HTTP_MAX_REQUESTS: wholeNumber(
    { least: 1, most: 100_000, standard: standardLimits.maxRequests },
    'Requests that may be under way in one process; further ones are refused as `overloaded`',
  ),
  HTTP_MAX_REQUESTS_PER_ADDRESS: wholeNumber(
    { least: 1, most: 100_000, standard: standardLimits.maxRequestsPerAddress },
    'Requests of one network address (IPv6: of its /64) that may be under way in one process; further ones are refused as `rate-limited`',
  ),
}

export const allowedHosts = hosts.meta({
  description:
    'Names under which the API is called, with commas between them, besides addresses, names without a dot and those in `ALLOWED_ORIGINS`; a request for another one is refused (421)',
})

/** Of auth and chat, who know their users. */
export const httpMaxRequestsPerUser = wholeNumber(
  { least: 1, most: 100_000, standard: standardRequestsPerUser },
  'Requests of one user that may be under way in one process; further ones are refused as `rate-limited`',
)

/** The limits of requests as the app takes them. */
export const limitsOf = (config: {
  HTTP_MAX_REQUESTS: number
  HTTP_MAX_REQUESTS_PER_ADDRESS: number
}): RequestLimits => ({
  maxRequests: config.HTTP_MAX_REQUESTS,
  maxRequestsPerAddress: config.HTTP_MAX_REQUESTS_PER_ADDRESS,
})

/** The settings that every process of the stack has, by the names of their environment variables. */
export const serviceConfig = z.object({
  PORT: wholeNumber({ least: 0, most: 65_535, standard: 8_080 }, 'Port to listen on'),
  HOST: z.string().min(1).default('0.0.0.0').meta({ description: 'Address to listen on' }),
  METRICS_PORT: wholeNumber(
    { least: 0, most: 65_535, standard: 9_464 },
    'Port of `/metrics`, which is not served on `PORT`',
  ),
  METRICS_HOST: z
    .string()
    .min(1)
    .default('0.0.0.0')
    .meta({ description: 'Address of `/metrics` to listen on' }),
  LOG_LEVEL: z
    .enum(logLevels)
    .default('info')
    .meta({ description: 'What is logged, as JSON lines on stdout (embedded: stderr)' }),
  SHUTDOWN_DEADLINE_MS: wholeNumber(
    { least: 100, most: 600_000, standard: 15_000 },
    'How long closing may take before the process gives up, in milliseconds',
  ),
  TRUSTED_PROXIES: wholeNumber(
    { least: 0, most: 10, standard: 1 },
    'How many proxies in front may say who the client is (`X-Forwarded-For`)',
  ),
  ...requestLimits,
  ALLOWED_HOSTS: allowedHosts,
  ALLOWED_ORIGINS: origins.meta({
    description: 'Web origins whose pages may call the API and open sockets, with commas between them',
  }),
})
export type ServiceConfig = z.infer<typeof serviceConfig>

const url = (protocols: readonly string[], description: string) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    )
    .meta({ description })

export const mongoUrl = z
  .string()
  .regex(/^mongodb(\+srv)?:\/\/.+\/[^/?]+(\?.*)?$/, 'must be mongodb://host:port/database')
  .meta({ description: 'Address of the service’s own database in MongoDB, with user and password' })
export const rabbitMqUrl = url(['amqp:', 'amqps:'], 'Address of RabbitMQ, with user and password')
export const serviceUrl = (service: string) =>
  url(['http:', 'https:'], `Address of the ${service} service, as its replicas share it`)

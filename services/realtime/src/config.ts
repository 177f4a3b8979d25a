import { failpoint } from '@parley/platform/failpoints.ts'
import { origins } from '@parley/platform/http/origins.ts'
import { redisUrl } from '@parley/platform/redis/redis-address.ts'
import { rabbitMqUrl, serviceConfig, serviceUrl } from '@parley/platform/service-config.ts'
import { tokenConfig } from '@parley/platform/tokens/token-config.ts'
import { wholeNumber } from '@parley/platform/whole-number.ts'
import { z } from 'zod'

/** The realtime gateway's settings, by the names of their environment variables. */
export const realtimeConfig = z.object({
  ALLOWED_ORIGINS: origins.meta({
    description: 'Web origins whose pages may call the API and open sockets, with commas between them',
  }),
  SOCKET_MAX_PAYLOAD_BYTES: wholeNumber(
    { least: 1_024, most: 1_048_576, standard: 65_536 },
    'Largest frame that a client may send; a larger one closes its connection',
  ),
  SOCKET_EVENTS_PER_SECOND: wholeNumber(
    { least: 1, most: 10_000, standard: 50 },
    'Events per second and socket; further ones are refused, and ten times as many close the connection',
  ),
  SOCKET_EVENTS_BURST: wholeNumber(
    { least: 1, most: 10_000, standard: 100 },
    'Events that a socket may send at once after a pause',
  ),
  SOCKET_MAX_BUFFERED_PACKETS: wholeNumber(
    { least: 10, most: 1_000_000, standard: 1_000 },
    'Packets that may wait for a slow client before its connection is closed',
  ),
  SOCKET_MAX_BUFFERED_BYTES: wholeNumber(
    { least: 65_536, most: 1_073_741_824, standard: 4_194_304 },
    'Bytes that may wait for a slow client before its connection is closed',
  ),
  SOCKETS_MAX_BUFFERED_BYTES: wholeNumber(
    { least: 65_536, most: 4_294_967_296, standard: 33_554_432 },
    'Bytes that may wait for slow clients in one process, all of them together; whoever has most of it is closed first. They take about three times as much memory',
  ),
  SOCKETS_PER_USER: wholeNumber(
    { least: 1, most: 1_000_000, standard: 100 },
    'Sockets that a user may have at a gateway, and open at once; after that two more in a second',
  ),
  SOCKETS_PER_ADDRESS: wholeNumber(
    { least: 1, most: 1_000_000, standard: 4_000 },
    'Sockets that a gateway takes from one network address (of IPv6: one /64), those without a token among them',
  ),
  SOCKETS_MAX: wholeNumber(
    { least: 1, most: 1_000_000, standard: 15_000 },
    'Sockets that a gateway takes, those without a token among them',
  ),
  PRESENCE_IDS_PER_SECOND: wholeNumber(
    { least: 1, most: 100_000, standard: 100 },
    'People that a user may ask `presence:watch` about in a second, over all sockets at a gateway',
  ),
  PRESENCE_IDS_BURST: wholeNumber(
    { least: 1, most: 1_000_000, standard: 2_000 },
    'People that a user may ask `presence:watch` about at once after a pause',
  ),
  HANDSHAKE_TIMEOUT_MS: wholeNumber(
    { least: 100, most: 60_000, standard: 10_000 },
    'How long a connection may stay without a token, in milliseconds',
  ),
  PING_INTERVAL_MS: wholeNumber(
    { least: 1_000, most: 120_000, standard: 25_000 },
    'Time between two pings, in milliseconds',
  ),
  PING_TIMEOUT_MS: wholeNumber(
    { least: 1_000, most: 120_000, standard: 20_000 },
    'Time without an answer to a ping until the connection counts as gone, in milliseconds',
  ),
  PRESENCE_TTL_MS: wholeNumber(
    { least: 1_000, most: 600_000, standard: 60_000 },
    'Time until the connections of a killed gateway count as gone, in milliseconds',
  ),
  PRESENCE_GRACE_MS: wholeNumber(
    { least: 0, most: 60_000, standard: 3_000 },
    'Time in which a user may reconnect without being shown as offline, in milliseconds',
  ),
  TYPING_TTL_MS: wholeNumber(
    { least: 1_000, most: 60_000, standard: 6_000 },
    'Time until "is typing" lapses, in milliseconds',
  ),
  MEMBER_CACHE_MS: wholeNumber(
    { least: 0, most: 600_000, standard: 10_000 },
    'How long the members of a conversation are remembered for "is typing", in milliseconds',
  ),
  DRAIN_JITTER_MS: wholeNumber(
    { least: 0, most: 300_000, standard: 5_000 },
    'Clients of a gateway that goes away come back spread over this time, in milliseconds',
  ),
  DRAIN_WAIT_MS: wholeNumber(
    { least: 0, most: 300_000, standard: 3_000 },
    'How long a gateway that goes away waits for events under way, and again for sockets to close, in milliseconds',
  ),
  FAILPOINT: failpoint,
})
export type RealtimeConfig = z.infer<typeof realtimeConfig>

/** The settings of the process that runs the gateway in the stack. */
export const realtimeProcessConfig = z.object({
  ...serviceConfig.shape,
  ...realtimeConfig.shape,
  ...tokenConfig.shape,
  RABBITMQ_URL: rabbitMqUrl,
  REDIS_URL: redisUrl,
  AUTH_URL: serviceUrl('auth'),
  CHAT_URL: serviceUrl('chat'),
})

import { describeLimiters } from './limiter.contract.ts'
import { memoryLimiterFor } from './limiter.ts'

describe('in memory', () => describeLimiters(memoryLimiterFor))
